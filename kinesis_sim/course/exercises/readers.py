"""The check of the lesson on readers: three teams on one shard, each as fast as it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kinesis_sim.arguments import said
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.simulator import Simulator
from kinesis_sim.units import MIB
from kinesis_sim.words import whole_from
from kinesis_sim.workloads.readers.poller import Poller
from kinesis_sim.workloads.readers.subscriber import Subscriber
from kinesis_sim.workloads.scenes.ages import Ages
from kinesis_sim.workloads.scenes.drip import Drip

STREAM, FAN_OUT = "pedala-telemetry", "fan-out"
LIMITS = {"alerts": 150, "map": 2_000, "archive": 60_000}
"""How old (ms) a record may be when a team gets it."""
EVERY_MS, SIZE = 50, 40_000
RATE = SIZE * 1_000 / EVERY_MS
MOST_READS = 5
MOST_MIB = 10
"""What one answer holds at most; a poller that was away longer gets the rest with its next."""
RUN_S = 150


@dataclass(frozen=True, slots=True)
class Team:
    """How a team fared: its oldest record (ms), and how many of its reads were refused."""

    oldest: int
    refused: int


def own_speed(plan: Any) -> Verdict:
    """No team waits longer than it may, and no more than one consumer is paid for."""
    if not isinstance(plan, Mapping) or set(plan) != set(LIMITS):
        return not_yet("shape", teams=", ".join(LIMITS))
    given, plan = plan, {team: _way(way) for team, way in plan.items()}
    if open_ones := [team for team, way in plan.items() if way is None]:
        return not_yet("open", teams=", ".join(open_ones))
    if odd := [team for team, way in plan.items() if not _is_way(way)]:
        return not_yet("way", team=odd[0], way=said(given[odd[0]]))
    fared = _two_minutes(plan)
    late = [team for team, how in fared.items() if how.oldest > LIMITS[team]]
    if late:
        return _why_late(late[0], fared[late[0]], plan)
    if (calls := _calls(plan)) > MOST_READS:
        refused = sum(how.refused for how in fared.values())
        return not_yet("impatient", refused=refused, calls=round(calls, 1))
    if (paid := list(plan.values()).count(FAN_OUT)) > 1:
        return not_yet("dear", paid=paid)
    oldest = {team: how.oldest for team, how in fared.items()}
    return passed(**oldest)


def _way(given: Any) -> Any:
    """A way as the check knows it: "Fan out" and "1,000" are as good as "fan-out" and 1000."""
    number = whole_from(given)
    if number is None and isinstance(given, str):
        way = "-".join(given.lower().replace("_", " ").replace("-", " ").split())
        return way.removeprefix("enhanced-")
    return given if number is None else number


def _is_way(way: object) -> bool:
    if way == FAN_OUT:
        return True
    return isinstance(way, int) and not isinstance(way, bool) and 20 <= way <= 300_000


def _two_minutes(plan: Mapping[str, Any]) -> dict[str, Team]:
    """Run the plan; what each team got."""
    sim = Simulator(start="2026-01-01T08:00:00Z", latency=None, delays="instant")
    sim.client("kinesis").create_stream(StreamName=STREAM, ShardCount=1)
    ages = {team: Ages(sim) for team in plan}
    readings = {}
    for team, way in plan.items():
        if way == FAN_OUT:
            readings[team] = Subscriber(sim, STREAM, ages[team], name=team).start().reading
        else:
            poller = Poller(sim, STREAM, ages[team], name=team, every_ms=way, start="LATEST")
            readings[team] = poller.start().reading
        sim.advance(milliseconds=70)
    sim.advance(seconds=2)
    Drip(sim, STREAM, every_ms=EVERY_MS, size=SIZE)
    begun = sim.clock.now
    sim.advance(seconds=RUN_S)
    waited = sim.clock.now - begun
    return {
        team: Team(age.oldest if age.ages else waited, readings[team].throttled)
        for team, age in ages.items()
    }


def _why_late(team: str, how: Team, plan: Mapping[str, Any]) -> Verdict:
    """Which of the shard's limits, or which pause, made a team wait."""
    pauses = [way for way in plan.values() if way != FAN_OUT]
    told = {"team": team, "oldest": how.oldest, "most": LIMITS[team], "refused": how.refused}
    own, slow, calls = plan[team], max(pauses), _calls(plan)
    if calls > MOST_READS and how.refused:
        return not_yet("calls", **told, calls=round(calls, 1))
    if slow == own or how.oldest <= own + EVERY_MS:  # no large answer of another held it up
        return not_yet("pause", **told, pause=own)
    mib = min(RATE * slow / 1_000 / MIB, MOST_MIB)
    return not_yet("silenced", **told, pause=slow, mib=round(mib, 1))


def _calls(plan: Mapping[str, Any]) -> float:
    """How often a second all pollers ask together."""
    return sum(1_000 / float(way) for way in plan.values() if way != FAN_OUT)
