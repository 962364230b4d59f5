"""What the picture of load and capacity says: sentences, labels and money, from its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kinesis_sim.instants import HOUR, MINUTE
from kinesis_sim.show.capacity.fold import Water
from kinesis_sim.show.kit.numbers import decimal, dollars
from kinesis_sim.show.kit.timeline import clock, duration
from kinesis_sim.show.kit.words import Words

Ahead = Sequence[tuple[int, float]]
"""(Instant, shards' worth) of the load to come."""
NAMED = ("shard_hour", "put_unit", "stream_hour", "data_in", "data_out")
IDLE = 0.75
"""From this share on, what stands idle is worth a word."""
_STEPS = (5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR)


class Told:
    """One set of rows in one language."""

    def __init__(self, rows: Water, words: Words, ahead: Ahead = ()) -> None:
        self._rows, self._words, self._ahead = rows, words, ahead

    @property
    def title(self) -> str:
        """What the picture shows."""
        return self._words.say("title", stream=self._rows.stream)

    @property
    def subtitle(self) -> str:
        """Mode, shards and status now."""
        rows = self._rows
        return self._words.count(f"subtitle.{rows.mode}", rows.shards, status=rows.status)

    @property
    def summary(self) -> str:
        """All of it in one text."""
        return self._words.say(
            "summary",
            title=self.title,
            time=clock(self._rows.now, seconds=False),
            subtitle=self.subtitle,
            notice=self.notice,
            total=self._usd(self._rows.total),
        )

    @property
    def notice(self) -> str:
        """What to notice now, most telling first."""
        return " ".join((*self._state(), *self._load(), *self._coming()))

    def _state(self) -> Iterator[str]:
        if self._rows.status != "ACTIVE":
            yield self._words.say("notice.updating", status=self._rows.status)

    def _load(self) -> Iterator[str]:
        rows, words = self._rows, self._words
        bar = rows.latest
        load, width = decimal(bar.offered, words), duration(rows.width)
        key = {MINUTE: "notice.line-minute", HOUR: "notice.line-hour"}.get(rows.width)
        line = _whole(rows.line, words)
        yield words.say(key or "notice.line", width=width, load=load, line=line)
        if rows.line < rows.shards:
            yield words.say("notice.ceiling", line=_whole(rows.line, words), shards=rows.shards)
        if bar.throttled:
            key = "notice.hot" if bar.hot else "notice.throttled"
            yield words.say(key, count=words.number(bar.throttled))
        elif rows.throttled:
            yield words.say("notice.past", count=words.number(rows.throttled))
        idle = 1 - bar.offered / max(rows.shards, 1)
        if idle >= IDLE and rows.mode == "PROVISIONED":
            yield words.say("notice.idle", percent=round(100 * idle))

    def _coming(self) -> Iterator[str]:
        rows, words = self._rows, self._words
        above = [(at, load) for at, load in self._ahead if load > rows.line]
        if above and not rows.latest.throttled:
            at, _ = above[0]
            most = decimal(max(load for _, load in above), words)
            yield words.say("notice.wave", time=clock(at, seconds=False), load=most)
        if rows.mode == "ON_DEMAND":
            yield words.say("notice.splits")

    # --- money --------------------------------------------------------------------------------

    @property
    def costs(self) -> list[tuple[str, str]]:
        """(What, US dollars), the total last; a price nobody could verify has a question mark."""
        found = []
        for line in self._rows.bill:
            kind = line.item.partition(".")[2]
            name = self._words.say(f"cost.{kind if kind in NAMED else 'other'}")
            found.append((name, self._usd(line.amount) + (" ?" if line.unverified else "")))
        return [*found, (self._words.say("cost.total"), self._usd(self._rows.total))]

    @property
    def cost_notes(self) -> list[str]:
        """What an idle hour costs, where the prices are from, and what is not verified."""
        say, rows = self._words.say, self._rows
        notes = [say("cost.hourly", usd=self._usd(rows.hourly))]
        notes.append(say("cost.checked", date=rows.checked))
        if any(line.unverified for line in rows.bill):
            notes.append(say("cost.unverified"))
        return notes

    def _usd(self, amount: Decimal) -> str:
        return dollars(amount, self._words)


def ticks(begin: int, end: int) -> list[tuple[int, str]]:
    """Round instants from ``begin`` to ``end`` (epoch ms) with their labels, six at most."""
    step = next((s for s in _STEPS if (end - begin) / s <= 6), (end - begin) // 6 or 1)
    round_ones = range(-(-begin // step) * step, end + 1, step)
    return [(at, clock(at, seconds=False)) for at in round_ones]


def _whole(value: float, words: Words) -> str:
    """A whole number as it is, another with one decimal place."""
    return f"{value:.0f}" if value == int(value) else decimal(value, words)
