"""Each format is read back by its own reader, and says what the bank says."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kinesis_sim.course.bank import drawn, items
from kinesis_sim.course.item import Item
from kinesis_sim.course.words import in_language
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.exports import (
    anki_format,
    csv_format,
    exported,
    gift_format,
    left_out,
    moodle_format,
    paper_format,
    plain,
    qti_format,
)
from tests.course.items import MATCH, NUMERIC, ORDER, item, option, texts

AT = 1_780_000_000_000
HARD = item(
    id="K06-hard",
    stem=texts("What of `{a: 1}` = ~#:%\\ & <script>alert(1)</script> **now** $x_1$ [b] *c*?"),
    options=[
        option("a", "=cmd|' /C calc'!A0"),
        option("b", "{right} -> <b>#1</b> ~ 50%"),
        option("c", "100% \\{no\\} & $$y$$"),
        option("d", "@SUM(1) on one line\nand -1+1 on the next, 🚲 and \u2028 beyond"),
    ],
)
QUOTES = str.maketrans("\u2019\u2018\u201c\u201d", "''\"\"")
LANG = pytest.mark.parametrize("lang", ["en", "pt-BR"])


@cache
def some() -> list[Item]:
    """A sixth of the bank, and more of those with several right answers, their numbers drawn."""
    bank = items()
    multi = [one for one in bank if one.kind == "multi"]
    chosen = {one.id: one for one in (*bank[::6], *multi[:9])}
    return [drawn(one, 0) for one in chosen.values()]


@cache
def every() -> list[Item]:
    """Those, and some of our own."""
    return [*some(), HARD, *(item(**one) for one in (ORDER, MATCH, NUMERIC))]


def seen(html: str) -> str:
    """What a reader sees of HTML; quotation marks may be typographic."""
    text = unescape(re.sub(r"<[^>]+>", "", html)).translate(QUOTES)
    return " ".join(text.split())


def said(text: str) -> str:
    """What a reader sees of the bank's own text."""
    return " ".join(text.replace("`", "").replace("**", "").translate(QUOTES).split())


def written(module: Any, lang: str = "en", chosen: list[Item] | None = None) -> bytes:
    [data, *_] = module.files(every() if chosen is None else chosen, Path("x"), lang, AT).values()
    assert isinstance(data, bytes)
    return data


def option_texts(one: Item, lang: str) -> list[str]:
    return [said(in_language(each.text, lang)) for each in one.options]


# --- Anki -----------------------------------------------------------------------------------------


@pytest.fixture
def collection(tmp_path: Path) -> Any:
    from anki.collection import Collection

    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


def brought(collection: Any, data: bytes, folder: Path) -> Any:
    from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    path = folder / "deck.apkg"
    path.write_bytes(data)
    options = ImportAnkiPackageOptions(merge_notetypes=True)
    request = ImportAnkiPackageRequest(package_path=str(path), options=options)
    return collection.import_anki_package(request).log


@LANG
def test_anki_reads_every_question(collection: Any, tmp_path: Path, lang: str) -> None:
    log = brought(collection, written(anki_format, lang), tmp_path)
    assert len(log.new) == len(every())
    notes = [collection.get_note(number) for number in collection.find_notes("")]
    by_id = {note["Id"]: note for note in notes}
    for one in every():
        note = by_id[one.id]
        assert seen(note["Stem"]).startswith(said(in_language(one.stem, lang)))
        assert all(text in seen(note["Options"]) for text in option_texts(one, lang))
        assert all(said(in_language(p.text, lang)) in seen(note["Stem"]) for p in one.prompts)
        assert set(one.topics) <= set(note.tags)


def test_a_later_deck_updates_notes_in_place(collection: Any, tmp_path: Path) -> None:
    seven = [drawn(one, 0) for one in items()[:7]]
    first = anki_format.files(seven[:5], Path("x"), "en", AT)
    brought(collection, *first.values(), tmp_path)
    [number, *_] = collection.find_notes(f"Id:{seven[0].id}")
    [card] = collection.get_note(number).cards()
    collection.sched.set_due_date([card.id], "5")
    mended = [replace(seven[0], stem=texts("A mended stem?")), *seven[1:]]
    log = brought(
        collection, *anki_format.files(mended, Path("x"), "en", AT + 60_000).values(), tmp_path
    )
    assert len(log.new) == 2
    assert collection.get_note(number)["Stem"].startswith("A mended stem?")
    assert collection.get_card(card.id).due == card.due or collection.get_card(card.id).type == 2
    assert len(collection.find_notes("")) == 7


def test_a_deck_is_the_same_at_the_same_instant() -> None:
    one, two = (zipfile.ZipFile(io.BytesIO(written(anki_format))) for _ in range(2))
    assert one.read("collection.anki2") == two.read("collection.anki2")


# --- Moodle ---------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@LANG
def test_gift_is_read_back(lang: str) -> None:
    from pygiftparser import parser

    text = written(gift_format, lang).decode()
    read = {question.title: question for question in parser.parseFile(io.StringIO(text))}
    assert text.startswith(f"// {left_out_of(gift_format.KINDS, lang)}\n")
    fitting = [one for one in every() if one.kind in ("single", "multi")]
    assert set(read) == {one.id for one in every() if one.kind != "order"}
    for one in fitting:
        question = read[one.id]
        assert question.valid
        assert seen(question.text.replace(r"\~", "~")).startswith(said(in_language(one.stem, lang)))
        answers = question.answers.answers
        shown = [seen(answer.answer.replace(r"\~", "~")) for answer in answers]
        assert shown == option_texts(one, lang)
        right = [answer.fraction > 0 for answer in answers]
        assert right == [each.id in one.keys for each in one.options]


@LANG
def test_moodle_xml_says_what_the_bank_says(lang: str) -> None:
    quiz = ElementTree.fromstring(written(moodle_format, lang))
    read = {
        one.findtext("name/text"): one
        for one in quiz.findall("question")
        if one.get("type") != "category"
    }
    assert set(read) == {one.id for one in every()}
    for one in every():
        question = read[one.id]
        assert question.get("type") == moodle_format.TYPES[one.kind]
        stem = seen(question.findtext("questiontext/text") or "")
        assert stem.startswith(said(in_language(one.stem, lang)))
        if one.kind in ("single", "multi"):
            answers = question.findall("answer")
            assert [seen(a.findtext("text") or "") for a in answers] == option_texts(one, lang)
            full = sum(max(float(a.get("fraction") or 0), 0) for a in answers)
            assert abs(full - 100) < 0.01
            assert all(a.findtext("feedback/text") for a in answers)
    assert len({one.findtext("idnumber") for one in read.values()}) == len(every())


# --- QTI ------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@LANG
def test_text2qti_reads_its_text_and_packs_it(lang: str) -> None:
    from text2qti.config import Config
    from text2qti.quiz import Quiz

    fitting = [one for one in every() if one.kind in qti_format.KINDS]
    quiz = Quiz(qti_format.as_quiz_text(every(), lang), config=Config())
    asked = quiz.questions_and_delims
    assert [question.title_raw for question in asked] == [
        re.sub("-", r"\\-", one.id) for one in fitting
    ]
    assert left_out_of(qti_format.KINDS, lang) in seen(unescape(quiz.description_html_xml))
    for question, one in zip(asked, fitting, strict=True):
        assert seen(unescape(question.question_html_xml)).startswith(
            said(in_language(one.stem, lang))
        )
        if one.kind != "numeric":
            assert [seen(unescape(c.choice_html_xml)) for c in question.choices] == option_texts(
                one, lang
            )
            assert [c.correct for c in question.choices] == [o.id in one.keys for o in one.options]
    packed = zipfile.ZipFile(io.BytesIO(written(qti_format, lang)))
    [assessment] = [
        name
        for name in packed.namelist()
        if name.endswith(".xml") and "/" in name and "meta" not in name
    ]
    ident = ElementTree.fromstring(packed.read(assessment))
    assert len([node for node in ident.iter() if node.tag.endswith("}item")]) == len(fitting)


def left_out_of(kinds: tuple[str, ...], lang: str) -> str:
    """The sentence that names what a format has no place for."""
    ids = [one.id for one in every() if one.kind not in kinds]
    assert "K06-order" in ids
    said = plain.left_out(every(), kinds, lang)
    assert said.endswith(f"({len(ids)}): {', '.join(ids)}.")
    return said


@pytest.mark.parametrize("form", ["anki", "moodle", "gift", "qti", "csv", "paper"])
@LANG
def test_what_an_export_leaves_out_is_said(form: str, lang: str) -> None:
    """Each question of the bank is in the export by its id, or named as left out."""
    said = left_out(form, lang=lang)
    kinds = {"gift": {"order"}, "qti": {"order", "match"}}.get(form, set())
    gone = {one.id for one in items() if one.kind in kinds}
    assert set(re.findall(r"[A-Z]\d\d-[a-z0-9-]+", said)) == gone
    assert bool(said) is bool(gone)


@LANG
def test_no_card_row_or_paper_hides_what_is_to_be_matched_or_a_unit(lang: str) -> None:
    match, number = item(**MATCH), item(**NUMERIC)
    [row, unit] = csv.DictReader(
        io.StringIO(written(csv_format, lang, [match, number]).decode("utf-8-sig"))
    )
    assert row["stem"].endswith("one; two; three")
    assert unit["stem"].endswith("(records)")
    asked = written(paper_format, lang, [match, number]).decode()
    assert all(f"<li>{prompt}: ____</li>" in asked for prompt in ("one", "two", "three"))
    assert "(records)" in asked


# --- CSV and paper --------------------------------------------------------------------------------


@LANG
def test_csv_is_read_back_and_holds_no_formula(lang: str) -> None:
    text = written(csv_format, lang).decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert set(rows) == {one.id for one in every()}
    for one in some():
        row = rows[one.id]
        assert row["stem"].startswith(in_language(one.stem, lang))
        assert [row[f"option{n}"] for n in range(1, len(one.options) + 1)] == [
            in_language(each.text, lang) for each in one.options
        ]
        rights = [row[f"right{n}"] for n in range(1, len(one.options) + 1)]
        assert rights == [str(int(each.id in one.keys)) for each in one.options]
    cells = [cell for row in rows.values() for cell in row.values()]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "@", "-") and cell] == []


@LANG
def test_a_paper_has_no_key_and_its_key_has_all(lang: str) -> None:
    paper, key = paper_format.files(every(), Path("paper.html"), lang, AT).items()
    assert (paper[0], key[0]) == (Path("paper.html"), Path("paper-key.html"))
    asked, told = paper[1].decode(), key[1].decode()
    whys = [said(in_language(o.why, lang)) for one in some() for o in one.options]
    assert not [why for why in whys if why and why in seen(asked)]
    assert not [why for why in whys if why not in seen(told)]
    assert "<script>" not in asked
    assert "<script>" not in told
    if lang == "pt-BR":
        assert "Selecione DUAS" in asked


@pytest.mark.parametrize("form", ["anki", "moodle", "gift", "csv", "paper"])
def test_an_export_of_one_exam_has_its_questions_alone(form: str, tmp_path: Path) -> None:
    files = exported(form, tmp_path / "x", exam="saa", at=AT)
    assert all(files.values())
    with pytest.raises(UsageError, match="no exam family 'xyz'"):
        exported(form, tmp_path / "x", exam="xyz", at=AT)


def test_a_paper_of_an_exam_is_drawn_by_its_weights(tmp_path: Path) -> None:
    files = exported("paper", tmp_path / "x.html", exam="dea", questions=7, at=AT)
    assert files[tmp_path / "x.html"].count(b"<article>") == 7
    again: Callable[[], Any] = lambda: exported("paper", tmp_path / "x.html", questions=0, at=AT)  # noqa: E731
    with pytest.raises(UsageError, match="1 question or more"):
        again()
