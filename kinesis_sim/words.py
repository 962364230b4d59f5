"""What learners read, in every language: texts from TOML files, one per language, side by side.

A file holds tables whose leaves are one text per language, so that whoever changes the English sees
the Portuguese::

    [predict.kept]
    en = "Your prediction is kept: {guess}. Now run the next cell."
    pt-BR = "Sua previsão está guardada: {guess}. Agora execute a próxima célula."

Rooms that speak (``show/kit/words.py``, ``course/words.py``) say where their files are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from numbers import Integral
from pathlib import Path
from string import Formatter
from typing import Any
from unicodedata import category

from kinesis_sim.errors import UsageError

LANGUAGES = ("en", "pt-BR")
ROOMS = Path(__file__).parent
_spoken = "en"
_SWAPPED = str.maketrans(",.", ".,")


class Texts:
    """The texts of one file in one language; English where a translation is missing."""

    def __init__(self, path: Path, lang: str) -> None:
        self.lang = lang
        self._texts = _in_one(path, lang)

    def say(self, key: str, /, **values: object) -> str:
        """The text at a dotted key with its ``{placeholders}`` filled; KeyError when unknown."""
        text = self._texts[key]
        if values and "|" in text:
            return _PLURALS.vformat(text, (), values)
        return text.format_map(values) if values else text

    def under(self, table: str) -> dict[str, str]:
        """The texts of a table, by the rest of their keys, placeholders unfilled."""
        start = f"{table}."
        found = self._texts.items()
        return {key.removeprefix(start): text for key, text in found if key.startswith(start)}

    def list(self, key: str) -> list[str]:
        """The texts of an array of tables, such as the hints of an exercise; empty when absent."""
        return list(self.under(key).values())

    def count(self, key: str, count: int, /, **values: object) -> str:
        """The text at ``key-one`` or ``key-many``."""
        ending = "one" if count == 1 else "many"
        return self.say(f"{key}-{ending}", count=self.number(count), **values)

    def fill(self, key: str, /, **values: object) -> str:
        """The text at a key, its numbers formatted and written as the language writes them."""
        return Filling(self.lang).format(self._texts[key], **values)

    def listed(self, items: Iterable[object]) -> str:
        """Items as a phrase: "1", "1 and 2", "1, 2 and 3"."""
        texts = [str(item) for item in items]
        head, last = texts[:-1], texts[-1]
        return f"{', '.join(head)} {self.say('and')} {last}" if head else last

    def number(self, value: float | Decimal) -> str:
        """A number as the language writes it: 1,000.5 in English, 1.000,5 in Portuguese."""
        return number_in(value, self.lang)

    def short(self, value: int) -> str:
        """A number for a narrow place: from 10,000 on in thousands, ``162 k``, or millions."""
        for size, mark in ((1_000_000, "M"), (1_000, "k")):
            if value >= 10 * size:
                return f"{self.marked(f'{value / size:,.0f}')} {mark}"
        return self.number(value)

    def marked(self, number: str) -> str:
        """A number written in the English way, with the language's own marks."""
        return number if self.lang == "en" else number.translate(_SWAPPED)


def number_in(value: float | Decimal, lang: str) -> str:
    """A number as a language writes it: 1,000.5 in English, 1.000,5 in Portuguese."""
    written = f"{value:,}"
    return written if lang == "en" else written.translate(_SWAPPED)


GROUPED = re.compile(r"[+-]?\d{1,3}([.,'_ \u00a0\u202f])\d{3}(\1\d{3})*")
"""A whole number in groups of three, whichever mark a language puts between them."""
MOST_DIGITS = 20


def number_from(text: str, lang: str) -> float | int | None:
    """The number that a text writes in a language, "1,200.5" or "1.200,5"; None where it is none.

    A mark that groups no three digits is the decimal one: "0.5" and "0,5" are a half everywhere.
    """
    group, decimal = (",", ".") if lang == "en" else (".", ",")
    plain = re.sub(r"[\s_']", "", text)
    if re.fullmatch(rf"[+-]?\d{{1,3}}(\{group}\d{{3}})+(\{decimal}\d*)?", plain):
        plain = plain.replace(group, "")
    plain = plain.replace(",", ".")
    if len(plain) > MOST_DIGITS or not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", plain):
        return None
    return float(plain) if "." in plain else int(plain)


def whole_from(value: object) -> int | None:
    """A whole number, also one written as a text in groups of three: 1200, "1,200", "1.200".

    None for all else, truth values and fractions among it.
    """
    if isinstance(value, str):
        plain = value.strip()
        grouped = GROUPED.fullmatch(plain)
        digits = plain.replace(grouped[1], "") if grouped else plain
        fits = len(digits) <= MOST_DIGITS and re.fullmatch(r"[+-]?\d+", digits)
        return int(digits) if fits else None
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    return int(value) if is_whole else None  # type: ignore[call-overload]


def is_printable(text: str) -> bool:
    """Whether a stranger's text can be shown anywhere: it controls no terminal and hides nothing.

    Lines may end in it, and spaces of any width stand between its words; control and format
    characters, and characters that are none, may not.
    """
    kinds = (category(character) for character in text if character not in "\n\t")
    return not any(kind[0] == "C" or kind in ("Zl", "Zp") for kind in kinds)


class Plurals(Formatter):
    """Fills a text's ``{placeholders}``, and takes what follows a number in its singular or plural.

    ``{lost:record was|records were}`` is "1 record was", and "2 records were"; a number may be
    written already.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value, formatted."""
        one, between, many = format_spec.partition("|")
        if not between:
            return str(super().format_field(value, format_spec))
        number = str(self.format_field(value, ""))
        return f"{number} {one if number == '1' else many}"


_PLURALS = Plurals()


class Filling(Plurals):
    """Fills a text's ``{placeholders}``; every number comes out with the language's own marks.

    A format is the usual one: ``{cost:.2f}`` is 0.33 in English and 0,33 in Portuguese; a number
    without one has marks of thousands. A list is formatted one by one, with spaces between.
    """

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value, formatted."""
        if isinstance(value, list):
            return " ".join(self.format_field(each, format_spec) for each in value)
        number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        if not number or "|" in format_spec:
            return str(super().format_field(value, format_spec))
        written = format(value, format_spec or ",")
        return written if self.lang == "en" else written.translate(_SWAPPED)


class Speaking:
    """A value that shows itself in a sentence, in the language of who learns.

    A notebook and ``print`` show the sentence; ``repr`` stays what a program reads.
    """

    __slots__ = ()

    def said(self) -> str:
        """The sentence."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.said()

    def __init_subclass__(cls) -> None:
        """Have each class show itself so.

        IPython takes the first class that has a ``_repr_pretty_`` or a ``__repr__`` of its own,
        and a dataclass brings a ``__repr__``.
        """
        cls._repr_pretty_ = Speaking._repr_pretty_  # type: ignore[method-assign]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What IPython calls to show a value."""
        printer.text(self.said())


def speak(lang: str) -> None:
    """From now on values of this process show themselves in a language.

    A lesson says so when it begins: a notebook is one process with one reader, and a value such as
    what ``feed`` returns knows neither lesson nor simulator.
    """
    global _spoken
    _spoken = known_language(lang, "Values speak")


@contextmanager
def speaking_in(lang: str) -> Iterator[None]:
    """Have values show themselves in a language for a while, and then in the one before."""
    before = _spoken
    speak(lang)
    try:
        yield
    finally:
        speak(before)


def spoken_language() -> str:
    """The language that values speak now."""
    return _spoken


def spoken(room: str) -> Texts:
    """The texts of a room's ``text.toml`` in the language that is spoken now."""
    return Texts(ROOMS / room / "text.toml", _spoken)


def known_language(lang: str, who: str) -> str:
    """A language itself.

    Raises UsageError when ``who``, a subject with its verb, does not speak it.
    """
    if lang not in LANGUAGES:
        raise UsageError(f"{who} {' and '.join(LANGUAGES)}, not {lang!r}.")
    return lang


def in_language(texts: Mapping[str, str], lang: str) -> str:
    """One language of a leaf; English where that language has not been written yet."""
    return texts.get(lang) or texts["en"]


@cache
def tables(path: Path) -> dict[str, Any]:
    """The tables of a file, every language in them; empty when there is no such file."""
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def leaves(table: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Every (dotted key, texts by language) in a table: what a translator has to write."""
    if isinstance(table, list):
        for number, entry in enumerate(table, 1):
            yield from leaves(entry, f"{path}.{number}")
    elif isinstance(table, dict) and set(table) <= set(LANGUAGES):
        yield path, table
    else:
        for key, entry in table.items():
            yield from leaves(entry, f"{path}.{key}".lstrip("."))


@cache
def _in_one(path: Path, lang: str) -> Mapping[str, str]:
    return {key: in_language(texts, lang) for key, texts in leaves(tables(path)) if texts}
