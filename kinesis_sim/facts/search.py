"""Rows by words, and names that come near one that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from kinesis_sim.facts.document import DOCUMENTS, Row, document

WORD = re.compile(r"[^\W_]+")


def search(text: str, most: int = 12) -> tuple[Row, ...]:
    """The rows that have every word of a text, those that are about it first; at most so many.

    A word is found within another ("IteratorAge" in "IteratorAgeMilliseconds"), whatever its case.
    """
    wanted = [word.casefold() for word in WORD.findall(text)]
    if not wanted:
        return ()
    rows = [row for name in DOCUMENTS for row in document(name).rows]
    found = [row for row in rows if _has(row.words, wanted)]
    found.sort(key=lambda row: not _has(row.claim, wanted))
    return tuple(found[:most])


def _has(text: str, words: Iterable[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)


def near(name: str, known: Iterable[str], most: int = 5) -> list[str]:
    """Known names that a wrong one may have meant, nearest first."""
    by_fold = {one.casefold(): one for one in known}
    folded = name.casefold()
    tails = [one for one in by_fold if folded and folded in one]
    close = get_close_matches(folded, by_fold, most, cutoff=0.6)
    return [by_fold[one] for one in dict.fromkeys([*close, *sorted(tails)])][:most]
