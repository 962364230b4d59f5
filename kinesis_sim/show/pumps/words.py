"""What the picture of pumps says: what each window did at an instant, and what still waits."""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.show.kit.timeline import clock, duration
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.pumps.fold import Lane, Pane, Pumping


class Told:
    """One set of rows in one language."""

    def __init__(self, rows: Pumping, words: Words) -> None:
        self._rows, self._words = rows, words

    def kind(self, lane: Lane) -> str:
        """Which windows a pump has, and how long they are."""
        length = duration(lane.length) if lane.kind != "rows" else self._words.number(lane.length)
        return self._words.say(f"kind.{lane.kind}", length=length)

    def notice(self, at: int) -> str:
        """What to notice at an instant: what came, what closed, what waits."""
        told = [
            *self._came(at),
            *(line for lane in self._rows.lanes for line in _of(self, lane, at)),
        ]
        return " ".join(told or self._waiting(at) or [self._words.say("notice.nothing")])

    def _came(self, at: int) -> Iterator[str]:
        lane = max(self._rows.lanes, key=lambda one: len(one.dots), default=None)
        came = [dot for dot in lane.dots if dot.at == at] if lane else []
        if came:
            yield self._words.count("notice.came", len(came), time=clock(at), key=came[-1].key)

    def closed(self, lane: Lane, pane: Pane) -> Iterator[str]:
        """What a pump gives when a window of it closes."""
        say = self._words.say
        values = {"pump": lane.pump, "start": clock(pane.start), "end": clock(pane.end)}
        key = "notice.answers" if lane.kind in ("sliding", "rows") else "notice.closes"
        number = self._words.number(len(pane.dots))
        yield say(key, **values, key=pane.key, result=pane.result or number, rows=number)
        if pane.again:
            yield say("notice.again", pump=lane.pump, key=pane.key)

    def _waiting(self, at: int) -> list[str]:
        """Which pumps hold rows back, and until when."""
        found = []
        for lane in self._rows.lanes:
            ends = [
                pane.end for pane in lane.panes
                if pane.end > at and lane.dots[pane.dots[0]].at <= at
            ]  # fmt: skip
            if ends:
                found.append(self._words.say("notice.waits", pump=lane.pump, end=clock(min(ends))))
        return found

    def summary(self, title: str) -> str:
        """All lanes in one text, and what to notice now."""
        lanes = "; ".join(
            f"{lane.pump}: {self.kind(lane)}, {self._given(lane)}" for lane in self._rows.lanes
        )
        return self._words.say(
            "summary", title=title, lanes=lanes, time=clock(self._rows.now),
            notice=self.notice(self._rows.now),
        )  # fmt: skip

    def _given(self, lane: Lane) -> str:
        given = [pane.result for pane in lane.panes if pane.result]
        return self._words.say("given", results=", ".join(given) or "–")


def _of(told: Told, lane: Lane, at: int) -> Iterator[str]:
    for pane in lane.panes:
        if pane.end == at:
            yield from told.closed(lane, pane)
