"""The check of the lesson on queues and channels: four jobs, and who asks the stream how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_sim.arguments import said
from kinesis_sim.course.checks import Verdict, not_yet, passed

FITS = {"A": "queue", "B": "consumer", "C": "channel", "D": "firehose"}
PROGRAMS = ("queue", "consumer")
"""The ways in which a program of yours takes the records."""

ALIASES = {name: name for name in FITS.values()} | {
    **dict.fromkeys(("fila", "a queue"), "queue"),
    **dict.fromkeys(("consumidor", "consumidore", "a consumer"), "consumer"),
    **dict.fromkeys(("canal", "canai", "a channel"), "channel"),
    **dict.fromkeys(("data firehose", "amazon data firehose", "amazon firehose"), "firehose"),
}
"""What else people write; a plural loses its s first."""


def choose_way(ways: Any) -> Verdict:
    """Each of the four jobs is done by the way that fits it."""
    if not isinstance(ways, Mapping) or set(ways) != set(FITS):
        return not_yet("shape", letters=", ".join(FITS))
    if open_ones := [letter for letter, way in ways.items() if way is None]:
        return not_yet("open", letters=", ".join(open_ones))
    named = {letter: _way(chosen) for letter, chosen in ways.items()}
    if odd := [ways[letter] for letter, way in named.items() if way not in FITS.values()]:
        return not_yet("unknown", way=said(odd[0]), known=", ".join(FITS.values()))
    if wrong := [letter for letter in FITS if named[letter] != FITS[letter]]:
        return _wrong(wrong[0], named[wrong[0]])
    return passed()


def _wrong(letter: str, chosen: str) -> Verdict:
    """Why a way does not fit: it delivers where work is to do, is a program, or falls short."""
    wants_program = FITS[letter] in PROGRAMS
    if (chosen in PROGRAMS) == wants_program:
        return not_yet(f"wrong-{letter.lower()}", chosen=chosen)
    return not_yet("delivers" if wants_program else "program", letter=letter, chosen=chosen)


def _way(chosen: object) -> str:
    """A way as the check knows it: "Queues" is as good as "queue", and so is "fila"."""
    text = str(chosen).strip().lower() if isinstance(chosen, str) else ""
    return ALIASES.get(text) or ALIASES.get(text.removesuffix("s"), text)
