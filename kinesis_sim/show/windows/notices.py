"""What to notice at a row: why it was lost, what it closed, how far behind it came."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit import timeline
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.windows.fold import Change, Landed, Run

_DAY = re.compile(r"\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)(\.\d+)?")
MOST_CHANGES = 2
HELD_SECONDS = 20
"""From so far ahead of the watermark on, a row asks who holds it back."""
GAP = "\u00a0\u00a0 "  # a page makes one space of several


def clock(instant: int, words: Words) -> str:
    """An instant's time of day as a language writes it: 08:01:00, or 08:01:00.5 and 08:01:00,5."""
    text, tenths = timeline.clock(instant), instant % 1_000 // 100
    return text + words.marked(f".{tenths}") if tenths else text


def row_said(row: Mapping[str, Any]) -> str:
    """A row of a result in short: times without their day, values with dots between."""
    return " · ".join(_DAY.sub(r"\1", str(value)) for value in row.values())


def clipped(said: str, most: int) -> str:
    """A text in at most so many letters."""
    return said if len(said) <= most else f"{said[: most - 1]}…"


def changes_said(changes: Sequence[Change], words: Words) -> str:
    """The changes that a row brought, the first two of them."""
    said = GAP.join(f"{sign} {row_said(row)}" for sign, row in changes[:MOST_CHANGES])
    more = len(changes) - MOST_CHANGES
    return f"{said}{GAP}{words.say('more', count=more)}" if more > 0 else said


class Notices:
    """Sentences about the rows of one run."""

    def __init__(self, run: Run, words: Words) -> None:
        self._run, self._words = run, words

    def _clock(self, instant: int) -> str:
        return clock(instant, self._words)

    def of(self, one: Landed) -> str:
        """What to notice when a row has come, at most two things."""
        found = [*self._lost(one), *self._behind(one), *self._closed(one), *self._taken_back(one)]
        return " ".join(found[:2]) or self._plain(one)

    def in_all(self) -> str:
        """What to know of the whole run when its last row has come."""
        say, lost = self._words.say, [one for one in self._run.landed if one.lost]
        told = [say("notice.hidden", count=self._run.hidden)] if self._run.hidden else []
        if lost and lost[-1] is not self._run.landed[-1]:
            told += [say("notice.lost-in-all", lost=len(lost)), self.why_lost(lost[-1])]
        return " ".join(told)

    def why_lost(self, one: Landed) -> str:
        """Why nobody counted a row; empty for one that was."""
        return " ".join(self._lost(one))

    def _lost(self, one: Landed) -> list[str]:
        if not one.lost:
            return []
        said = self._words.say(
            "notice.lost",
            event=self._clock(one.event),
            at=self._clock(one.at),
            mark=self._mark(one),
        )
        box = next((b for b in self._run.boxes if b.start <= one.event < b.end), None)
        if box is None or box.until is None:
            return [said]
        closer = self._clock(self._run.landed[box.until].event)
        bounds = {"start": self._clock(box.start), "end": self._clock(box.end)}
        return [f"{said} {self._words.say('notice.why', closer=closer, **bounds)}"]

    def _behind(self, one: Landed) -> list[str]:
        """A row that lies behind the newest, and is counted all the same."""
        newest = max(each.event for each in self._run.landed[: one.number + 1])
        if one.lost or newest - one.event < 2 * SECOND:
            return []
        values = {"event": self._clock(one.event), "seconds": round((newest - one.event) / SECOND)}
        if one.mark is not None and one.event <= one.mark:
            return [self._words.say("notice.late-counted", mark=self._mark(one), **values)]
        return [self._words.say("notice.behind", **values)]

    def _closed(self, one: Landed) -> list[str]:
        if not one.closed:
            return []
        spans = self._words.listed(
            [f"{self._clock(s)}–{self._clock(e)}" for s, e in one.closed[:2]]
        )
        reached = "–" if one.reached is None else self._clock(one.reached)
        return [self._words.say("notice.closed", reached=reached, spans=spans)]

    def _taken_back(self, one: Landed) -> list[str]:
        back = [row for sign, row in one.changes if sign in ("-U", "-D")]
        return [self._words.say("notice.taken-back", row=row_said(back[0]))] if back else []

    def _plain(self, one: Landed) -> str:
        number = sum(box.since <= one.number for box in self._run.boxes)
        gone = sum(box.until is not None and box.until <= one.number for box in self._run.boxes)
        if one.reached is None:
            return self._words.say("notice.held", event=self._clock(one.event))
        ahead = round((one.event - one.reached) / SECOND)
        holder = self._holder(one)
        if holder and ahead >= HELD_SECONDS:
            return self._words.say(
                "notice.held-by",
                event=self._clock(one.event),
                seconds=ahead,
                reached=self._clock(one.reached),
                shard=holder.split,
                since=self._clock(holder.at),
                open=number - gone,
            )
        return self._words.say(
            "notice.plain",
            event=self._clock(one.event),
            reached=self._clock(one.reached),
            open=number - gone,
        )

    def _holder(self, one: Landed) -> Landed | None:
        """The last row of another shard, where that shard's watermark is the one that counts."""
        if not self._run.by_shard or one.reached is None:
            return None
        last: dict[str, Landed] = {}
        newest: dict[str, int] = {}
        for each in self._run.landed[: one.number + 1]:
            last[each.split] = each
            newest[each.split] = max(newest.get(each.split, 0), each.event)
        behind = min(newest, key=lambda split: newest[split])
        counts = behind != one.split and one.reached <= newest[behind]
        return last[behind] if counts else None

    def _mark(self, one: Landed) -> str:
        return "–" if one.mark is None else self._clock(one.mark)
