"""What pictures say, read from each one's ``text.toml``: one text per language, side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kinesis_sim.errors import UsageError

LANGUAGES = ("en", "pt-BR")
SWAPPED = str.maketrans(",.", ".,")
PICTURES = Path(__file__).parents[1]


class Words:
    """The texts of one picture in one language; English where a translation is missing.

    >>> Words("shards", "pt-BR").say("open")
    'aberto'
    """

    def __init__(self, picture: str, lang: str) -> None:
        if lang not in LANGUAGES:
            raise UsageError(f"Pictures speak {' and '.join(LANGUAGES)}, not {lang!r}.")
        self.lang = lang
        self._texts = _texts(picture, lang)

    def say(self, key: str, /, **values: object) -> str:
        """The text at a dotted key with its ``{placeholders}`` filled; KeyError when unknown."""
        return self._texts[key].format_map(values)

    def template(self, key: str) -> str:
        """The text at a dotted key with its placeholders as they are; KeyError when unknown."""
        return self._texts[key]

    def under(self, table: str) -> dict[str, str]:
        """The texts of a table, by the rest of their keys, placeholders unfilled."""
        start = f"{table}."
        return {
            key.removeprefix(start): text
            for key, text in self._texts.items()
            if key.startswith(start)
        }

    def count(self, key: str, count: int, /, **values: object) -> str:
        """The text at ``key-one`` or ``key-many``."""
        ending = "one" if count == 1 else "many"
        return self.say(f"{key}-{ending}", count=self.number(count), **values)

    def listed(self, items: Iterable[object]) -> str:
        """Items as a phrase: "1", "1 and 2", "1, 2 and 3"."""
        texts = [str(item) for item in items]
        head, last = texts[:-1], texts[-1]
        return f"{', '.join(head)} {self.say('and')} {last}" if head else last

    def number(self, value: int) -> str:
        """A number as the language writes it: 1,000 or 1.000."""
        return self.marked(f"{value:,}")

    def short(self, value: int) -> str:
        """A number for a narrow place: from 10,000 on in thousands, ``162 k``, or millions."""
        for size, mark in ((1_000_000, "M"), (1_000, "k")):
            if value >= 10 * size:
                return f"{self.marked(f'{value / size:,.0f}')} {mark}"
        return self.number(value)

    def marked(self, number: str) -> str:
        """A number written in the English way, with the language's own marks: 1.000,5."""
        return number if self.lang == "en" else number.translate(SWAPPED)


def tables_of(picture: str) -> dict[str, Any]:
    """The tables of a picture's ``text.toml``, every language in them."""
    return tomllib.loads((PICTURES / picture / "text.toml").read_text("utf-8"))


@cache
def _texts(picture: str, lang: str) -> Mapping[str, str]:
    return dict(_leaves(tables_of(picture), "", lang))


def _leaves(table: dict[str, Any], path: str, lang: str) -> Iterable[tuple[str, str]]:
    for name, entry in table.items():
        if "en" in entry:
            yield path + name, entry.get(lang, entry["en"])
        else:
            yield from _leaves(entry, f"{path}{name}.", lang)
