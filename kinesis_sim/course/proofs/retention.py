"""Proofs about what a stream still holds."""

from datetime import UTC, datetime, timedelta

from kinesis_sim import Simulator

STREAM = "pedala-rides"
FRIDAY = datetime(2026, 1, 2, 18, tzinfo=UTC)
SUNDAY = datetime(2026, 1, 4, 8, tzinfo=UTC)
MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)


def after_the_weekend() -> tuple[str, ...]:
    """K16: a record an hour, at half past; what TRIM_HORIZON reads on Monday at 08:00.

    The records begin eight days before.
    """
    start = MONDAY - timedelta(days=8) + timedelta(minutes=30)
    sim = Simulator(start=start, delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    put = [start + timedelta(hours=hour) for hour in range(8 * 24)]
    for at in put:
        sim.run_until(at)
        kinesis.put_record(StreamName=STREAM, PartitionKey="ride", Data=at.isoformat().encode())
    sim.run_until(MONDAY)
    read = _read(sim, "TRIM_HORIZON")
    kept_if = {
        "since-friday": [at for at in put if at >= FRIDAY],
        "from-now-on": [at for at in put if at >= MONDAY],
        "last-day": [at for at in put if at >= SUNDAY],
        "last-week": [at for at in put if at >= MONDAY - timedelta(days=7)],
    }
    return tuple(option for option, kept in kept_if.items() if read == kept)


def _read(sim: Simulator, iterator_type: str) -> list[datetime]:
    kinesis = sim.client("kinesis")
    [shard] = kinesis.list_shards(StreamName=STREAM)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=STREAM, ShardId=shard["ShardId"], ShardIteratorType=iterator_type
    )
    records = kinesis.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    return [datetime.fromisoformat(record["Data"].decode()) for record in records]


def raised_too_late() -> tuple[str, ...]:
    """K17: the record of Monday 12:00, once read in time and once not, after a late raise."""
    read, unread = _raised(read_in_time=True), _raised(read_in_time=False)
    younger = _raised(read_in_time=False, hour=14)
    happened = {
        "later": not younger,
        "back": bool(read and unread),
        "gone": bool(younger) and not read and not unread,
        "unread": bool(unread and not read),
    }
    return tuple(option for option, true in happened.items() if true)


def _raised(*, read_in_time: bool, hour: int = 12) -> list[datetime]:
    """What is read 26 hours after a record of that hour of Monday; raised on Tuesday at 13:00."""
    put = datetime(2026, 1, 5, hour, tzinfo=UTC)
    sim = Simulator(start=put, delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.put_record(StreamName=STREAM, PartitionKey="ride", Data=put.isoformat().encode())
    if read_in_time:
        assert _read(sim, "TRIM_HORIZON") == [put]
    sim.run_until(datetime(2026, 1, 6, 13, tzinfo=UTC))
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    sim.run_until(put + timedelta(hours=26))
    return _read(sim, "TRIM_HORIZON")


def lowered_to_a_day() -> int:
    """K18: a record an hour at half past, for two days; how many are left after the change."""
    sim = Simulator(start=FRIDAY, delays="instant", latency=None)
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    kinesis.increase_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=48)
    for hour in range(48):
        sim.run_until(at := FRIDAY + timedelta(hours=hour, minutes=30))
        kinesis.put_record(StreamName=STREAM, PartitionKey="ride", Data=at.isoformat().encode())
    sim.run_until(FRIDAY + timedelta(hours=48))
    assert len(_read(sim, "TRIM_HORIZON")) == 48
    kinesis.decrease_stream_retention_period(StreamName=STREAM, RetentionPeriodHours=24)
    return len(_read(sim, "TRIM_HORIZON"))
