"""The check of the lesson on producers tells apart what producers do wrong."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict
from kinesis_sim.course.exercises.producers import COUNT, STREAM, resend
from kinesis_sim.course.words import LANGUAGES, CourseWords
from kinesis_sim.workloads.scenes.drip import Drip

Entries = list[dict[str, Any]]
UNLOCKS = [
    {
        "PartitionKey": "station-09" if number % 4 else "station-02",
        "Data": f"unlock {number}".encode(),
    }
    for number in range(COUNT)
]


def failed_of(kinesis: Any, batch: Entries) -> Entries:
    answer = kinesis.put_records(StreamName=STREAM, Records=batch)
    rows = zip(batch, answer["Records"], strict=True)
    return [entry for entry, told in rows if "ErrorCode" in told]


def train(wait: Callable[[int], int], again: Callable[[Entries, Entries], Entries]) -> Verdict:
    """Send the train in calls of 400; wait(tries) in ms after a failure, then send again(…)."""
    trial = Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    waiting, tries = UNLOCKS, 0
    while waiting:
        batch = waiting[:400]
        failed = failed_of(kinesis, batch)
        waiting = (again(batch, failed) if failed else []) + waiting[400:]
        tries = tries + 1 if failed else 0
        if failed:
            trial.advance(milliseconds=wait(tries))
    return told(resend(trial))


def told(verdict: Verdict) -> Verdict:
    """The verdict, once it has been said in every language."""
    for lang in LANGUAGES:
        said = CourseWords("producers", lang).say(
            f"check.resend.{verdict.reason}", **verdict.values
        )
        assert "{" not in said
    return verdict


def only_failed(_batch: Entries, failed: Entries) -> Entries:
    return failed


@pytest.mark.parametrize("seed", range(5))
def test_back_off_with_jitter_passes(seed: int) -> None:
    chance = Random(seed)
    verdict = train(lambda tries: chance.randint(0, 100 << (tries - 1)), only_failed)
    assert verdict.ok
    assert verdict.values["total"] == COUNT


def test_waiting_when_nothing_was_refused_is_told() -> None:
    chance = Random(3)
    trial = Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    waiting = UNLOCKS
    while waiting:
        waiting = failed_of(kinesis, waiting[:500]) + waiting[500:]
        trial.advance(milliseconds=chance.randint(300, 700))
    verdict = told(resend(trial))
    assert verdict.reason == "unasked"
    assert 300 <= verdict.values["wait"] <= 750


def test_a_forgotten_entry_is_lost() -> None:
    assert train(lambda _: 1_000, lambda *_: []).reason == "lost"


def test_a_batch_sent_again_doubles() -> None:
    assert train(lambda _: 1_000, lambda batch, _: batch).reason == "doubled"


def test_no_wait_hammers() -> None:
    assert train(lambda _: 0, only_failed).reason == "hammered"


def test_short_waits_that_do_not_grow_hammer() -> None:
    chance = Random(0)
    assert train(lambda _: chance.randint(0, 100), only_failed).reason == "hammered"


def test_who_waits_before_the_shard_is_full_has_shown_no_retry() -> None:
    """A second between two calls, and nothing is ever refused: nothing had to be sent again."""
    trial = Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    for first in range(0, COUNT, 500):
        kinesis.put_records(StreamName=STREAM, Records=UNLOCKS[first : first + 500])
        trial.advance(seconds=1)
    assert told(resend(trial)).reason == "paced"


@pytest.mark.parametrize("tail", [True, False])
def test_by_the_count_alone_the_wrong_entries_are_sent_again(tail: bool) -> None:
    """``waiting[500 - failed:]``, and its mirror: what is refused does not stand at one end."""
    chance, trial = Random(3), Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    waiting, wait = UNLOCKS, 100
    while waiting:
        batch = waiting[:500]
        failed = kinesis.put_records(StreamName=STREAM, Records=batch)["FailedRecordCount"]
        again = batch[len(batch) - failed :] if tail else batch[:failed]
        waiting = again + waiting[500:]
        wait = 2 * wait if failed else 100
        trial.advance(milliseconds=chance.randint(0, wait) if failed else 0)
    verdict = told(resend(trial))
    assert verdict.reason == "misplaced"
    assert verdict.values["lost"] > 0
    assert verdict.values["doubled"] > 0


def test_what_was_never_sent_was_not_refused() -> None:
    trial = Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    kinesis.put_records(StreamName=STREAM, Records=UNLOCKS[:500])
    found = told(resend(trial))
    assert (found.reason, found.values["lost"]) == ("unsent", COUNT - 500)


def test_equal_waits_are_in_step() -> None:
    assert train(lambda _: 1_000, only_failed).reason == "in-step"


def test_nothing_put_is_said_plainly() -> None:
    trial = Simulator(delays="instant")
    assert resend(trial).reason == "no-stream"
    trial.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    assert resend(trial).reason == "empty"


@pytest.mark.parametrize("pause", [0, 1_000])
def test_the_whole_batch_until_it_is_taken_doubles(pause: int) -> None:
    """A random pause and the whole batch again, no error code read: the lesson's own trap."""
    chance, trial = Random(3), Simulator(delays="instant")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    trial.advance(milliseconds=pause)
    for first in range(0, COUNT, 500):
        batch = UNLOCKS[first : first + 500]
        while kinesis.put_records(StreamName=STREAM, Records=batch)["FailedRecordCount"]:
            trial.advance(milliseconds=chance.randint(0, 500))
    assert told(resend(trial)).reason == "doubled"


def test_one_record_a_call_misses_the_point() -> None:
    trial = Simulator(delays="instant", limits="off")
    kinesis = trial.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=2)
    for entry in UNLOCKS:
        kinesis.put_record(StreamName=STREAM, **entry)
    assert told(resend(trial)).reason == "one-by-one"


def test_only_the_bikes_have_been_heard() -> None:
    trial = Simulator(delays="instant")
    trial.client("kinesis").create_stream(StreamName=STREAM, ShardCount=2)
    Drip(trial, STREAM, every_ms=7)
    trial.advance(seconds=1)
    assert told(resend(trial)).reason == "empty"
