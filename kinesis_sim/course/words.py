"""The course's own words in every language, read from ``text/*.toml``.

A file holds tables whose leaves are one text per language, side by side, so that whoever changes
the English sees the Portuguese::

    [predict.kept]
    en = "Your prediction is kept: {guess}. Now run the next cell."
    pt-BR = "Sua previsão está guardada: {guess}. Agora execute a próxima célula."
"""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from kinesis_sim.errors import UsageError

LANGUAGES = ("en", "pt-BR")
SWAPPED = str.maketrans(",.", ".,")
TEXT = Path(__file__).parent / "text"


class Words:
    """The texts of one file in one language.

    >>> Words("ui", "en").say("exercise.passed")
    'Passed.'
    """

    def __init__(self, file: str, language: str) -> None:
        self._tables = tables(file)
        self._language = known_language(language)

    def say(self, key: str, /, **values: object) -> str:
        """The text at the dotted ``key`` with its ``{placeholders}`` filled; KeyError when
        unknown."""
        text = in_language(self._at(key), self._language)
        return text.format_map(values) if values else text

    def list(self, key: str) -> list[str]:
        """The texts of an array of tables, such as the hints of an exercise; empty when absent."""
        try:
            entries = self._at(key)
        except KeyError:
            return []
        return [in_language(entry, self._language) for entry in entries]

    def number(self, value: float | Decimal) -> str:
        """``value`` as the language writes it: 1,000.5 in English, 1.000,5 in Portuguese."""
        text = f"{value:,}"
        return text if self._language == "en" else text.translate(SWAPPED)

    def _at(self, key: str) -> Any:
        found: Any = self._tables
        for part in key.split("."):
            if not isinstance(found, dict) or part not in found:
                raise KeyError(key)
            found = found[part]
        return found


@cache
def tables(file: str) -> dict[str, Any]:
    """The raw tables of ``text/<file>.toml``; empty when a lesson has no texts of its own."""
    path = TEXT / f"{file}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def in_language(texts: Mapping[str, str], language: str) -> str:
    """One language of a leaf; English where that language has not been written yet."""
    return texts.get(language) or texts["en"]


def known_language(language: str) -> str:
    """``language`` itself; UsageError when the course does not speak it."""
    if language not in LANGUAGES:
        raise UsageError(f"The course speaks {' and '.join(LANGUAGES)}, not {language!r}.")
    return language


def leaves(table: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every (dotted key, texts by language) in ``table``: what a translator has to write."""
    if isinstance(table, list):
        for number, entry in enumerate(table, 1):
            yield from leaves(entry, f"{path}.{number}")
    elif isinstance(table, dict) and set(table) <= set(LANGUAGES):
        yield path, table
    else:
        for key, entry in table.items():
            yield from leaves(entry, f"{path}.{key}".lstrip("."))
