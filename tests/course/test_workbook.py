"""The learner's folder: a copy to write in, updates that keep what was written, a new start."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.__main__ import main
from kinesis_sim.course.outline import entry_of
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.workbook import Workbook, lessons_folder, merge
from kinesis_sim.errors import UsageError

SLUG = "start_here"


def cell(cell_id: str, source: str, output: str = "") -> dict[str, Any]:
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "execution_count": 1,
        "source": source,
        "outputs": outputs,
    }


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    publish(folder, cell("a", "1 + 1", "2"), cell("b", "# Write your code here"))
    return folder


def publish(folder: Path, *cells: dict[str, Any], slug: str = SLUG) -> None:
    path = folder / "en" / f"{entry_of(slug).file}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(*cells)))


def sources(path: Path) -> list[str]:
    return [each["source"] for each in json.loads(path.read_text())["cells"]]


def test_a_first_use_copies_the_lessons_without_their_outputs(
    lessons: Path, tmp_path: Path
) -> None:
    book = Workbook(tmp_path / "mine", lessons)
    assert book.prepare() == [f"copied en/{entry_of(SLUG).file}.ipynb"]
    assert "stdout" not in book.path(entry_of(SLUG), "en").read_text()
    assert book.prepare() == [], "a second time nothing is to be done"


def test_an_update_follows_the_course_and_keeps_what_was_written(
    lessons: Path, tmp_path: Path
) -> None:
    book = Workbook(tmp_path / "mine", lessons)
    book.prepare()
    own = book.path(entry_of(SLUG), "en")
    written = [cell("a", "1 + 1", "2"), cell("b", "answer = 42"), cell("note", "my note")]
    own.write_text(json.dumps(notebook(*written)))
    publish(lessons, cell("new", "import x"), cell("a", "1 + 2"), cell("b", "# Write code"))
    [line] = book.prepare()
    assert line.endswith("2 of your cells kept")
    assert sources(own) == ["import x", "1 + 2", "answer = 42", "my note"]


def test_starting_again_keeps_the_old_one_aside_and_forgets_the_rest(
    lessons: Path, tmp_path: Path
) -> None:
    book = Workbook(tmp_path / "mine", lessons)
    book.prepare()
    own = book.path(entry_of(SLUG), "en")
    own.write_text(json.dumps(notebook(cell("b", "mine"))))
    kept = Progress(book.progress_file)
    kept.seen(SLUG, 0)
    kept.seen("producers", 0)
    aside = book.again(SLUG, "en", datetime(2026, 11, 29, 12, tzinfo=UTC))
    assert sources(aside) == ["mine"]
    assert sources(own) == ["1 + 1", "# Write your code here"]
    assert not kept.standing(SLUG).begun
    assert kept.standing("producers").begun


def test_the_courses_own_folder_is_refused(lessons: Path) -> None:
    for folder in (lessons, lessons.parent):
        with pytest.raises(UsageError, match="holds the course itself"):
            Workbook(folder, lessons).prepare()


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [3]}', "[" * 9_000])
def test_a_broken_copy_is_named(lessons: Path, tmp_path: Path, text: str) -> None:
    book = Workbook(tmp_path / "mine", lessons)
    book.prepare()
    own = book.path(entry_of(SLUG), "en")
    own.write_text(text)
    publish(lessons, cell("a", "other"))
    with pytest.raises(UsageError, match="is no notebook"):
        book.prepare()
    assert own.read_text() == text


CELLS = st.lists(st.sampled_from("abcdef"), unique=True)
TEXTS = st.sampled_from(["x", "y", "z"])


@given(CELLS, CELLS, CELLS, st.data())
def test_nothing_written_is_lost_and_all_else_follows(
    base: list[str], own: list[str], new: list[str], data: st.DataObject
) -> None:
    def drawn(ids: list[str]) -> dict[str, Any]:
        return notebook(*(cell(i, data.draw(TEXTS)) for i in ids))

    was, mine, coming = drawn(base), drawn(own), drawn(new)
    merged, kept = merge(was, mine, coming)
    texts = {each["id"]: each["source"] for each in merged["cells"]}
    before = {each["id"]: each["source"] for each in was["cells"]}
    for each in mine["cells"]:
        own_change = each["id"] in before and each["source"] != before[each["id"]]
        own_cell = each["id"] not in before and each["id"] not in new
        if own_change or own_cell:
            assert texts[each["id"]] == each["source"]
    assert set(new) <= set(texts)
    assert len(texts) == len(merged["cells"])
    assert kept <= len(mine["cells"])


def test_the_lessons_are_found() -> None:
    assert (lessons_folder() / "en").is_dir()


@pytest.mark.parametrize(
    "part",
    [
        *("en", "pt-BR", ".course", f"en/00_{SLUG}.ipynb", f"en/07_{SLUG}.ipynb"),
        *(f".course/en/{SLUG}.ipynb", "progress.sqlite"),
    ],
)
def test_a_link_that_leads_out_is_refused_and_nothing_behind_it_touched(
    lessons: Path, tmp_path: Path, part: str
) -> None:
    own, outside = tmp_path / "own", tmp_path / "outside"
    book = Workbook(own, lessons)
    book.prepare()
    outside.mkdir()
    kept = outside / f"00_{SLUG}.ipynb"
    kept.write_text(json.dumps(notebook(cell("a", "theirs"))), "utf-8")
    before = kept.read_bytes()
    place = own / part
    if place.exists():
        place.rename(tmp_path / "aside")
    place.symlink_to(kept if place.suffix else outside)
    publish(lessons, cell("a", "2 + 2"))
    there = sorted(own.rglob("*"))
    for act in (book.prepare, lambda: book.again(SLUG, "en", datetime(2026, 1, 1, tzinfo=UTC))):
        with pytest.raises(UsageError, match="leads out of"):
            act()
    assert [*outside.iterdir()] == [kept]
    assert (kept.read_bytes(), sorted(own.rglob("*"))) == (before, there)


def test_an_export_to_a_loop_of_links_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    arguments = ["progress", "export", str(tmp_path / "loop"), "--folder", str(tmp_path)]
    assert main(arguments) == 2
    assert "cannot be used" in capsys.readouterr().err
