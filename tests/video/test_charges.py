"""The bill of a video stream: what came in, what left, what is kept, all at old prices."""

from __future__ import annotations

from decimal import Decimal

from kinesis_sim import Simulator
from kinesis_sim.units import GIB
from kinesis_sim.workloads.scenes.doorbell import Doorbell
from tests.video.media import NAME, put, stream
from tests.video.test_consuming import get

GB_MONTH = GIB * 730 * 3_600_000
"""A gigabyte for a month of 730 hours, in bytes and ms."""


def quantities(sim: Simulator) -> dict[str, Decimal]:
    lines = [line for line in sim.bill().rows if line.item.startswith("video.")]
    assert all(line.unverified and line.resource == NAME for line in lines)
    return {line.item: line.quantity for line in lines}


def test_media_costs_when_it_comes_when_it_leaves_and_while_it_is_kept(sim: Simulator) -> None:
    put(sim, stream(3))
    size = sim.video[NAME].archive.bytes
    sent = len(get(sim, "EARLIEST"))
    sim.advance(days=2)
    assert len(sim.video[NAME].archive) == 0
    kept = 24 * 3_600_000 - 500
    assert quantities(sim) == {
        "video.ingested": Decimal(size) / GIB,
        "video.consumed": Decimal(sent) / GIB,
        "video.stored": Decimal(size * kept) / GB_MONTH,
    }
    prices = {line.item: line.price.usd for line in sim.bill().rows}
    assert prices["video.ingested"] == Decimal("0.0085")
    assert prices["video.stored"] == Decimal("0.023")


def test_what_is_still_kept_is_counted_up_to_now(sim: Simulator) -> None:
    put(sim, stream(1))
    size = sim.video[NAME].archive.bytes
    sim.advance(hours=1)
    assert quantities(sim)["video.stored"] == Decimal(size * 3_600_500) / GB_MONTH


def signaled(bell: Doorbell) -> tuple[Decimal, Decimal]:
    """Months and messages (in millions) of a doorbell's bill."""
    lines = {line.item: line for line in bell.sim.bill().of(bell.name).rows}
    assert all(line.unverified for line in lines.values())
    months, messages = lines["video.signaling_channels"], lines.get("video.signaling_messages")
    assert months.price.usd == Decimal("0.03")
    assert messages is None or messages.price.usd == Decimal("2.25")
    return months.quantity, Decimal(0) if messages is None else messages.quantity


def test_a_message_costs_when_it_comes_and_when_it_leaves() -> None:
    bell = Doorbell(Simulator(latency=None))
    ana = bell.viewer("ana")
    ana.offer()
    assert signaled(bell) == (1, Decimal(1) / 10**6), "it waits"
    master = bell.master()
    master.answer("ana")
    bell.sim.advance(minutes=5)
    assert signaled(bell) == (1, Decimal(4) / 10**6)


def test_a_channel_costs_each_month_in_which_somebody_is_connected() -> None:
    sim = Simulator(start="2026-01-31T23:00:00Z", latency=None)
    bell = Doorbell(sim)
    assert not [line for line in sim.bill().rows if line.resource == bell.name]
    ana = bell.viewer("ana")
    assert signaled(bell) == (1, 0)
    sim.advance(minutes=61)
    assert not ana.connected, "it was silent for ten minutes, still in January"
    assert signaled(bell) == (1, 0)
    bell.viewer("ana")
    assert signaled(bell) == (2, 0)
    sim.advance(days=60)
    assert signaled(bell) == (2, 0)


def test_who_is_connected_over_midnight_is_in_both_months() -> None:
    sim = Simulator(start="2026-01-31T23:59:00Z", latency=None)
    bell = Doorbell(sim)
    bell.viewer("ana")
    sim.advance(minutes=5)
    assert signaled(bell) == (2, 0)


def test_a_channel_of_the_same_name_is_another(sim: Simulator) -> None:
    bell = Doorbell(sim)
    bell.viewer("ana")
    sim.client("kinesisvideo").delete_signaling_channel(ChannelARN=bell.arn)
    sim.advance(seconds=10)
    again = Doorbell(sim)
    again.viewer("ana")
    assert signaled(again) == (2, 0)
