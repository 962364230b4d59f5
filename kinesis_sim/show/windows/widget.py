"""The windows' desk: a learner's own query over rows, with another delay, order or watermark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinesis_sim.analytics.running import FedRow
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.windows.fold import (
    delay_of,
    followed,
    shard_by_shard,
    silenced,
    with_delay,
    with_idle_timeout,
)
from kinesis_sim.show.windows.scene import Picture

DELAYS = ("0", "2", "5", "10", "20", "30")
IDLE_SECONDS = 30
SWITCHES = ("backfill", "by-shard", "silent", "idle-timeout")


class WindowsDesk(Desk):
    """A query and rows; the controls change the watermark's delay, whose it is, and the order."""

    def __init__(self, sql: str, rows: Sequence[FedRow], words: Words) -> None:
        self._sql, self._rows, self._words = sql, list(rows), words
        own = delay_of(sql)
        self._delays = sorted({*DELAYS, own} - {""}, key=float)
        self._delay, self._on = own, dict.fromkeys(SWITCHES, False)
        super().__init__("windows")

    def wait(self, delay: str) -> None:
        """Run the query again with a watermark that waits so many seconds."""
        self._delay = delay
        self.refresh()

    def switch(self, what: str) -> None:
        """Run it again: "backfill", shard after shard, or "by-shard", a watermark each.

        "silent": a shard gives no more rows; "idle-timeout": then it does not count any more.
        """
        self._on[what] = not self._on[what]
        self.refresh()

    @property
    def by_shard(self) -> bool:
        """Whether each shard has a watermark of its own."""
        return self._on["by-shard"]

    @property
    def backfill(self) -> bool:
        """Whether one shard's backlog is read after the other's."""
        return self._on["backfill"]

    def _made(self) -> Page:
        sql = with_delay(self._sql, self._delay) if self._delay else self._sql
        sql = with_idle_timeout(sql, IDLE_SECONDS) if self._on["idle-timeout"] else sql
        rows = silenced(self._rows) if self._on["silent"] else self._rows
        rows = shard_by_shard(rows) if self.backfill else rows
        run = followed(sql, rows, by_shard=self.by_shard)
        kind = "by-shard" if self.by_shard else "one"
        said = self._words.say(f"subtitle.{kind}", delay=self._delay or "?")
        return Picture(run, self._words, said).page(self._controls())

    def _state(self) -> object:
        return None  # what is fed does not change

    def _controls(self) -> list[Control]:
        say, shards = self._words.say, len({row.split for row in self._rows}) > 1
        found = []
        if self._delay:
            steps = [say("seconds", count=delay) for delay in self._delays]
            place = self._delays.index(self._delay)
            wish = {"kind": "delay"}
            found.append(
                Control("delay", say("control.delay"), wish, value=place, steps=steps, choice=True)
            )
        for name, on in self._on.items():
            said, usable = say(f"control.{name}", count=IDLE_SECONDS), shards
            if name == "idle-timeout":
                usable = shards and self.by_shard  # one watermark for all waits for nobody
            found.append(Control(name, said, {"kind": name}, pressed=on, enabled=usable))
        return found

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "delay", "value": int(place)} if 0 <= place < len(self._delays):
                self.wait(self._delays[place])
            case {"kind": str(what)} if what in self._on:
                self.switch(what)
