"""What a record counts for on the bill."""

from __future__ import annotations

from collections.abc import Sequence

BILLED_STEP = 5 * 1024


def billed(sizes: Sequence[int]) -> int:
    """Bytes that records are billed for, each rounded up to 5 KB (facts/firehose §8).

    That an empty record counts as one step is the model's choice.
    """
    return sum([-(-size // BILLED_STEP) or 1 for size in sizes]) * BILLED_STEP
