"""The check of the lesson on queues and channels: each mistake meets its reason."""

from __future__ import annotations

from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.exercises.queues_and_channels import FITS, choose_way
from kinesis_sim.course.words import LANGUAGES, CourseWords
from kinesis_sim.workloads.readers.read import read
from kinesis_sim.workloads.scenes.jobs import Jobs


@pytest.mark.parametrize(
    ("ways", "why"),
    [
        (FITS, "passed"),
        (FITS | {"B": "Consumer "}, "passed"),
        ({"A": "queues", "B": "consumers", "C": "Channels", "D": "Data Firehose"}, "passed"),
        ({"A": "filas", "B": "consumidores", "C": "canais", "D": "firehose"}, "passed"),
        (FITS | {"A": 5}, "unknown"),
        (FITS | {"A": "queues of"}, "unknown"),
        (list(FITS), "shape"),
        ({"A": "queue"}, "shape"),
        (FITS | {"D": None}, "open"),
        (FITS | {"A": "sqs"}, "unknown"),
        (FITS | {"A": "consumer"}, "wrong-a"),
        (FITS | {"A": "channel"}, "delivers"),
        (FITS | {"B": "firehose"}, "delivers"),
        (FITS | {"B": "queue"}, "wrong-b"),
        (FITS | {"C": "queue"}, "program"),
        (FITS | {"D": "consumer"}, "program"),
        (FITS | {"C": "firehose"}, "wrong-c"),
        (FITS | {"D": "channel"}, "wrong-d"),
        (dict.fromkeys(FITS, "queue"), "wrong-b"),
    ],
)
def test_each_choice_has_its_reason(ways: Any, why: str) -> None:
    verdict = choose_way(ways)
    assert verdict.reason == why
    for language in LANGUAGES:
        words = CourseWords("queues_and_channels", language)
        assert "{" not in words.say(f"check.choose-way.{why}", **verdict.values)


def test_what_fails_holds_nobody_up_and_stays_in_the_stream() -> None:
    sim = Simulator(start="2026-01-01T08:00:00Z")
    jobs = Jobs(sim)
    assert jobs.put(*range(1, 13), fails=7, times=1) == [*range(1, 7), *range(8, 13), 7]
    assert jobs.put(*range(13, 19), fails=15, times=99) == [13, 14, 16, 17, 18]
    assert jobs.dead_letters() == [15]
    assert len(read(sim, jobs.stream)) == 18
    assert jobs.archived(19, 20) == [19, 20]
