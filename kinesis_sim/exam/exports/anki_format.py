"""The bank as an Anki deck: a note a question and language, its id for ever the same.

Importing a later deck over an earlier one brings notes up to date where they lie, with all that was
learned of them: Anki goes by the note's id, and takes what is newer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kinesis_sim.course.feedback import inline
from kinesis_sim.course.item import Item
from kinesis_sim.errors import MissingPackage
from kinesis_sim.exam.exports import plain
from kinesis_sim.exam.words import ExamWords, spoken_exam

MODEL, DECKS = 1_607_392_401, {"en": 2_059_400_201, "pt-BR": 2_059_400_202}
"""Ids that Anki knows the note type and the decks by; they must never change."""
FIELDS = ("Id", "Stem", "Options", "Answer", "Why", "Sources")
FRONT = "<p>{{Stem}}</p>{{Options}}"
BACK = "{{FrontSide}}<hr id=answer><p><b>{{Answer}}</b></p>{{Why}}<p><small>{{Sources}}</small></p>"
STYLE = ".card { font: 18px system-ui, sans-serif; text-align: left; } li { margin: 4px 0; }"


def files(asked: Sequence[Item], path: Path, lang: str, at: int) -> Mapping[Path, bytes]:
    """One .apkg file. MissingPackage where genanki is absent."""
    genanki = _genanki()
    model = genanki.Model(
        MODEL,
        "Kinesis Lab",
        fields=[{"name": name} for name in FIELDS],
        templates=[{"name": "Question", "qfmt": FRONT, "afmt": BACK}],
        css=STYLE,
    )
    name = f"Kinesis Lab::{ExamWords(lang).say('title')}"
    deck = genanki.Deck(DECKS[lang], name)
    for item in asked:
        deck.add_note(_note(genanki, model, item, lang))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deck.apkg")
        # A time of zero makes ids of zero, on which Anki stumbles at the next import.
        genanki.Package(deck).write_to_file(str(file), timestamp=max(at / 1_000, 1))
        return {path: file.read_bytes()}


def _note(genanki: Any, model: Any, item: Item, lang: str) -> Any:
    options = list(plain.options(item, lang))
    listed = "".join(f"<li>{inline(text)}</li>" for text, _, _ in options)
    whys = "".join(f"<li>{inline(text)} <i>{inline(why)}</i></li>" for text, why, _ in options)
    fields = [
        item.id,
        inline(plain.stem_and_prompts(item, lang)),
        f"<ol type=A>{listed}</ol>" if listed else "",
        inline(plain.key(item, lang)),
        f"<ol type=A>{whys}</ol>" if whys else inline(plain.why(item, lang)),
        inline(plain.sources(item)),
    ]
    tags = [*item.topics, *item.exams]
    guid = genanki.guid_for("kinesis-lab", item.id, lang)
    return genanki.Note(model=model, fields=fields, guid=guid, tags=tags)


def _genanki() -> Any:
    try:
        import genanki
    except ModuleNotFoundError as error:
        raise MissingPackage(spoken_exam().say("needs.genanki")) from error
    return genanki
