"""When a function is asked again: after an error, and while all its instances are taken."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.mappings.sources import Event, mapped, put, quick


def test_pauses_after_an_error_double_from_a_quarter_of_a_second_to_a_minute() -> None:
    sim, asked = quick(), []

    def fails(event: Event) -> None:
        asked.append(sim.clock.now)
        raise ValueError("always")

    mapped(sim, fails)
    put(sim, "a")
    sim.advance(minutes=5)
    pauses = [after - before for before, after in pairwise(asked)]
    assert pauses[:10] == [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]


def test_a_batch_that_may_be_a_minute_old_is_tried_eight_times() -> None:
    """As AWS was recorded doing (facts/data-streams/9/lambda-retry-pace)."""
    sim, asked = quick(), []

    def fails(event: Event) -> None:
        asked.append(sim.clock.now)
        raise ValueError("always")

    mapped(sim, fails, MaximumRecordAgeInSeconds=60)
    put(sim, "a")
    sim.advance(minutes=5)
    assert len(asked) == 8


@pytest.mark.parametrize(("duration_ms", "second_at"), [(400, 1_000), (1_400, 2_000)])
def test_a_taken_function_is_asked_again_each_second(duration_ms: int, second_at: int) -> None:
    sim, asked = quick(), []

    def charge(event: Event) -> Any:
        asked.append(sim.clock.now)

    mapped(sim, charge, shards=2, concurrency=1, duration_ms=duration_ms)
    for key in ("a", "b", "c", "d"):
        put(sim, key, key=key)
    sim.advance(seconds=5)
    assert asked[1] - asked[0] == second_at
