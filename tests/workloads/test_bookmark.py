"""Readers that keep their own place, and the books that a consumer keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import HOUR
from kinesis_sim.streams.events import ShardCheckpointed
from kinesis_sim.workloads.readers.bookmark import Bookmark
from kinesis_sim.workloads.scenes.books import Ledger

STREAM = "pedala-payments"


@pytest.fixture
def sim() -> Simulator:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    return sim


def put(sim: Simulator, *data: bytes) -> None:
    for each in data:
        sim.client("kinesis").put_record(StreamName=STREAM, PartitionKey="card", Data=each)


def test_each_reader_keeps_its_own_place(sim: Simulator) -> None:
    one, other = Bookmark(sim, STREAM, "one"), Bookmark(sim, STREAM, "other")
    put(sim, b"1", b"2")
    assert [record["Data"] for record in one.read()] == [b"1", b"2"]
    put(sim, b"3")
    assert [record["Data"] for record in one.read()] == [b"3"]
    assert [record["Data"] for record in other.read()] == [b"1", b"2", b"3"]
    assert one.checkpoints == other.checkpoints


def test_a_checkpoint_is_written_down_after_the_handler(sim: Simulator) -> None:
    seen: list[int] = []

    def fail_once(records: list[dict[str, Any]]) -> None:
        seen.append(len(records))
        if len(seen) == 1:
            raise ValueError("the books are locked")

    reader = Bookmark(sim, STREAM, "ledger", fail_once)
    put(sim, b"1", b"2")
    with pytest.raises(ValueError, match="locked"):
        reader.read()
    assert reader.checkpoints == {}
    assert len(reader.read()) == 2
    [event] = sim.events.of(ShardCheckpointed)
    assert (event.application, event.shard) == ("ledger", 0)
    assert event.checkpoint == reader.checkpoints["shardId-000000000000"]


def test_latest_begins_behind_what_is_there(sim: Simulator) -> None:
    put(sim, b"old")
    assert Bookmark(sim, STREAM, "late", start="LATEST").read() == []


def test_it_reads_on_the_clock_until_it_dies(sim: Simulator) -> None:
    reader = Bookmark(sim, STREAM, "report").every(hours=1, until=sim.clock.now + 2 * HOUR)
    for _ in range(5):
        put(sim, b"x")
        sim.advance(hours=1)
    assert [event.at for event in sim.events.of(ShardCheckpointed)] == [
        sim.clock.now - 4 * HOUR, sim.clock.now - 3 * HOUR
    ]  # fmt: skip
    assert len(reader.read()) == 3


def test_a_checkpoint_off_the_edge_goes_on_at_the_horizon_without_a_word(sim: Simulator) -> None:
    reader = Bookmark(sim, STREAM, "report")
    put(sim, b"read")
    reader.read()
    sim.advance(hours=1)
    put(sim, b"missed")
    sim.advance(hours=24)
    put(sim, b"left")
    sim.advance(milliseconds=1)
    assert [record["Data"] for record in reader.read()] == [b"left"]


def test_a_refused_read_on_the_clock_waits_for_the_next_turn(sim: Simulator) -> None:
    readers = [Bookmark(sim, STREAM, f"reader-{number}").every(hours=1) for number in range(7)]
    put(sim, b"x")
    sim.advance(hours=1)
    assert [bool(reader.checkpoints) for reader in readers] == [True] * 5 + [False] * 2
    sim.advance(minutes=1)
    assert [len(reader.read()) for reader in readers[5:]] == [1, 1]


def test_bad_input_is_one_clear_sentence(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="start='AT_TIMESTAMP': choose TRIM_HORIZON or LATEST"):
        Bookmark(sim, STREAM, "x", start="AT_TIMESTAMP")
    with pytest.raises(UsageError, match="give a pace above nothing"):
        Bookmark(sim, STREAM, "x").every()


# --- the books ------------------------------------------------------------------------------------

TWO = datetime(2026, 1, 1, 14, tzinfo=UTC)


def record(at: datetime, number: int, amount: float) -> dict[str, Any]:
    data = b'{"payment_id": "payment-%d", "amount_brl": %.2f}' % (number, amount)
    return {"Data": data, "ApproximateArrivalTimestamp": at}


def test_the_faulty_hour_is_booked_a_hundred_times_too_high() -> None:
    books = Ledger(faulty=(TWO, TWO + timedelta(hours=1)))
    minutes = (-1, 0, 59, 60)
    books.live(record(TWO + timedelta(minutes=m), m, 9.5) for m in minutes)
    assert [entry.amount_brl for entry in books.entries] == [9.5, 950, 950, 9.5]


def test_booking_never_looks_and_striking_takes_a_span() -> None:
    books = Ledger()
    for _ in range(2):
        books.book(record(TWO, 1, 9.5))
    books.book(record(TWO + timedelta(hours=1), 2, 1))
    assert books.strike(TWO, TWO + timedelta(hours=1)) == 2
    assert [entry.payment_id for entry in books.entries] == ["payment-2"]
    assert str(books) == "15:00     1 payment           1.00 BRL"
    assert str(Ledger()) == "no payments"
