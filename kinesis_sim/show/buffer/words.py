"""What the picture of Firehose's buffers says: sentences, sizes and spans, from its rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby, pairwise

from kinesis_sim.instants import HOUR, MINUTE, SECOND, to_datetime
from kinesis_sim.show.buffer.fold import SIZES, Buffers, Object
from kinesis_sim.show.kit.numbers import decimal
from kinesis_sim.show.kit.timeline import clock, since
from kinesis_sim.show.kit.words import Words
from kinesis_sim.units import KIB, MIB

MOST_LANES = 12
"""Buffers that a picture has room for; its subtitle says how many more there are."""
MOST_NOTICES = 240
Notice = tuple[int, str]
"""(Since when, what to notice)."""


class Told:
    """One set of rows in one language."""

    def __init__(self, rows: Buffers, words: Words) -> None:
        self.rows, self.words = rows, words
        self.seconds = rows.now - rows.begin < 2 * HOUR

    def subtitle(self, at: int) -> str:
        """The hints in force."""
        hinted = self.rows.hinted(at)
        size, interval = self.size(hinted.size), span(hinted.interval)
        said = self.words.say("subtitle", size=size, interval=interval)
        said += since(self.rows.whole_from, 0, self.words)
        more = len(self.rows.lanes) - MOST_LANES
        return f"{said} · {self.words.say('more', count=more)}" if more > 0 else said

    def notice(self, at: int) -> str:
        """What to notice at an instant (epoch ms)."""
        return next((text for since, text in reversed(self.notices) if since <= at), "")

    def summary(self, at: int) -> str:
        """All of it in one text."""
        return self.words.say(
            "summary",
            stream=self.rows.stream,
            time=self.clock(at),
            subtitle=self.subtitle(at),
            notice=self.notice(at),
        )

    @cached_property
    def notices(self) -> list[Notice]:
        """What to notice from when on: one for each thing that happened, fewer where much did."""
        width = max((self.rows.now - self.rows.begin) // MOST_NOTICES, 1)
        found = [*self._refusals(), *self._losses(), *self._objects()]
        told = sorted(found, key=lambda row: row[0])  # of one instant, the last kind counts
        spans = (list(row) for _, row in groupby(told, lambda row: row[0] // width))
        return [(self.rows.begin, self._first()), *(rows[-1] for rows in spans)]

    # --- what happened ------------------------------------------------------------------------

    def _first(self) -> str:
        if not self.rows.lanes:
            return self.words.say("notice.none")
        return self.words.say("notice.begin", time=self.clock(self.rows.begin))

    def _objects(self) -> Iterator[Notice]:
        total = longest = 0
        for count, each in enumerate(self.rows.objects, 1):
            total, longest = total + each.bytes, max(longest, each.wait)
            said = self._object(each)
            mean, wait = self.size(total // count), span(longest)
            said += " " + self.words.count("notice.count", count, mean=mean, wait=wait)
            if (lanes := len(self.rows.lanes)) > 1:
                said += " " + self.words.say("notice.lanes", lanes=lanes)
            if lost := sum(loss.records for loss in self.rows.losses if loss.at <= each.at):
                said += " " + self.words.count("notice.gone", lost)
            yield each.at, said

    def _object(self, each: Object) -> str:
        key = "retried" if each.tries > 1 else each.trigger
        return self.words.say(
            f"notice.{key}",
            time=self.clock(each.at),
            size=self.size(each.bytes),
            age=span(each.wait),
            tries=self.words.number(each.tries),
        )

    def _refusals(self) -> Iterator[Notice]:
        for each in self.rows.tries:
            pause = span((each.again or each.at) - each.at)
            time = self.clock(each.at)
            yield each.at, self.words.say("notice.refused", time=time, code=each.code, pause=pause)

    def _losses(self) -> Iterator[Notice]:
        lost = 0
        for each in self.rows.losses:
            lost += each.records
            said = self.words.count(
                "notice.lost", each.records, time=self.clock(each.at), all=self.words.number(lost)
            )
            if self.rows.source == "DirectPut":
                said += " " + self.words.say("notice.window")
            yield each.at, said

    # --- names and numbers --------------------------------------------------------------------

    def lane(self, number: int) -> str:
        """A buffer's name: a shard's number, or its partition."""
        name = self.rows.lanes[number]
        if not name.startswith("shardId-"):
            return name
        return f"shard {int(name.removeprefix('shardId-'))}"

    def classes(self) -> list[str]:
        """The size classes of the histogram, smallest first."""
        say, sizes = self.words.say, [self.size(border) for border in SIZES]
        between = [
            f"{low if low[-3:] != high[-3:] else low[:-4]}–{high}" for low, high in pairwise(sizes)
        ]
        return [say("under", size=sizes[0]), *between, say("from", size=sizes[-1])]

    def size(self, amount: int) -> str:
        """Bytes as a person writes them: 2.6 MiB, 80 KiB, 12 B."""
        if amount >= MIB:
            whole = amount % MIB == 0 or amount >= 100 * MIB
            written = f"{amount / MIB:.0f}" if whole else decimal(amount / MIB, self.words)
            return f"{written} MiB"
        return f"{amount / KIB:.0f} KiB" if amount >= KIB or not amount else f"{amount} B"

    def clock(self, at: int) -> str:
        """The time of day, UTC; with its day where a picture spans more than two hours."""
        if self.seconds:
            return clock(at)
        day = self.words.say("days").split()[to_datetime(at).weekday()]
        return f"{day} {clock(at, seconds=False)}"


def span(ms: int) -> str:
    """A length of time: 214 s, 25 min, 24 h 1 min."""
    if ms < 20 * MINUTE:
        return f"{round(ms / SECOND)} s"
    if ms < 2 * HOUR:
        return f"{round(ms / MINUTE)} min"
    return f"{ms // HOUR} h {ms % HOUR // MINUTE} min"


def axis_end(rows: Buffers) -> int:
    """Where the time axis ends (epoch ms): room for what comes next."""
    length = max(rows.now - rows.begin, MINUTE)
    dues = [levels[-1].due for levels in rows.levels if levels]
    coming = max((due for due in dues if due is not None), default=rows.now)
    return max(rows.now, min(coming, rows.now + length // 5)) + length // 16


def top_of(rows: Buffers) -> int:
    """The highest value of the lake's axis, in bytes."""
    largest = max((each.bytes for each in rows.objects), default=0)
    hint = rows.hints[-1].size
    return round(1.15 * max(largest, hint if hint <= 4 * max(largest, 1) or not largest else 0))
