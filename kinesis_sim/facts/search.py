"""Rows by words, and names that come near one that is not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import heappush, heappushpop

from kinesis_sim.facts.document import DOCUMENTS, Row, document

WORD = re.compile(r"[^\W_]+")
CLOSE = 0.6
"""How alike two names are that come near one another, of 1 (``difflib``'s ratio)."""


def search(text: str, most: int = 12) -> tuple[Row, ...]:
    """The rows that have every word of a text, those that are about it first; at most so many.

    A word is found within another ("IteratorAge" in "IteratorAgeMilliseconds"), whatever its case.
    """
    wanted = [word.casefold() for word in WORD.findall(text)]
    if not wanted:
        return ()
    found = [row for row, words in _folded_rows() if all(word in words for word in wanted)]
    found.sort(key=lambda row: not _has(row.claim, wanted))
    return tuple(found[:most])


@lru_cache(1)
def _folded_rows() -> tuple[tuple[Row, str], ...]:
    """Every row with all that it says, whatever the case."""
    rows = (row for name in DOCUMENTS for row in document(name).rows)
    return tuple((row, row.words.casefold()) for row in rows)


def _has(text: str, words: Iterable[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def near(name: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Known names that a wrong one may have meant, nearest first."""
    by_fold = {one.casefold(): one for one in known}
    folded = name.casefold()
    tails = [one for one in by_fold if folded and folded in one]
    close = _close(folded, tuple(by_fold), most)
    return [by_fold[one] for one in dict.fromkeys([*close, *sorted(tails)])][:most]


def _close(name: str, known: tuple[str, ...], most: int) -> list[str]:
    """As ``difflib.get_close_matches`` finds them, which compares every pair.

    No two names are more alike than the letters that they share; so those that share most come
    first, and the rest need no comparison once ``most`` are better than they could be.
    """
    places, masks = _letters(known)
    mask = _mask(name, places)
    bounds = [
        (2.0 * (mask & other).bit_count() / (len(name) + len(one)), one)
        for one, other in zip(known, masks, strict=True)
        if name or one
    ]
    matcher: SequenceMatcher[str] = SequenceMatcher()
    matcher.set_seq2(name)
    best: list[tuple[float, str]] = []
    for bound, one in sorted((row for row in bounds if row[0] >= CLOSE), reverse=True):
        if len(best) == most and bound < best[0][0]:
            break
        matcher.set_seq1(one)
        found = (matcher.ratio(), one)
        if found[0] >= CLOSE:
            (heappushpop if len(best) == most else heappush)(best, found)
    return [one for _, one in sorted(best, reverse=True)]


@lru_cache(4)
def _letters(known: tuple[str, ...]) -> tuple[dict[tuple[str, int], int], tuple[int, ...]]:
    """A bit for the first, second, … of each letter in a name, and every name's bits."""
    places: dict[tuple[str, int], int] = {}
    for one in known:
        for letter, count in Counter(one).items():
            for number in range(count):
                places.setdefault((letter, number), len(places))
    return places, tuple(_mask(one, places) for one in known)


def _mask(name: str, places: dict[tuple[str, int], int]) -> int:
    """The bits of a name's letters; a letter that no known name has is left out."""
    made = 0
    for letter, count in Counter(name).items():
        for number in range(count):
            place = places.get((letter, number))
            if place is None:
                break
            made |= 1 << place
    return made
