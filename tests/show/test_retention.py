"""The retention timeline: rows from events, what-ifs, sentences, and the picture of them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.show.kit.words import LANGUAGES, Words, tables_of
from kinesis_sim.show.retention.fold import MOST_READERS, Retention, retention, tier_of
from kinesis_sim.show.retention.scene import level
from kinesis_sim.show.retention.words import Told
from kinesis_sim.words import leaves
from kinesis_sim.workloads.readers.bookmark import Bookmark
from kinesis_sim.workloads.readers.read import read
from tests.effort import examples

STREAM = "pedala-payments"


def hourly(sim: Simulator, hours: int) -> None:
    """A record at every half hour."""
    for _ in range(hours):
        sim.advance(minutes=30)
        put(sim)
        sim.advance(minutes=30)


def put(sim: Simulator) -> None:
    sim.client("kinesis").put_record(StreamName=STREAM, PartitionKey="card", Data=b"charge")


def set_hours(sim: Simulator, hours: int) -> None:
    kinesis = sim.client("kinesis")
    now = sim.streams[STREAM].settings.retention_hours
    name = "increase" if hours > now else "decrease"
    ask = getattr(kinesis, f"{name}_stream_retention_period")
    ask(StreamName=STREAM, RetentionPeriodHours=hours)


def stream(shards: int = 1) -> Simulator:
    sim = Simulator(latency=None, delays="instant", limits="off")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    return sim


@pytest.fixture
def day_and_a_half() -> Simulator:
    """36 hours; one reader that keeps up, one that died after 20 hours, one after 6."""
    sim = stream()
    for name, until in (("ledger", None), ("fraud", 20), ("report", 6)):
        end = None if until is None else sim.clock.now + until * HOUR
        Bookmark(sim, STREAM, name).every(hours=1, until=end)
    hourly(sim, 36)
    return sim


def told(rows: Retention, lang: str = "en") -> Told:
    return Told(rows, Words("retention", lang))


# --- rows -----------------------------------------------------------------------------------------


def test_the_horizon_and_what_is_gone_are_those_of_the_stream(day_and_a_half: Simulator) -> None:
    rows = retention(day_and_a_half, STREAM)
    now = day_and_a_half.clock.now
    assert rows.horizon.at(now) == now - DAY
    assert rows.all.until(now)[0] - rows.gone(now) == len(read(day_and_a_half, STREAM)) == 24
    assert sum(span.records for span in rows.spans) == 36


def test_a_reader_is_late_or_fallen_or_has_read_all(day_and_a_half: Simulator) -> None:
    rows = retention(day_and_a_half, STREAM)
    now = day_and_a_half.clock.now
    ledger, fraud, report = (path.at(now) for path in rows.paths)
    assert ledger is not None
    assert (ledger.place, ledger.lost, ledger.waiting, ledger.fallen) == (now, 0, 0, False)
    assert fraud is not None
    assert (fraud.lost, fraud.waiting, fraud.fallen) == (0, 16, False)
    assert report is not None
    assert (report.lost, report.waiting, report.fallen) == (6, 24, True)
    assert report.gaps == ((report.place, now - DAY),)


def test_before_its_first_checkpoint_a_reader_is_nowhere(day_and_a_half: Simulator) -> None:
    rows = retention(day_and_a_half, STREAM)
    assert rows.paths[0].at(rows.history.begin) is None
    assert "has not begun" in told(rows).reader(rows.paths[0], rows.history.begin)


def test_what_a_reader_missed_stays_missed_when_it_reads_on(day_and_a_half: Simulator) -> None:
    report = Bookmark(day_and_a_half, STREAM, "report")
    sim = day_and_a_half
    checkpoint = retention(sim, STREAM).readers[2].marks[-1][1]
    report.checkpoints["shardId-000000000000"] = (
        sim.streams[STREAM].shards[0].number(checkpoint - 1, 0)
    )
    assert len(report.read()) == 24
    standing = retention(sim, STREAM).paths[2].at(sim.clock.now)
    assert standing is not None
    assert (standing.lost, standing.waiting, standing.fallen) == (6, 0, False)
    assert len(standing.gaps) == 1
    notice = told(retention(sim, STREAM)).notice(sim.clock.now)
    assert "report reads on; the 6 records it missed stay missed." in notice


def test_a_reader_that_begins_late_has_lost_nothing() -> None:
    sim = stream()
    hourly(sim, 30)
    late = Bookmark(sim, STREAM, "late", start="LATEST")
    late.read()
    put(sim)
    Bookmark(sim, STREAM, "second").read()
    path = retention(sim, STREAM).paths[0]
    standing = path.at(sim.clock.now)
    assert standing is not None
    assert (standing.lost, standing.fallen) == (0, False)


def test_a_reader_of_two_shards_has_a_place_in_each() -> None:
    sim = stream(shards=2)
    for key in ("a", "b", "c", "d"):
        sim.client("kinesis").put_record(StreamName=STREAM, PartitionKey=key, Data=b"x")
    Bookmark(sim, STREAM, "ledger").read()
    rows = retention(sim, STREAM)
    assert [told(rows).name(path) for path in rows.paths] == ["ledger, shard 0", "ledger, shard 1"]


def test_only_so_many_readers_are_drawn_and_the_rest_is_named() -> None:
    sim = stream()
    put(sim)
    for number in range(MOST_READERS + 2):
        Bookmark(sim, STREAM, f"reader-{number}").read()
    rows = retention(sim, STREAM)
    assert (len(rows.readers), rows.hidden) == (MOST_READERS, 2)
    assert "2 more readers are not drawn." in told(rows).notice(sim.clock.now)


# --- what if --------------------------------------------------------------------------------------


def test_raising_now_brings_nothing_back(day_and_a_half: Simulator) -> None:
    now = day_and_a_half.clock.now
    rows = retention(day_and_a_half, STREAM).supposing(now, 168)
    assert rows.gone(now) == 12
    assert "Nothing comes back" in told(rows).notice(now)


def test_raising_in_time_would_have_saved_them(day_and_a_half: Simulator) -> None:
    now = day_and_a_half.clock.now
    rows = retention(day_and_a_half, STREAM).supposing(now - 20 * HOUR, 168)
    assert rows.gone(now) == 0
    assert "12 records that are gone would be there." in told(rows).notice(now)
    report = rows.paths[2].at(now)
    assert report is not None
    assert not report.fallen


def test_lowering_would_cost_records_at_once() -> None:
    sim = stream()
    set_hours(sim, 48)
    hourly(sim, 48)
    now = sim.clock.now
    rows = retention(sim, STREAM).supposing(now, 24)
    assert "24 records that are there would be gone." in told(rows).notice(now)
    assert len(read(sim, STREAM)) == 48  # nothing was really done


@pytest.mark.parametrize("hours", [23, 8_761])
def test_a_what_if_keeps_to_the_bounds(day_and_a_half: Simulator, hours: int) -> None:
    with pytest.raises(UsageError, match=f"hours={hours}"):
        retention(day_and_a_half, STREAM).supposing(day_and_a_half.clock.now, hours)


@settings(max_examples=examples(10), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([24, 36, 48, 8_760])), max_size=3),
    st.integers(0, 40),
)
def test_what_was_supposed_is_what_happens_when_it_is_done(
    changes: list[tuple[int, int]], wait: int
) -> None:
    """A what-if is no second model: had the change been made, the stream would hold the same."""
    real, supposed = stream(), stream()
    for pause, hours in changes:
        for sim in (real, supposed):
            hourly(sim, pause)
            if hours != sim.streams[STREAM].settings.retention_hours:
                set_hours(sim, hours)
    since = real.clock.now
    if real.streams[STREAM].settings.retention_hours != 72:
        set_hours(real, 72)
    for sim in (real, supposed):
        hourly(sim, wait)
    rows = retention(supposed, STREAM).supposing(since, 72)
    there = rows.all.until(supposed.clock.now)[0] - rows.gone(supposed.clock.now)
    assert there == len(read(real, STREAM))


# --- words, money, pictures -----------------------------------------------------------------------


def test_notices_say_what_to_notice(day_and_a_half: Simulator) -> None:
    rows = retention(day_and_a_half, STREAM)
    assert told(rows).notice(day_and_a_half.clock.now) == (
        "Of 36 records 24 are there; 12 left by age, read or not. "
        "report fell off the edge: 6 records were trimmed before it read them. "
        "fraud is 16 h 30 min behind, more than half of the retention: an alarm should have called "
        "by now."
    )


def test_changes_of_the_retention_are_told() -> None:
    sim = stream()
    set_hours(sim, 48)
    assert "was raised from 24 h to 2 d" in told(retention(sim, STREAM)).notice(sim.clock.now)
    hourly(sim, 48)
    set_hours(sim, 24)
    notice = told(retention(sim, STREAM)).notice(sim.clock.now)
    assert "was lowered from 2 d to 24 h" in notice
    assert "24 records were out of reach at once." in notice


@pytest.mark.parametrize(("hours", "tier"), [(24, 0), (25, 1), (168, 1), (169, 2), (8_760, 2)])
def test_prices_come_in_three_bands(hours: int, tier: int) -> None:
    assert tier_of(hours) == tier
    assert tier < level(hours) < tier + 1


def test_what_a_month_of_it_costs_is_said() -> None:
    sim = stream(shards=2)
    set_hours(sim, 168)
    cost = told(retention(sim, STREAM)).cost(sim.clock.now)
    assert "A month of 730 hours at 7 d for 2 shards: 29.20 USD on top." in cost


def test_an_on_demand_stream_pays_by_the_gigabyte() -> None:
    sim = Simulator(latency=None, delays="instant")
    sim.client("kinesis").create_stream(
        StreamName=STREAM, StreamModeDetails={"StreamMode": "ON_DEMAND"}
    )
    prices = [price for _, price in told(retention(sim, STREAM)).tiers()]
    assert prices == ["included", "0.10 a GB-month", "0.023 a GB-month"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figure_speaks_and_is_the_same_in_every_run(
    day_and_a_half: Simulator, language: str
) -> None:
    one, other = (day_and_a_half.show.retention(STREAM, lang=language) for _ in range(2))
    assert one.png() == other.png()
    rows = retention(day_and_a_half, STREAM)
    assert repr(one) == told(rows, language).summary(day_and_a_half.clock.now)


def test_an_earlier_instant_can_be_drawn(day_and_a_half: Simulator) -> None:
    earlier = day_and_a_half.show.retention(STREAM, at=day_and_a_half.clock.now - 20 * HOUR)
    assert "All 16 records are there" in repr(earlier)
    with pytest.raises(UsageError, match="the history of"):
        day_and_a_half.show.retention(STREAM, at="2020-01-01T00:00:00Z")


def test_an_empty_stream_can_be_drawn() -> None:
    sim = stream()
    assert "There is no record yet." in repr(sim.show.retention(STREAM))
    assert sim.show.live_retention(STREAM).page["frames"]


def test_every_text_is_there_in_every_language() -> None:
    texts = dict(leaves(tables_of("retention")))
    assert [key for key, found in texts.items() if set(found) != set(LANGUAGES)] == []
    same = {key for key, found in texts.items() if len(set(found.values())) == 1}
    assert same <= {
        *("horizon", "shard", "cost.shard_hour", "cost.stream_hour", "control.clock", "summary"),
    }


# --- the widget -----------------------------------------------------------------------------------


def wish(widget: Any, **content: Any) -> None:
    widget._handle_custom_msg(content, [])


def controls(widget: Any) -> dict[str, Any]:
    return {row["id"]: row for row in widget.page["controls"]}


def test_a_what_if_goes_up_and_down_and_ends_where_it_began(day_and_a_half: Simulator) -> None:
    desk = day_and_a_half.show.live_retention(STREAM)
    for step, hours in ((1, "2 d"), (1, "3 d"), (-1, "2 d")):
        wish(desk, kind="suppose", step=step, at=None)
        assert controls(desk)["what-if"]["label"] == f"what if: {hours}"
    wish(desk, kind="suppose", step=-1, at=None)
    assert controls(desk)["what-if"]["label"] == "retention 24 h"
    assert not controls(desk)["call"]["enabled"]
    wish(desk, kind="suppose", step=-1, at=None)
    assert desk.reply == "24 h is the least there is."
    assert day_and_a_half.streams[STREAM].settings.retention_hours == 24


def test_calling_it_is_the_real_operation(day_and_a_half: Simulator) -> None:
    desk = day_and_a_half.show.live_retention(STREAM)
    wish(desk, kind="call")
    assert "choose another one first" in desk.reply
    wish(desk, kind="suppose", step=1, at=None)
    wish(desk, kind="call")
    assert desk.reply == "IncreaseStreamRetentionPeriod: done. The retention is 2 d."
    assert day_and_a_half.streams[STREAM].settings.retention_hours == 48
    wish(desk, kind="suppose", step=-1, at=None)
    wish(desk, kind="call")
    assert desk.reply == "DecreaseStreamRetentionPeriod: done. The retention is 24 h."


def test_what_aws_refuses_is_told_in_its_own_words() -> None:
    sim = Simulator()
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=1)
    sim.advance(minutes=1)
    desk = sim.show.live_retention(STREAM)
    wish(desk, kind="suppose", step=1, at=None)
    kinesis.start_stream_encryption(
        StreamName=STREAM, EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    wish(desk, kind="call")
    assert desk.reply.startswith("IncreaseStreamRetentionPeriod was refused. ResourceInUse")


def test_time_brings_its_traffic_and_readers_read_on(day_and_a_half: Simulator) -> None:
    from kinesis_sim.workloads.events.generators import payments

    sim = day_and_a_half
    reader = Bookmark(sim, STREAM, "second")
    coming = payments(sim.now, hours=24, per_day=240)
    desk = sim.show.live_retention(STREAM, readers=[reader], traffic=coming)
    before = desk.page["frames"][-1]
    wish(desk, kind="clock")
    assert desk.page["frames"][-1] != before
    wish(desk, kind="read")
    there = len(read(sim, STREAM))
    assert desk.reply == f"{there} records were read, and none has left the stream for that."


def test_garbage_from_the_browser_changes_nothing(day_and_a_half: Simulator) -> None:
    desk = day_and_a_half.show.live_retention(STREAM)
    before = desk.page
    for content in ({}, {"kind": "suppose", "step": 9, "at": None}, {"kind": "suppose"}):
        wish(desk, **content)
    wish(desk, kind="suppose", step=1, at="now")
    assert desk.page == before
    assert desk.reply == ""


def test_the_widget_says_and_shows_the_same_without_a_kernel(day_and_a_half: Simulator) -> None:
    desk = day_and_a_half.show.live_retention(STREAM)
    bundle = desk._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/plain"] == repr(day_and_a_half.show.retention(STREAM))
    assert "image/png" in bundle[0]


def test_there_are_few_frames_in_order_and_the_present_is_the_last(
    day_and_a_half: Simulator,
) -> None:
    frames = day_and_a_half.show.live_retention(STREAM).page["frames"]
    times = [frame[0] for frame in frames]
    assert times == sorted(set(times))
    assert times[-1] == day_and_a_half.clock.now
    assert len(frames) < 140
