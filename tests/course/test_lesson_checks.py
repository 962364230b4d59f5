"""The checks of the first lessons: each likely mistake is met with its own reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict
from kinesis_sim.course.exercises import (
    shards_and_partition_keys,
    start_here,
    the_notes,
    what_is_kinesis,
)
from kinesis_sim.course.words import LANGUAGES, CourseWords, tables
from kinesis_sim.workloads.events.generators import rides
from kinesis_sim.workloads.scenes.feed import feed

FOUND = "lost-and-found"


def create(sim: Simulator, name: str, shards: int = 1) -> Any:
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    return kinesis


def said(lesson: str, exercise: str, verdict: Verdict) -> str:
    """The verdict in English; KeyError when a text or a value is missing."""
    return CourseWords(lesson, "en").say(f"check.{exercise}.{verdict.reason}", **verdict.values)


class TestLoseOne:
    @pytest.fixture
    def receipt(self, sim: Simulator) -> dict[str, Any]:
        kinesis = create(sim, FOUND)
        answer: dict[str, Any] = kinesis.put_record(
            StreamName=FOUND, PartitionKey="glove", Data=b"x"
        )
        return answer

    def reason(self, sim: Simulator, receipt: Any, lost_at: Any) -> str:
        verdict = start_here.lose_one(receipt, lost_at, sim)
        assert said("start_here", "lose-one", verdict)
        return verdict.reason

    def test_solved(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        lost_at = sim.now + timedelta(hours=24)
        sim.advance(hours=30)
        assert self.reason(sim, receipt, lost_at) == "passed"

    @pytest.mark.parametrize(
        ("hours", "word"), [(23, "too-early"), (0, "too-early"), (25, "too-late")]
    )
    def test_wrong_moment(
        self, sim: Simulator, receipt: dict[str, Any], hours: int, word: str
    ) -> None:
        lost_at = sim.now + timedelta(hours=hours)
        sim.advance(hours=30)
        assert self.reason(sim, receipt, lost_at) == word

    def test_a_few_seconds_too_late_are_shown(
        self, sim: Simulator, receipt: dict[str, Any]
    ) -> None:
        lost_at = sim.now + timedelta(hours=24, seconds=8)
        sim.advance(hours=30)
        verdict = start_here.lose_one(receipt, lost_at, sim)
        assert verdict.reason == "too-late"
        assert "24:00:08" in said("start_here", "lose-one", verdict)

    def test_more_shards_than_asked_for(self, sim: Simulator) -> None:
        kinesis = create(sim, FOUND, shards=2)
        receipt = kinesis.put_record(StreamName=FOUND, PartitionKey="glove", Data=b"x")
        assert self.reason(sim, receipt, sim.now) == "shards"

    def test_a_moment_without_a_zone_is_the_simulators(
        self, sim: Simulator, receipt: dict[str, Any]
    ) -> None:
        lost_at = (sim.now + timedelta(hours=24)).replace(tzinfo=None)
        sim.advance(hours=30)
        assert self.reason(sim, receipt, lost_at) == "passed"

    def test_not_lost_yet(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        lost_at = sim.now + timedelta(hours=24)
        sim.advance(hours=23)
        assert self.reason(sim, receipt, lost_at) == "still-there"

    def test_no_time(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        sim.advance(hours=30)
        assert self.reason(sim, receipt, "tomorrow") == "no-time"

    def test_before_it_was_put(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        lost_at = sim.now - timedelta(hours=1)
        sim.advance(hours=30)
        assert self.reason(sim, receipt, lost_at) == "before-it-came"

    def test_the_stream_is_looked_at_before_there_is_an_answer(self, sim: Simulator) -> None:
        assert start_here.lose_one(None, None, sim).reason == "untouched"
        assert self.reason(sim, None, sim.now) == "no-stream"
        create(sim, FOUND)
        assert self.reason(sim, None, None) == "no-receipt"

    def test_no_receipt(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        assert self.reason(sim, "49670424", sim.now) == "no-receipt"
        for number in ("shard 0", 49670424, "\u0663", "1" * 130, None):
            assert self.reason(sim, {"SequenceNumber": number}, sim.now) == "no-receipt"

    def test_no_stream(self, sim: Simulator) -> None:
        assert self.reason(sim, {"SequenceNumber": "1"}, sim.now) == "no-stream"

    def test_receipt_of_another_stream(self, sim: Simulator, receipt: dict[str, Any]) -> None:
        sim.advance(hours=1)
        kinesis = create(sim, "other")
        other = kinesis.put_record(StreamName="other", PartitionKey="k", Data=b"x")
        assert self.reason(sim, other, sim.now) == "other-stream"


class TestNotesCli:
    def reason(self, sim: Simulator) -> str:
        verdict = the_notes.notes_cli(sim)
        assert said("the_notes", "notes-cli", verdict)
        return verdict.reason

    def put(self, sim: Simulator, key: str, data: bytes, shards: int = 2) -> None:
        kinesis = create(sim, the_notes.STREAM, shards)
        kinesis.put_record(StreamName=the_notes.STREAM, PartitionKey=key, Data=data)

    def test_solved(self, sim: Simulator) -> None:
        self.put(sim, "chave2", b"segunda mensagem")
        assert self.reason(sim) == "passed"

    @pytest.mark.parametrize(
        ("key", "data", "shards", "word"),
        [
            ("chave1", b"segunda mensagem", 2, "other-key"),
            ("chave2", b"segunda", 2, "other-data"),
            ("chave2", b"c2VndW5kYSBtZW5zYWdlbQ==", 2, "base64"),
            ("chave2", b"segunda mensagem", 1, "shards"),
        ],
    )
    def test_almost(self, sim: Simulator, key: str, data: bytes, shards: int, word: str) -> None:
        self.put(sim, key, data, shards)
        assert self.reason(sim) == word

    def test_nothing_yet(self, sim: Simulator) -> None:
        assert self.reason(sim) == "no-stream"

    def test_put_too_early(self) -> None:
        sim = Simulator()
        create(sim, the_notes.STREAM, 2)
        assert self.reason(sim) == "creating"
        sim.advance(minutes=1)
        assert self.reason(sim) == "empty"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"B", "D", "G"}, "passed"),
        (["g", "b", "d"], "passed"),
        ("BDG", "passed"),
        ("B, D, G", "passed"),
        ("B, D and G", "passed"),
        ("B e D e G", "passed"),  # the Portuguese "and", though E is a claim
        ("B, D e G", "passed"),
        ("b, d e g", "passed"),
        ("b e d e g", "passed"),
        ("B, D, E, G", "still-true"),
        ("B, D, e, G", "still-true"),
        ("b d e g", "still-true"),
        ("bdeg", "still-true"),
        (5, "shape"),
        (None, "shape"),
        ({"B": 1}, "shape"),
        ([10**400], "none"),
        ("bdg", "passed"),
        ("all of them", "none"),
        ({"B", "F", "G"}, "still-true"),
        ({"B"}, "missing"),
        (set(), "none"),
        ([], "none"),
        ({"B", "Z"}, "unknown"),
    ],
)
def test_claims_that_aged(answer: Any, word: str) -> None:
    verdict = the_notes.aged(answer)
    assert verdict.reason == word
    assert said("the_notes", "aged", verdict)


RIGHT = what_is_kinesis.FITS


@pytest.mark.parametrize(
    ("services", "word"),
    [
        (RIGHT, "passed"),
        (RIGHT | {"B": "Amazon Data Firehose", "C": "flink"}, "passed"),
        (RIGHT | {"A": "Kinesis Data Streams", "D": "Kinesis Video Streams"}, "passed"),
        (RIGHT | {"A": "KDS", "B": "ADF", "D": "kvs ", "E": "Simple Queue Service"}, "passed"),
        (RIGHT | {"C": "Kinesis Data Analytics"}, "passed"),
        (RIGHT | {"B": "KDS"}, "wrong-b"),
        (RIGHT | {"E": "not SQS"}, "unknown"),
        (RIGHT | {"A": "Kinesis"}, "unknown"),
        (RIGHT | {"B": "S3"}, "unknown"),
        (RIGHT | {"A": "SQS", "E": "Data Streams"}, "wrong-a"),
        (RIGHT | {"E": "EventBridge"}, "unknown"),
        (RIGHT | {"B": 5}, "unknown"),
        (["Data Streams", "Firehose"], "shape"),
        ({"A": "Data Streams"}, "shape"),
        (RIGHT | {"C": None}, "open"),
        (RIGHT | {"C": "Lambda"}, "unknown"),
        (RIGHT | {"A": "Data Streams or SQS"}, "unknown"),
        (RIGHT | {"A": "SQS"}, "wrong-a"),
        (RIGHT | {"B": "Data Streams"}, "wrong-b"),
        (RIGHT | {"C": "Firehose"}, "wrong-c"),
        (RIGHT | {"D": "Data Streams"}, "wrong-d"),
        (RIGHT | {"E": "Data Streams"}, "wrong-e"),
        (dict.fromkeys(RIGHT, "Data Streams"), "wrong-b"),
    ],
)
def test_choosing_the_service(services: Any, word: str) -> None:
    verdict = what_is_kinesis.choose(services)
    assert verdict.reason == word
    assert said("what_is_kinesis", "choose", verdict)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("bike_id", "passed"),
        ("station_id", "crowded"),
        ("rider_id", "torn"),
        ("ride_id", "torn"),
        (["station_id", "bike_id"], "torn"),
        ("event", "few-keys"),
    ],
)
def test_spreading_the_busy_station(sim: Simulator, key: Any, word: str) -> None:
    create(sim, "pedala-rides", 4)
    feed(sim, "pedala-rides", rides(key=key))
    verdict = shards_and_partition_keys.spread_station(sim)
    assert verdict.reason == word
    assert said("shards_and_partition_keys", "spread-station", verdict)


def test_a_part_of_the_day_is_no_proof(sim: Simulator) -> None:
    """Few enough rides, or none of the busy station's, are spread by any key."""
    create(sim, "pedala-rides", 4)
    feed(sim, "pedala-rides", list(rides(key="ride_id"))[:6])
    verdict = shards_and_partition_keys.spread_station(sim)
    assert verdict.reason == "part"
    assert said("shards_and_partition_keys", "spread-station", verdict)


def test_spreading_what_is_no_ride(sim: Simulator) -> None:
    """What a learner put by hand is told as such, not as the error it makes."""
    found = shards_and_partition_keys.spread_station(sim)
    assert found.reason == "no-stream"
    assert said("shards_and_partition_keys", "spread-station", found)
    kinesis = create(sim, "pedala-rides", 4)
    for data in (b"x", b"5", b"{}"):
        kinesis.put_record(StreamName="pedala-rides", PartitionKey="k", Data=data)
        found = shards_and_partition_keys.spread_station(sim)
        assert found.reason == "foreign"
        assert said("shards_and_partition_keys", "spread-station", found)


def test_more_shards_are_no_better_key(sim: Simulator) -> None:
    kinesis = create(sim, "pedala-rides", 4)
    kinesis.update_shard_count(
        StreamName="pedala-rides", TargetShardCount=8, ScalingType="UNIFORM_SCALING"
    )
    sim.advance(minutes=2)
    feed(sim, "pedala-rides", rides(key="station_id"))
    verdict = shards_and_partition_keys.spread_station(sim)
    assert verdict.reason == "shards"
    assert said("shards_and_partition_keys", "spread-station", verdict)


def test_spreading_nothing(sim: Simulator) -> None:
    create(sim, "pedala-rides", 4)
    assert shards_and_partition_keys.spread_station(sim).reason == "empty"


def test_disorder_is_noticed(sim: Simulator) -> None:
    create(sim, "pedala-rides", 4)
    day = list(rides(key="bike_id"))
    feed(sim, "pedala-rides", day[:100][::-1] + day[100:])
    verdict = shards_and_partition_keys.spread_station(sim)
    assert verdict.reason == "disordered"
    assert said("shards_and_partition_keys", "spread-station", verdict)


@pytest.mark.parametrize(
    "lesson", ["start_here", "what_is_kinesis", "the_notes", "shards_and_partition_keys"]
)
def test_checks_speak_every_language(lesson: str) -> None:
    for exercise, texts in tables(lesson)["check"].items():
        for reason, text in texts.items():
            for each in text if reason == "hints" else [text]:
                assert set(each) == set(LANGUAGES), (exercise, reason)
