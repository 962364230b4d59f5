"""Numbers as pictures write them, and the steps of an axis."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import log10

from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words


def round_step(top: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10 … that divides ``top`` into ``most`` parts at most."""
    least = top / most
    power: float = 10 ** (int(log10(least)) - (least < 1)) if least > 0 else 1
    return next(s for s in (power, 2 * power, 5 * power, 10 * power) if s >= least * (1 - 1e-9))


def decimal(value: float, words: Words) -> str:
    """One decimal place, with the language's own mark."""
    return words.marked(f"{value:.1f}")


def dollars(amount: Decimal, words: Words) -> str:
    """Cents, less than ten dollars to a hundredth of a cent: an hour's price can be seen."""
    least = Decimal("0.01") if amount >= 10 else Decimal("0.0001")
    return words.marked(f"{amount.quantize(least, ROUND_HALF_UP):,f}")


def lag_said(ms: int, words: Words) -> str:
    """A lag: 0.6 s, 12 s, 3 min 20 s."""
    if ms >= 2 * MINUTE:
        return duration(ms - ms % SECOND)
    text = f"{ms / SECOND:.1f}" if ms < 10 * SECOND else f"{ms // SECOND}"
    return f"{words.marked(text)} s"
