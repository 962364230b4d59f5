"""The control room's rows: a scene's seconds as JSON, with everything that is said beside them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kinesis_sim.instants import DAY, SECOND
from kinesis_sim.show.control_room.notices import (
    Notice,
    Notices,
    fullness,
    holder,
    refused,
    seconds_said,
)
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.timeline import full
from kinesis_sim.show.kit.words import Words
from kinesis_sim.streams.limits import ShardLimits
from kinesis_sim.units import MIB
from kinesis_sim.workloads.scenes.scene import (
    HOT_KEY,
    POLLER,
    STREAM,
    TEAM_MS,
    TEAMS,
    PedalaScene,
    Second,
    SenderSecond,
)
from kinesis_sim.workloads.scenes.seconds import ShardSecond

SHOWN = 60
KEPT = 2 * SHOWN
SMOOTH = 3  # rows over which a reader's pace is averaged: it reads in bursts
COSTED = 30  # seconds that a pace of cost is taken over
MANY = 200  # records that wait to be sent again: worth saying before what is lost
Json = dict[str, Any]


class ControlRows:
    """Rows of one scene, made once per second and kept for two minutes.

    A row names what happened (``notice``) and whether that began or ended with it (``event``).
    """

    def __init__(self, scene: PedalaScene, words: Words) -> None:
        self._scene, self._words = scene, words
        self._limits = scene.sim.streams.shard_limits
        self._notices = Notices(self._limits, words)
        self._kinds: list[tuple[object, ...]] = []
        self._done = 0
        self._costs: list[tuple[int, Decimal]] = [(scene.began, Decimal(0))]
        self.rows: deque[Json] = deque(maxlen=KEPT)
        self.take()

    def take(self) -> list[Json]:
        """Rows for the seconds that passed since the last call."""
        seconds = list(self._scene.rows)
        first = max(self._done, self._scene.seconds - len(seconds))
        fresh = []
        for number in range(first, self._scene.seconds):
            last = len(seconds) - (self._scene.seconds - number) + 1
            fresh.append(self._row(number, seconds[max(0, last - SHOWN) : last]))
        self._done = self._scene.seconds
        self.rows.extend(fresh)
        return fresh

    def head(self) -> Json:
        """What does not change: the title, and how much a shard takes."""
        title = self._words.say("title", stream=STREAM)
        return {"title": title, "subtitle": takes(self._limits, self._words)}

    def _row(self, number: int, seconds: Sequence[Second]) -> Json:
        row, words = seconds[-1], self._words
        notices = self._notices.of(seconds)
        event = self._is_new(notices)
        hot = sorted(self._scene.hot_shards)
        return {
            "n": number,
            "time": full(row.at + SECOND),
            "notice": " ".join(notice.text for notice in notices[:3]),
            "event": event,
            "shards": [self._shard(each, row, seconds) for each in row.shards],
            "senders": [_sender(each, row, hot, words) for each in row.senders],
            "readers": [*self._workers(row), self._dashboard(seconds), *self._teams(row)],
        }

    def _is_new(self, notices: list[Notice]) -> bool:
        """Whether notices are about something else than the row before's."""
        before, self._kinds = self._kinds, [notice.kind for notice in notices]
        return before != self._kinds

    def cost(self) -> str:
        """What the stream has cost so far, a day at the pace of late, and what both are sums of."""
        sim = self._scene.sim
        bill = sim.bill().of(STREAM)
        now, total = sim.clock.now, bill.total
        while len(self._costs) > 1 and self._costs[1][0] <= now - COSTED * SECOND:
            self._costs.pop(0)
        (since, before), words = self._costs[0], self._words
        if now > self._costs[-1][0]:
            self._costs.append((now, total))
        day = (total - before) * DAY / max(1, now - since)
        so_far = words.marked(f"{total:.4f}")
        names = words.under("cost-of")
        kinds = dict.fromkeys(line.item.partition(".")[2] for line in bill.rows)
        told = ", ".join(names[kind] for kind in kinds if kind in names)
        return words.say("cost", so_far=so_far, a_day=words.marked(f"{day:,.2f}"), kinds=told)

    # --- the three columns --------------------------------------------------------------------

    def _shard(self, each: ShardSecond, row: Second, seconds: Sequence[Second]) -> Json:
        words, hue = self._words, theme.shard_hue(each.shard)
        stored, thrown = fullness(each, self._limits)
        part = refused(seconds[-1:], each.shard)
        worker = holder(each)
        return {
            "shard": each.shard,
            "name": words.say("shard", number=each.shard),
            "hue": hue,
            "full": round(min(stored, 1.0) if self._limits else stored, 3),
            "refused": round(thrown, 3),
            "part": round(part, 3),
            "said": words.say("full", percent=min(100, round(100 * stored))),
            "bad": words.say("throttled", percent=max(1, round(100 * part))) if part else "",
            "tracks": [
                self._track(each, place, row, seconds, worker) for place in range(len(each.readers))
            ],
        }

    def _track(
        self, each: ShardSecond, place: int, row: Second, seconds: Sequence[Second], worker: Any
    ) -> Json:
        reach, words = each.readers[place], self._words
        mine = reach.reader != POLLER
        lost = mine and not row.workers.get(worker or "")
        stuck = mine and each.shard in row.stuck
        name = words.say("nobody") if lost else worker if mine else reach.reader
        trouble = words.say("stuck") if stuck and not lost else ""
        return {
            "name": name,
            "to": "" if lost else name,
            "lag": reach.lag,
            "said": words.say("lag", seconds=seconds_said(reach.lag, words)),
            "trouble": trouble,
            "bad": bool(lost or stuck),
            "pace": round(_pace(seconds, each.shard, place)),
        }

    def _workers(self, row: Second) -> list[Json]:
        return [self._worker(name, alive, row) for name, alive in row.workers.items()]

    def _worker(self, name: str, alive: bool, row: Second) -> Json:
        held = [each.shard for each in row.shards if holder(each) == name]
        said = self._words.say("worker.crashed" if not alive else "worker.idle")
        if alive and held:
            form = "one" if len(held) == 1 else "many"
            said = self._words.say(f"worker.{form}", shards=", ".join(map(str, sorted(held))))
        return {"name": name, "alive": alive, "said": said}

    def _dashboard(self, seconds: Sequence[Second]) -> Json:
        place, words = 1, self._words
        pace = sum(_pace(seconds, each.shard, place) for each in seconds[-1].shards)
        how = "pushed" if "fan_out" in seconds[-1].cures else "poller"
        said = words.say(f"{how}.rate", number=words.number(round(pace)))
        refused = seconds[-1].refused_reads
        bad = words.say("reads-refused", number=words.number(refused)) if refused else ""
        return {"name": POLLER, "alive": True, "said": said, "bad": bad}

    def _teams(self, row: Second) -> list[Json]:
        """Those of the crowd, as one."""
        if "crowd" not in row.faults:
            return []
        name = self._words.say("teams.name", number=TEAMS)
        said = self._words.say("teams.rate", number=SECOND // TEAM_MS)
        return [{"name": name, "alive": True, "said": said}]


def takes(limits: ShardLimits | None, words: Words) -> str:
    """What a shard takes per second, in one sentence."""
    if limits is None:
        return words.say("off")
    records = words.number(limits.write_records)
    return words.say("subtitle", records=records, mib=f"{limits.write_bytes / MIB:g}")


def _sender(each: SenderSecond, row: Second, hot: list[int], words: Words) -> Json:
    shards = [shard.shard for shard in row.shards]
    number = words.number(each.offered)
    more = words.say("lost", number=words.number(each.lost)) if each.lost else ""
    if each.waiting >= MANY:
        more = words.say("waiting", number=words.number(each.waiting))
    quiet = not each.offered and not each.waiting
    return {
        "name": words.under("sender").get(each.name, each.name),
        "rate": each.offered,
        "to": hot if each.name == HOT_KEY else shards,
        "said": words.say("idle") if quiet else words.say("per-second", number=number),
        "bad": words.say("refused", number=words.number(each.throttled)) if each.throttled else "",
        "lost": more,
    }


def _pace(seconds: Sequence[Second], shard: int, place: int) -> float:
    """Records a second that a reader processed of a shard lately."""
    some = [each for row in seconds[-SMOOTH:] for each in row.shards if each.shard == shard]
    return sum(each.readers[place].processed for each in some) / max(1, len(some))
