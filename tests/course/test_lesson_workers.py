"""The check of the lesson on workers: each likely mistake meets its reason, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim.course.exercises.workers import GOOD, unstick
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.scenes.charging import (
    FUNCTION,
    STREAM,
    Blocked,
    Charging,
    a_minute_of_payments,
)

BISECT = {"BisectBatchOnFunctionError": True}
RETRIES = {"MaximumRetryAttempts": 2}


def told(trial: Blocked) -> dict[str, Any]:
    return {"DestinationConfig": {"OnFailure": {"Destination": trial.queue_arn}}}


def reason(trial: Blocked) -> str:
    verdict = unstick(trial)
    for language in LANGUAGES:
        assert CourseWords("workers", language).say(
            f"check.unstick.{verdict.reason}", **verdict.values
        )
    return verdict.reason


def changed(minutes: int = 20, *, tell: bool, **members: Any) -> Blocked:
    """A trial whose mapping was changed, and the time that passed after."""
    trial = Blocked()
    members |= told(trial) if tell else {}
    if members:
        trial.sim.client("lambda").update_event_source_mapping(UUID=trial.uuid, **members)
    trial.sim.advance(minutes=minutes)
    return trial


def test_halving_few_retries_and_a_destination_pass() -> None:
    trial = changed(tell=True, **BISECT, **RETRIES)
    verdict = unstick(trial)
    assert verdict.ok
    assert verdict.values["good"] == 299
    assert reason(trial) == "passed"
    assert reason(trial) == "passed"  # looking takes no message out of the queue


def test_no_retries_at_all_pass_as_well_with_halving() -> None:
    assert reason(changed(tell=True, MaximumRetryAttempts=0, **BISECT)) == "passed"


@pytest.mark.parametrize(
    ("members", "tell", "why"),
    [
        ({}, False, "stuck"),
        ({}, True, "stuck"),
        (BISECT, False, "alone"),
        (BISECT, True, "alone"),
        ({"MaximumRetryAttempts": 0}, False, "thrown"),
        ({"MaximumRetryAttempts": 0}, True, "batch-told"),
        ({"MaximumRetryAttempts": 0, "BatchSize": 10}, True, "batch-before"),
        ({"MaximumRetryAttempts": 2, "BatchSize": 1}, True, "batch-before"),
        ({"BatchSize": 1}, True, "stuck"),
        ({"MaximumRetryAttempts": 2, "ParallelizationFactor": 10}, True, "batch-told"),
        ({"MaximumRecordAgeInSeconds": 60}, True, "batch-told"),
        (BISECT | {"MaximumRecordAgeInSeconds": 60}, True, "batch-told"),
        ({"FunctionResponseTypes": ["ReportBatchItemFailures"]}, True, "stuck"),
        ({"MaximumRecordAgeInSeconds": 60}, False, "thrown"),
        ({"MaximumRecordAgeInSeconds": 60} | BISECT, False, "thrown"),
        (BISECT | RETRIES, False, "untold"),
        ({"Enabled": False}, False, "disabled"),
    ],
)
def test_each_mistake_has_its_reason(members: dict[str, Any], tell: bool, why: str) -> None:
    assert reason(changed(tell=tell, **members)) == why


def test_payments_charged_by_hand_after_their_batch_was_thrown_are_told_of_too() -> None:
    trial = changed(tell=True, MaximumRetryAttempts=0)
    trial.billing.charged.update(dict.fromkeys(GOOD, 1))
    assert reason(trial) == "told-more"


def test_time_has_to_pass() -> None:
    assert reason(changed(0, tell=True, **BISECT, **RETRIES)) == "wait"
    assert reason(changed(0, tell=False, MaximumRetryAttempts=2)) == "wait"


@pytest.mark.parametrize("start", ["LATEST", "TRIM_HORIZON"])
def test_a_mapping_made_anew_is_no_cure(start: str) -> None:
    trial = Blocked()
    client = trial.sim.client("lambda")
    client.delete_event_source_mapping(UUID=trial.uuid)
    trial.sim.advance(minutes=1)
    client.create_event_source_mapping(
        EventSourceArn=trial.sim.streams[STREAM].arn, FunctionName=FUNCTION, StartingPosition=start
    )
    trial.sim.advance(minutes=20)
    assert reason(trial) == "deleted"


def test_a_trial_begins_with_a_queue_of_its_own() -> None:
    assert changed(tell=True, **BISECT, **RETRIES).failures() != []
    assert Blocked().failures() == []


def test_a_function_that_reports_loses_nothing_before_the_bad_record() -> None:
    trial = changed(5, tell=False, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert len(trial.billing.charged) == 137
    trial.billing.partial = True
    trial.sim.advance(minutes=5)
    assert trial.sim.mappings.find(trial.uuid).counts.records == 137


def test_sums_of_windows_are_carried_from_call_to_call() -> None:
    counting, window = Charging(), {"isFinalInvokeForWindow": False, "Records": []}
    state = counting({**window, "state": {}})["state"]
    counting({**window, "isFinalInvokeForWindow": True, "state": state})
    assert counting.windows == [0]
    assert "state" not in counting({"Records": []})


@pytest.mark.parametrize(
    ("settings", "calls"), [({}, [1] * 60), ({"MaximumBatchingWindowInSeconds": 30}, [31, 29])]
)
def test_all_sixty_payments_are_counted_however_they_are_gathered(
    settings: dict[str, int], calls: list[int]
) -> None:
    assert a_minute_of_payments(**settings).invocations == calls


def test_checks_speak_every_language() -> None:
    for exercise, texts in tables("workers")["check"].items():
        for why, text in texts.items():
            for each in text if why == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, why)
