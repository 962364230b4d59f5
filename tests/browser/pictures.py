"""Every picture that is a widget, as somebody meets it: what tests of all pictures walk through.

A new ``show/<name>/widget.py`` gets a line in PICTURES; ``tests/project/test_pictures.py`` asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.journey import Journey
from kinesis_sim.course.widgets.journey import JourneyWidget
from kinesis_sim.course.words import CourseWords
from kinesis_sim.workloads.events.generators import payments, rides
from kinesis_sim.workloads.readers.bookmark import Bookmark
from kinesis_sim.workloads.scenes import tunnels
from kinesis_sim.workloads.scenes.audience import Audience
from kinesis_sim.workloads.scenes.click_flow import ClickFlow
from kinesis_sim.workloads.scenes.doorbell import Doorbell
from kinesis_sim.workloads.scenes.feed import feed
from kinesis_sim.workloads.scenes.filming import Filming
from kinesis_sim.workloads.scenes.fraud_watch import Scored, WatchedDay
from kinesis_sim.workloads.scenes.scene import PedalaScene
from kinesis_sim.workloads.scenes.unlocks import Unlocks
from kinesis_sim.workloads.scenes.waves import morning_ahead
from tests.show.test_player import address

STREAM = "pedala-rides"


def _stream(shards: int = 2, **made: Any) -> Simulator:
    sim = Simulator(latency=None, **made)
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=shards)
    sim.advance(seconds=30)
    return sim


def shards(lang: str) -> Any:
    """A day of rides, the stream split in it."""
    sim = _stream()
    feed(sim, STREAM, rides(sim.now, hours=12, per_day=200))
    kinesis = sim.client("kinesis")
    middle = str(2**126)
    kinesis.split_shard(
        StreamName=STREAM, ShardToSplit="shardId-000000000000", NewStartingHashKey=middle
    )
    feed(sim, STREAM, rides(sim.now, hours=12, per_day=200))
    return sim.show.live(STREAM, keys=["bike-0042", "station-09"], lang=lang)


def retention(lang: str) -> Any:
    """Two readers, one of them dead for a day and a half."""
    sim = _stream(1)
    lives = {"ledger": None, "report": "2026-01-01T06:00:00Z"}
    readers = [Bookmark(sim, STREAM, name).every(hours=1, until=end) for name, end in lives.items()]
    week = payments(sim.now, hours=7 * 24, per_day=500)
    found = sim.show.live_retention(STREAM, readers=readers, traffic=week, lang=lang)
    found.advance(hours=36)
    return found


def readers(lang: str) -> Any:
    """Four kinds of readers."""
    sim = Simulator(latency=None, delays="instant")
    sim.show.lang = lang
    return sim.show.live_readers(Audience(sim))


def delivery(lang: str) -> Any:
    """A pipeline whose bucket and function both fail."""
    sim = Simulator(latency=None, delays="instant")
    desk = sim.show.live_delivery(ClickFlow(sim).stream, lang=lang)
    desk.switch("transform")
    desk.advance(3)
    return desk


def states(lang: str) -> Any:
    """The life of a stream."""
    return _stream().show.live_states("stream", STREAM, lang=lang)


def control_room(lang: str) -> Any:
    """The control room, asking before it shows a hot key."""
    room = PedalaScene().show(lang=lang)
    room._handle_custom_msg({"kind": "fault", "name": "hot_key"}, [])
    return room


def journey(lang: str) -> Any:
    """One unlocking, three steps on its way."""
    words = CourseWords("journey", lang)
    way = JourneyWidget(Journey(_stream(1), STREAM, next(rides()), words), STREAM, words)
    for _step in range(3):
        way._handle_custom_msg({"kind": "next"}, [])
    return way


def fragments(lang: str) -> Any:
    """A minute of film, its fragments acknowledged."""
    filming = Filming(Simulator(latency=None))
    filming.film()
    return filming.sim.show.live_fragments(filming, lang=lang)


def player(lang: str) -> Any:
    """Six seconds of film to play."""
    filming = Filming(Simulator(latency=None))
    filming.film(6)
    return filming.sim.show.player(address(filming), lang=lang)


def pumps(lang: str) -> Any:
    """Four unlocks that fall into windows."""
    unlocks = Unlocks(Simulator(start="2024-06-03T10:59:00Z"))
    unlocks.four()
    return unlocks.sim.show.live_pumps(unlocks, lang=lang)


def anomalies(lang: str) -> Any:
    """A day of charges, every third of them fraud."""
    kinds = ["", "big ticket", "", "card testing", "", ""] * 24
    charges = (
        Scored(1_717_372_800_000 + 600_000 * at, f"p{at}", 9.0, 0.4 + at % 13 / 5, kind)
        for at, kind in enumerate(kinds)
    )
    return Simulator().show.live_anomalies(WatchedDay("AMOUNT", tuple(charges)), lang=lang)


def signaling(lang: str) -> Any:
    """A doorbell, and nobody at it yet."""
    bell = Doorbell(Simulator(start="2026-01-01T08:00:00Z", latency=None))
    return bell.sim.show.live_signaling(bell, lang=lang)


def windows(lang: str) -> Any:
    """Three minutes of rides, two of them lost."""
    sql = """CREATE TABLE rides (bike STRING, ended TIMESTAMP(3),
      WATERMARK FOR ended AS ended - INTERVAL '5' SECOND);
      SELECT window_start, COUNT(*) AS n
      FROM TABLE(TUMBLE(TABLE rides, DESCRIPTOR(ended), INTERVAL '1' MINUTE))
      GROUP BY window_start, window_end;"""
    rows = tunnels.minutes(3, every_ms=2_500, seed=58)
    return Simulator(latency=None).show.live_windows(sql, rows, lang=lang)


def checkpoints(lang: str) -> Any:
    """A job that crashed behind its checkpoint."""
    return Simulator(start=tunnels.OPENING, latency=None).show.live_checkpoints(lang=lang)


PICTURES: dict[str, Callable[[str], Any]] = {
    "shards": shards,
    "heat": lambda lang: Simulator().show.mixer(lang=lang),
    "readers": readers,
    "capacity": morning_ahead,
    "retention": retention,
    "buffer": lambda lang: Simulator().show.buffer_mixer(lang=lang),
    "delivery": delivery,
    "states": states,
    "control_room": control_room,
    "journey": journey,
    "fragments": fragments,
    "player": player,
    "pumps": pumps,
    "anomalies": anomalies,
    "signaling": signaling,
    "windows": windows,
    "checkpoints": checkpoints,
}
"""By the name of its home."""
