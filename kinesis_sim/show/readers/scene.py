"""Who reads a stream as a scene: records of each shard, and a triangle and a bar per reader.

A frame per instant; a mark lives as long as what it says is so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.history import History
from kinesis_sim.show.kit.numbers import lag_said
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.paper import text_width
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.shares import Dot, thinned
from kinesis_sim.show.kit.timeline import duration, full, since, squeezed
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers, Spot
from kinesis_sim.show.readers.notices import Notices

MOST_LANES, MOST_READERS = 4, 6
MOST_DOTS = 400
LARGEST = 5.0
TOP, RECORDS, TRACK, GAP = 34, 34, 19, 14
"""px: above the lanes; of a shard's line of records; of a reader; between two shards."""
WIDE = 640  # px: narrower, a reader's name stands above its bar

Spots = dict[tuple[int, str], Spot | None]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant of the picture (epoch ms), and where everybody is then.

    since, until: when it is shown, in ms from the picture's begin.
    """

    at: int
    since: int
    until: int | None
    spots: Spots

    def passed(self, shard: int) -> int:
        """Every reader of a shard is past what came before this (epoch ms)."""
        places = [s.place for (own, _), s in self.spots.items() if s is not None and own == shard]
        return min(places, default=0)


class Picture:
    """Who reads a stream, from the span's begin to its end (epoch ms), at each of the instants."""

    def __init__(
        self, history: History, readers: Readers, span: tuple[int, int], instants: Sequence[int],
        words: Words,
    ) -> None:  # fmt: skip
        self._history, self._readers, self._words = history, readers, words
        self._begin, self._end = span
        self._axis = squeezed((self._begin, max(self._end, self._begin + SECOND)))
        lanes = [lane for lane in history.lanes if lane.closed is None or lane.closed >= span[0]]
        self._shards = [lane.shard for lane in lanes[:MOST_LANES]]
        self._hidden = len(lanes) - len(self._shards)
        self._names = list(readers.kinds)[:MOST_READERS]
        self._moments = list(self._looked_at(instants))
        shares = [
            s for s in history.shares
            if s.records and s.shard in self._shards and self._begin <= s.at <= self._end
        ]  # fmt: skip
        self._dots, self._width = thinned(tuple(shares), MOST_DOTS * max(1, len(self._shards)))

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with all that it says."""
        say, notices = self._words.say, self._notices
        title, last = say("title", stream=self._history.stream), self._moments[-1]
        frames = [Frame(moment.since, full(moment.at), notices(moment)) for moment in self._moments]
        more = f"; {say('hidden', count=self._hidden)}" if self._hidden > 0 else ""
        more += since(self._readers.whole_from, self._begin, self._words)
        hue = theme.shard_hue(self._shards[0]) if self._shards else theme.INK
        width = self._width
        records = say("legend.records", width=duration(width)) if width else say("legend.record")
        return Page(
            title=title,
            subtitle=say("subtitle") + more,
            scenes=[self._scene(wide=False), self._scene(wide=True)],
            frames=frames,
            legend=[
                (sign("dot", "record", hue=hue), records),
                (sign("line", "lag", hue=hue, begin="reader"), say("legend.reader")),
            ],
            summary=say(
                "summary", title=title, time=frames[-1].time, notice=frames[-1].notice,
                tracks="; ".join(self._told(shard, last) for shard in self._shards),
            ),
            controls=controls,
        )  # fmt: skip

    def _looked_at(self, instants: Sequence[int]) -> Iterator[Moment]:
        for at, until in pairwise([*instants, None]):
            spots = {
                (shard, name): self._readers.spot(name, shard, at or 0)
                for shard in self._shards
                for name in self._names
            }
            end = None if until is None else until - self._begin
            yield Moment(at or 0, (at or 0) - self._begin, end, spots)

    @property
    def _notices(self) -> Callable[[Moment], str]:
        notices = Notices(self._readers, self._names, self._shards, self._words)
        return lambda m: notices.of([s for s in m.spots.values() if s is not None], m.at)

    def _told(self, shard: int, moment: Moment) -> str:
        spots = [(name, moment.spots[shard, name]) for name in self._names]
        lags = [f"{name} {lag_said(s.lag, self._words)}" for name, s in spots if s is not None]
        return f"{self._words.say('shard', number=shard)}: {', '.join(lags) or '–'}"

    # --- the scene ----------------------------------------------------------------------------

    def _scene(self, *, wide: bool) -> Scene:
        scene = Scene(150, 186, least=WIDE) if wide else Scene(12, 12)
        step, top = (TRACK, TOP) if wide else (2 * TRACK, TOP + 24)
        tall = RECORDS + step * max(1, len(self._names)) + GAP
        bottom = top + tall * len(self._shards) - (0 if wide else 12)
        self._draw_axis(scene, bottom, wide=wide)
        for row, shard in enumerate(self._shards):
            y, hue = top + tall * row, theme.shard_hue(shard)
            self._draw_lane(scene, shard, y, hue, wide=wide)
            for place, name in enumerate(self._names):
                low = y + RECORDS + step * place
                self._draw_reader(scene, shard, name, low, hue, wide=wide)
        scene.height = bottom + 26
        return scene

    def _draw_lane(self, scene: Scene, shard: int, y: float, hue: str, *, wide: bool) -> None:
        label = self._words.say("shard", number=shard)
        scene.text((X(), y + 11 if wide else y - 11), label, "name")
        left, right = scene.x(0) + -6, scene.x(1) + 6
        scene.box((left, y), (right, y + 22), "lane", hue=hue, r=5, data={"shard": str(shard)})
        passed = [(moment, moment.passed(shard)) for moment in self._moments]
        for dot in self._dots:
            if dot.share.shard == shard:
                self._draw_dot(scene, dot, passed, y, hue)

    def _draw_dot(
        self, scene: Scene, dot: Dot, passed: list[tuple[Moment, int]], y: float, hue: str
    ) -> None:
        """A record from its arrival on; pale while every reader is past it."""
        share, level = dot.share, dot.level
        there = [
            (moment, share.at < through) for moment, through in passed if moment.at >= share.at
        ]
        r = min(LARGEST, 2.2 + 0.5 * share.records**0.5)
        place = (scene.x(self._axis.place(share.at)), y + 11 + 5 * (2 * level - 1))
        for past, moments in groupby(there, lambda each: each[1]):
            run = [moment for moment, _ in moments]
            with scene.during(run[0].since, run[-1].until):
                scene.dot(place, round(r, 1), "record-past" if past else "record", hue=hue)

    def _draw_reader(
        self, scene: Scene, shard: int, name: str, y: float, hue: str, *, wide: bool
    ) -> None:
        left = X(10 if wide else 0)
        scene.text((left, y), name)
        kind = self._words.say(f"kind.{self._readers.kinds[name]}")
        scene.text((left + text_width(name, 11.5) + 6, y), kind, "said-quiet")
        for moment in self._moments:
            with scene.during(moment.since, moment.until):
                spot = moment.spots[shard, name]
                if spot is not None:
                    self._draw_lag(scene, spot, moment, y if wide else y + TRACK - 2, hue)
                self._say(scene, spot, y, wide=wide)

    def _draw_lag(self, scene: Scene, spot: Spot, moment: Moment, y: float, hue: str) -> None:
        ends = [scene.x(self._axis.place(at)) for at in (spot.place, moment.at)]
        begin = "reader-bad" if spot.state else "reader"
        data = {"reader": spot.reader}
        scene.line([(x, y) for x in ends], "lag", hue=hue, begin=begin, data=data)

    def _say(self, scene: Scene, spot: Spot | None, y: float, *, wide: bool) -> None:
        """The lag, and who reads or why nobody does."""
        lag = "" if spot is None else lag_said(spot.lag, self._words)
        who = self._who(spot)
        role = "said-bad" if spot is not None and spot.state else "said"
        if not wide:
            both = " · ".join(filter(None, (who, lag)))
            scene.text((scene.x(1) + -5, y), both, role, align="end")
            return
        scene.text((scene.x(1) + 62, y), lag, role, align="end")
        scene.text((scene.x(1) + 72, y), who, "said-quiet" if role == "said" else role)

    def _who(self, spot: Spot | None) -> str:
        if spot is None:
            return self._words.say("state.none")
        if spot.state:
            return self._words.say(f"state.{spot.state}", worker=spot.worker)
        return spot.worker or ""

    def _draw_axis(self, scene: Scene, y: float, *, wide: bool) -> None:
        marks.time_axis(scene, y, self._axis, self._words)
        last = self._moments[-1].since
        marks.present(
            scene, [moment.since for moment in self._moments],
            lambda at: scene.x(self._axis.place(self._begin + at)), (TOP - 8, y),
            lambda at: self._words.say("now" if at == last else "shown"),
        )  # fmt: skip
        if wide:
            said = self._words.say("column.lag")
            scene.text((scene.x(1) + 72, TOP - 18), said, "said-quiet", row="top")
        self._draw_oldest(scene, y if wide else TOP)

    def _draw_oldest(self, scene: Scene, y: float) -> None:
        """Where TRIM_HORIZON stands; an arrow says that it lies further left."""
        horizon = self._history.horizon.at(self._end)
        shares = self._history.shares
        before = any(share.records and horizon <= share.at < self._begin for share in shares)
        x = scene.x(self._axis.place(max(horizon, self._begin)))
        scene.line([(x, TOP - 8), (x, y)], "oldest")
        label = "← TRIM_HORIZON" if before else "TRIM_HORIZON"
        scene.text((x + -6, TOP - 18), label, "said-quiet", row="top")
