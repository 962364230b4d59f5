"""The check of the lesson on readers: each likely mistake is met with its own reason."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course.exercises.readers import FAN_OUT, own_speed
from kinesis_sim.course.words import LANGUAGES, CourseWords


def reason(plan: Any) -> str:
    verdict = own_speed(plan)
    for language in LANGUAGES:
        key = f"check.own-speed.{verdict.reason}"
        assert "{" not in CourseWords("readers", language).say(key, **verdict.values)
    return verdict.reason


def plan(alerts: Any, on_map: Any, archive: Any) -> dict[str, Any]:
    return {"alerts": alerts, "map": on_map, "archive": archive}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (plan(FAN_OUT, 1_000, 1_500), "passed"),
        (plan(FAN_OUT, 1_900, 1_900), "passed"),
        (plan(FAN_OUT, 500, 2_000), "passed"),
        (plan("Fan out", "1,000", "1.500"), "passed"),
        (plan("fan_out", 1_000, "1 500"), "passed"),
        (plan("Enhanced fan-out", 1_000, 1_500), "passed"),
        (plan(FAN_OUT, 1_000, "1,5"), "way"),
        (plan(FAN_OUT, 1_000, "1" * 5_000), "way"),
        (plan(FAN_OUT, 1_000, 10**5_000), "way"),
        (["fan-out", 1_000, 1_500], "shape"),
        ({"alerts": FAN_OUT}, "shape"),
        (plan(FAN_OUT, 1_000, None), "open"),
        (plan("push", 1_000, 1_500), "way"),
        (plan(FAN_OUT, 0, 1_500), "way"),
        (plan(FAN_OUT, 1.5, 1_500), "way"),
        (plan(FAN_OUT, FAN_OUT, FAN_OUT), "dear"),
        (plan(FAN_OUT, FAN_OUT, 1_000), "dear"),
        (plan(100, 1_000, 1_000), "calls"),
        (plan(FAN_OUT, 200, 200), "impatient"),
        (plan(FAN_OUT, 300, 300), "impatient"),
        (plan(1_000, FAN_OUT, FAN_OUT), "pause"),
        (plan(FAN_OUT, 5_000, 1_000), "pause"),
        (plan(FAN_OUT, 1_000, 50_000), "silenced"),
        (plan(FAN_OUT, 2_000, 60_000), "silenced"),
        (plan(150, FAN_OUT, FAN_OUT), "calls"),
    ],
)
def test_each_plan_has_its_reason(given: Any, why: str) -> None:
    assert reason(given) == why


def test_the_last_hint_is_a_plan_that_passes() -> None:
    """From vague to plain: whoever does what the last hint says is not late and pays for one."""
    hint = CourseWords("readers", "en").list("check.own-speed.hints")[-1]
    assert '"fan-out"' in hint
    assert "between one and one and a half seconds" in hint
    for on_map in (1_000, 1_500):
        for archive in (1_000, 1_500):
            assert reason(plan(FAN_OUT, on_map, archive)) == "passed"


def test_what_is_said_of_a_plan_is_what_was_written_and_what_happens() -> None:
    """An answer holds 10 MiB, however long its poller was away; a mistake is shown as written."""
    assert own_speed(plan(FAN_OUT, 1_000, 50_000)).values["mib"] == 10
    assert own_speed(plan("Push it", 1_000, 1_500)).values["way"] == "'Push it'"
