"""Numbers that callers of the Python face give: one sentence for each that cannot be meant."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

from kinesis_sim.errors import UsageError

_LONGEST = 60
"""Characters of a value that a sentence quotes."""
_HUGE = 200
"""Bits from which an integer is described, not written out."""


def number(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    most: float | None = None,
    why: str = "",
) -> Any:
    """The value, a finite number within bounds. why: what a number outside them would mean.

    Raises UsageError for anything else: None, text, a truth value, NaN, infinity.
    """
    return _checked(name, value, least, most, why, whole=False)


def whole(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    most: float | None = None,
    why: str = "",
) -> int:
    """The value as an ``int``, within bounds. Raises UsageError for anything else, 1.5 too."""
    return int(_checked(name, value, least, most, why, whole=True))


def numbers(**given: Any) -> None:
    """Refuse whatever is no finite number, under the name it has. Raises UsageError."""
    for name, value in given.items():
        number(name, value)


def said(value: Any) -> str:
    """How a sentence quotes a value: as Python writes it, but never at length."""
    if isinstance(value, int) and value.bit_length() > _HUGE:
        return f"{'-' if value < 0 else ''}10**{round(value.bit_length() * math.log10(2))} or so"
    try:
        text = repr(value)
    except Exception:
        return f"<{type(value).__name__}>"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _checked(
    name: str, value: Any, least: float | None, most: float | None, why: str, *, whole: bool
) -> Any:
    if not (is_whole(value) or (not whole and is_number(value) and math.isfinite(value))):
        wrong = "that is no whole number" if whole else "that is no number"
    elif (least is not None and value < least) or (most is not None and value > most):
        wrong = why or "that is out of bounds"
    else:
        return value
    raise UsageError(f"{name}={said(value)}: {wrong}; give {_wanted(least, most, whole=whole)}.")


def is_number(value: Any) -> bool:
    """Whether it is a number: of whatever library, infinite ones too; a truth value is none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number by its type: 1.0 is none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _wanted(least: float | None, most: float | None, *, whole: bool) -> str:
    what = "a whole number" if whole else "a number"
    if least is not None and most is not None:
        return f"{what} from {least:,} to {most:,}"
    if least is not None:
        return f"{least:,} or more" if not whole else f"{what}, {least:,} or more"
    return what if most is None else f"{what}, {most:,} or less"
