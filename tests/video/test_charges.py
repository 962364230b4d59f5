"""The bill of a video stream: what came in, what left, what is kept, all at old prices."""

from __future__ import annotations

from decimal import Decimal

from kinesis_sim import Simulator
from kinesis_sim.units import GIB
from kinesis_sim.video.charges import GB_MONTH
from tests.video.media import NAME, put, stream
from tests.video.test_consuming import get


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
