"""The check of the lesson on WebRTC: three calls that do not come about, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinesis_sim.course.checks import Verdict, not_yet, passed

FITS = {"A": "too-late", "B": "taken-over", "C": "wrong-name"}
CAUSES = ("too-late", "taken-over", "wrong-name", "channel-full", "no-relay")


def find_cause(causes: Any) -> Verdict:
    """Each call has the cause that its steps show."""
    if not isinstance(causes, Mapping) or set(causes) != set(FITS):
        return not_yet("shape", letters=", ".join(FITS))
    if open_ones := [letter for letter, cause in causes.items() if cause is None]:
        return not_yet("open", letters=", ".join(open_ones))
    named = {letter: _cause(cause) for letter, cause in causes.items()}
    if odd := [cause for cause in named.values() if cause not in CAUSES]:
        return not_yet("unknown", cause=odd[0], known=", ".join(f"`{each}`" for each in CAUSES))
    if wrong := [letter for letter in FITS if named[letter] != FITS[letter]]:
        letter, cause = wrong[0], named[wrong[0]]
        if cause in ("channel-full", "no-relay"):
            return not_yet(cause, letter=letter)
        return not_yet(f"wrong-{letter.lower()}", chosen=cause)
    return passed()


def _cause(given: object) -> str:
    """A cause as the check knows it: "Too late" is as good as "too-late"."""
    return "-".join(str(given).lower().replace("_", " ").replace("-", " ").split())
