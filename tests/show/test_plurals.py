"""A number and what is said of it: "1 record", never "1 records" or "1 wait"."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from kinesis_sim.show.kit.words import PICTURES, Words, tables_of
from kinesis_sim.words import leaves

COUNTED = {
    "en": "attempts|buffers|counts|keys|(?:more )?rows|reads|records|rides|shards|tries|wait",
    "pt-BR": "buffers|chaves|contagens|leituras|linhas|registros|shards|tentativas|viagens|abertas|"
    "aceitos|descartados|entregues|esperam|falharam|perdidos|retidos|saíram",
}
NEVER_ONE = {
    "buffer: notice.lanes": "said of a source of several shards",
    "control_room: subtitle": "the write limit of a shard",
    "control_room: on.hot_key": "a bike's burst",
    "control_room: ask.hot_key.question": "the same",
    "diagrams: writes": "the write limit of a shard",
    "heat: takes": "the same",
    "heat: why.both": "the write limit of a shard",
    "heat: mixer.all": "the mixer's least load",
    "heat: mixer.some": "the same",
    "heat: mixer.again": "the same",
    "retention: notice.kept": "a lesson's stream has many",
    "run: notice.stored": "a run's whole load",
    "shards: notice.gone-all": "it has a text of its own for one",
}
"""Texts whose number is always more than one, and why."""


def numbered(lang: str) -> Iterator[str]:
    """Texts of pictures that write a plural behind a number whatever it is."""
    plural = re.compile(rf"\{{(?!reader\}})\w+\}} ({COUNTED[lang]})\b")
    for file in sorted(PICTURES.glob("*/text.toml")):
        for key, texts in leaves(tables_of(file.parent.name)):
            if plural.search(texts.get(lang, "")) and not key.endswith("-many"):
                yield f"{file.parent.name}: {key}"


@pytest.mark.parametrize("lang", COUNTED)
def test_no_picture_counts_one_in_the_plural(lang: str) -> None:
    assert set(numbered(lang)) <= set(NEVER_ONE)


def test_every_exception_is_one() -> None:
    assert {*numbered("en"), *numbered("pt-BR")} == set(NEVER_ONE)


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 records"),
        (1, "1 record"),
        ("1", "1 record"),
        ("1,000", "1,000 records"),
    ],
)
def test_a_number_chooses_the_words_behind_it(count: object, told: str) -> None:
    said = Words("capacity", "en").say("notice.past", count=count)
    assert said == f"Refused so far: {told}; none now."
