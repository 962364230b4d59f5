"""The check of the lesson on queues and channels: four jobs, and who asks the stream how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_sim.course.checks import Verdict, not_yet, passed

FITS = {"A": "queue", "B": "consumer", "C": "channel", "D": "firehose"}


def choose_way(ways: Any) -> Verdict:
    """Each of the four jobs is done by the way that fits it."""
    if not isinstance(ways, Mapping) or set(ways) != set(FITS):
        return not_yet("shape", letters=", ".join(FITS))
    if open_ones := [letter for letter, way in ways.items() if way is None]:
        return not_yet("open", letters=", ".join(open_ones))
    named = {letter: str(way).strip().lower() for letter, way in ways.items()}
    if odd := [way for way in named.values() if way not in FITS.values()]:
        return not_yet("unknown", way=odd[0], known=", ".join(FITS.values()))
    if wrong := [letter for letter in FITS if named[letter] != FITS[letter]]:
        return not_yet(f"wrong-{wrong[0].lower()}", chosen=named[wrong[0]])
    return passed()
