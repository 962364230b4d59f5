"""The shard map as a scene: the hash ring, a lane per shard with what it holds, and its readers.

Lengths in px. A mark lives as long as what it says is so; what follows the clock has a place for
every instant that can be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, pi, sin, sqrt

from kinesis_sim.show.kit import marks, theme
from kinesis_sim.show.kit.history import Beat, History, Lane, fraction, largest_dot
from kinesis_sim.show.kit.numbers import lag_said
from kinesis_sim.show.kit.page import KEY, Control, Frame, Page, sign
from kinesis_sim.show.kit.paper import text_width
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.shares import Dot
from kinesis_sim.show.kit.timeline import Times, axis, duration, full, ticks
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.shards.notices import Notices

WIDE, NARROW = 680, 300
"""The least width of a scene whose ring stands left of the lanes, and of one that has it above."""
LEFT, RIGHT, READERS_LEFT = 84, 14, 124
"""Beside the lanes: room for a shard's name, or for a reader's with its lag."""
RING, ASIDE = 64, 290
"""The ring's radius, and the room that it takes left of the lanes."""
HEAD, TRACK, MOST_READERS = 48, 14, 6
SMALL = 11.5
STATES = ("open", "closed", "expired")
EVEN_FRAMES, PLAY_MS = 100, 12_000


def page(
    history: History,
    instants: Sequence[int],
    keys: Sequence[str],
    words: Words,
    *,
    readers: Readers | None = None,
    controls: Sequence[Control] = (),
    shown: int | None = None,
) -> Page:
    """The map of a history at each of the instants (epoch ms), with pins for partition keys.

    readers: who reads each shard at the last instant; shown: the instant to show first.
    """
    line, last = axis(history), instants[-1]
    notices = Notices(history, Times(line, words), words)
    drawn = [Map(history, instants, keys, words, readers, wide=wide) for wide in (False, True)]
    return Page(
        title=history.stream,
        subtitle=subtitle(history, last, words),
        scenes=[each.scene for each in drawn],
        frames=[
            Frame(
                at, full(at), notices.at(at),
                subtitle=(said := subtitle(history, at, words)), heard=said,
            )
            for at in instants
        ],
        summary=summary(history, last, words),
        legend=list(drawn[0].legend()),
        controls=controls,
        play_ms=PLAY_MS,
        moments=moments(history),
        axis=line,
        shown=shown,
    )  # fmt: skip


def summary(history: History, at: int, words: Words) -> str:
    """What the map shows at an instant (epoch ms), in one text."""
    states: dict[str, list[int]] = {state: [] for state in STATES}
    for lane in history.lanes:
        if lane.opened <= at:
            states[lane.state(at)].append(lane.shard)
    lanes = [
        f"{words.say(state)}: {words.listed(sorted(shards))}"
        for state, shards in states.items()
        if shards
    ]
    return words.say(
        "summary",
        stream=history.stream,
        time=full(at),
        open=subtitle(history, at, words),
        lanes="; ".join(lanes) or "–",
        notice=Notices(history, Times(axis(history), words), words).at(at),
    )


def subtitle(history: History, at: int, words: Words) -> str:
    """Mode, open shards and retention of a stream at an instant, in one line."""
    count = len(history.open_at(at))
    parts = [
        words.say(f"mode.{history.mode}"),
        words.count("open", count),
        words.say("retention", hours=history.horizon.hours(at)),
    ]
    hidden = [words.say("hidden", count=history.hidden)] if history.hidden else []
    return " · ".join(parts + hidden)


def moments(history: History) -> list[int]:
    """Instants to jump between (epoch ms): reshards, statuses, the first refusal, what expired."""
    found = {history.begin, history.now} | {at for at, _, _ in history.statuses}
    found |= {beat.at for beat in history.beats} | {change.at for change in history.retentions}
    found |= {lane.expires for lane in history.lanes if lane.expires is not None}
    found |= {share.at for share in history.shares[:1]}
    refused = [share.at for share in history.shares if share.throttled]
    return sorted(found | {*refused[:1]})


def instants(history: History) -> list[int]:
    """The instants that the slider stops at (epoch ms): evenly spread ones, and the moments."""
    line = axis(history)
    even = {line.instant(step / EVEN_FRAMES) for step in range(EVEN_FRAMES + 1)}
    return sorted(at for at in even | {*moments(history)} if at <= history.now)


def lane_height(lanes: int) -> float:
    """Height of a lane: less as there are more of them."""
    return max(16.0, min(44.0, 400 / max(lanes, 1) - 18))


def spread(heights: Sequence[float], apart: float) -> list[float]:
    """The same heights moved down where needed, so that any two are ``apart`` or more."""
    found: dict[int, float] = {}
    low = float("-inf")
    for index in sorted(range(len(heights)), key=heights.__getitem__):
        low = found[index] = max(heights[index], low + apart)
    return [found[index] for index in range(len(heights))]


def clipped(text: str, room: float) -> str:
    """A text cut with … to at most ``room`` px."""
    if text_width(text, SMALL) <= room:
        return text
    while text and text_width(text + "…", SMALL) > room:
        text = text[:-1]
    return text + "…"


def around(r: float, turn: float) -> tuple[float, float]:
    """From the middle of a circle to its point at a fraction of a turn clockwise from the top."""
    return r * sin(2 * pi * turn), -r * cos(2 * pi * turn)


class Map:
    """One drawing. wide: the ring stands left of the lanes, not above them."""

    def __init__(
        self, history: History, instants: Sequence[int], keys: Sequence[str], words: Words,
        readers: Readers | None, *, wide: bool,
    ) -> None:  # fmt: skip
        self._history, self._instants, self._words = history, instants, words
        self._pins = [history.pin(key) for key in keys]
        self._readers = readers
        self._names = [] if readers is None else list(readers.kinds)[:MOST_READERS]
        self._axis = axis(history)
        self._times = Times(self._axis, words)
        left = READERS_LEFT if self._names else LEFT
        self.scene = Scene(left + ASIDE * wide, RIGHT, least=WIDE if wide else 0)
        self._band = (WIDE if wide else NARROW) - self.scene.left - RIGHT
        self._tall = lane_height(len(history.lanes))
        step = self._tall + 18 + TRACK * len(self._names)
        middle = (X(ASIDE / 2), 106.0) if wide else (X(0, 0.5), RING + 18.0)
        self._top = HEAD if wide else middle[1] + RING + 24 + HEAD
        least = 150 if wide else 0
        self._bottom = self._top + max(step * max(len(history.lanes), 1), least)
        self._tops = {lane.shard: self._top + row * step for row, lane in enumerate(history.lanes)}
        self.scene.height = self._bottom + 26
        self._largest = largest_dot(history)
        self._most = max((d.share.bytes + d.share.throttled_bytes for d in history.dots), default=1)
        self._draw_ring(*middle)
        self._draw_lanes()
        self._draw_dots()
        self._draw_readers()
        self._draw_time()
        for beat in history.beats:
            if {*beat.old, *beat.new} <= self._tops.keys():
                self._draw_stem(beat)
        self._draw_tags()

    def _x(self, instant: float) -> X:
        return self.scene.x(self._axis.place(instant))

    def _px(self, instant: float) -> float:
        """From the left end of the band, at the least width that the scene is for."""
        return self._axis.place(instant) * self._band

    # --- ring ---------------------------------------------------------------------------------

    def _draw_ring(self, x: X, y: float) -> None:
        scene, history = self.scene, self._history
        changes = {lane.opened for lane in history.lanes} | {
            lane.closed for lane in history.lanes if lane.closed is not None
        }
        times = sorted(changes | {history.begin})
        for _, opened in scene.each(times, history.open_at):
            if not opened:
                scene.slice((x, y), RING, (0, 1), "slice-none")
            for lane in opened:
                self._draw_slice(lane, x, y)
        scene.text((x, y - 9), self._words.say("ring"), "said-quiet", align="middle")
        scene.text((x, y + 9), "0 … 2¹²⁸−1", align="middle")
        self._draw_pins(x, y, times)

    def _draw_slice(self, lane: Lane, x: X, y: float) -> None:
        turn, hue = (fraction(lane.start), fraction(lane.end + 1)), theme.shard_hue(lane.shard)
        tip, data = self._tip(lane), {"slice": str(lane.shard)}
        self.scene.slice((x, y), RING, turn, "slice", hue=hue, tip=tip, data=data)
        if turn[1] - turn[0] > 0.03:
            dx, dy = around(RING * 0.82, sum(turn) / 2)
            ink, place = theme.ink_on(hue), (x + dx, y + dy)
            self.scene.text(place, str(lane.shard), "number", hue=ink, align="middle")

    def _draw_pins(self, x: X, y: float, times: Sequence[int]) -> None:
        """Where partition keys land, named on both sides of the ring."""
        places = [(pin, *around(RING + 9, fraction(pin.hash))) for pin in self._pins]
        for side in (-1, 1):
            mine = [(pin, dx, dy) for pin, dx, dy in places if (dx >= 0) == (side > 0)]
            heights = spread([dy for _, _, dy in mine], 16)
            for (pin, dx, dy), ty in zip(mine, heights, strict=True):
                for _, home in self.scene.each(times, pin.home):
                    role, hue = ("pin", "") if home is None else ("pin-home", theme.shard_hue(home))
                    self.scene.dot((x + dx, y + dy), 5, role, hue=hue)
                place, align = (x + (dx + 9 * side), y + ty), "start" if side > 0 else "end"
                said = clipped(pin.key, ASIDE / 2 - abs(dx) - 9)
                self.scene.text(place, said, align=align, tip=pin.key, data={"pin": pin.key})

    # --- lanes --------------------------------------------------------------------------------

    def _tip(self, lane: Lane, state: str = "") -> str:
        name = self._words.say("shard", number=lane.shard)
        said = f"{name} ({self._words.say(state)})" if state else name
        return f"{said}: {lane.start} … {lane.end}"

    def _draw_lanes(self) -> None:
        """What is gone in grey, and every shard up to the instant that is shown."""
        scene, top, bottom = self.scene, self._top - 8, self._bottom
        for _, horizon in scene.each(self._instants, self._history.horizon.at):
            if horizon > self._axis.begin:
                scene.box((scene.x(0), top), (self._x(horizon), bottom), "behind")
                gone = self._words.say("gone")
                if self._px(horizon) > text_width(gone, SMALL) + 16:
                    scene.text((scene.x(0) + 8, bottom - 9), gone, "said-quiet")
        for lane in self._history.lanes:
            self._draw_lane(lane, self._tops[lane.shard])
        for at, _ in scene.each(self._instants, int):
            if self._axis.place(at) < 1:  # a lane ends where it is closed: later is not yet
                scene.box((self._x(at) + 2, top), (scene.x(1) + 2, bottom - 1), "gap")

    def _draw_lane(self, lane: Lane, top: float) -> None:
        end = self._x(max(lane.closed or self._axis.end, lane.opened)) + 1
        turns = [lane.opened, lane.closed, lane.expires, None]
        for state, since, until in zip(STATES, turns, turns[1:], strict=False):
            if since is None:
                break
            role = "lane" if state == "open" else f"lane-{state}"
            data = {"shard": str(lane.shard), "state": state}
            with self.scene.during(since, until):
                corners = (self._x(lane.opened), top), (end, top + self._tall)
                self.scene.box(
                    *corners, role, r=6, hue=theme.shard_hue(lane.shard),
                    tip=self._tip(lane, state), data=data,
                )  # fmt: skip
                self._name(lane.shard, state, top + self._tall / 2)

    def _name(self, shard: int, state: str, middle: float) -> None:
        """Left of a lane: its shard, and its state where there is room for a second line."""
        left, name = self.scene.x(0) + -10, self._words.say("shard", number=shard)
        if self._tall < 30:
            role = "said-quiet" if state == "expired" else "said"
            self.scene.text((left, middle), name, role, align="end")
            return
        role = "name-off" if state == "expired" else "name"
        self.scene.text((left, middle - 8), name, role, align="end")
        said = self._words.say(state)
        self.scene.text((left, middle + 9), said, "said-quiet", align="end")

    def _draw_dots(self) -> None:
        """What each put brought to a shard; pale once the horizon is past it."""
        history = self._history
        for dot in history.dots:
            if dot.share.shard in self._tops:
                passed = history.horizon.passes(dot.share.at)
                with self.scene.during(dot.share.at, passed):
                    self._draw_dot(dot)
                if passed <= history.now:
                    with self.scene.during(passed, None):
                        self._draw_dot(dot, gone=True)

    def _draw_dot(self, dot: Dot, *, gone: bool = False) -> None:
        share, x = dot.share, self._x(dot.share.at)
        if share.records:
            role, hue = ("record-gone", "") if gone else ("record", theme.shard_hue(share.shard))
            place = x, self._height(share.shard, dot.level)
            self.scene.dot(place, self._radius(share.bytes), role, hue=hue)
        if share.throttled:  # half a lane away from what was stored
            place = x, self._height(share.shard, (dot.level + 0.5) % 1)
            r = max(3.5, self._radius(share.throttled_bytes))
            self.scene.dot(place, r, "refused-gone" if gone else "refused-dot")

    def _height(self, shard: int, level: float) -> float:
        margin = min(8, self._tall / 3)
        return self._tops[shard] + margin + (self._tall - 2 * margin) * level

    def _radius(self, size: int) -> float:
        return round(max(2.0, self._largest * sqrt(self._tall / 44 * size / self._most)), 1)

    def _draw_readers(self) -> None:
        """Under each lane a triangle per reader, at its next record; the bar to now is its lag."""
        scene, at = self.scene, self._instants[-1]
        for shard, top in self._tops.items():
            for row, name in enumerate(self._names):
                spot = self._readers.spot(name, shard, at) if self._readers else None
                if spot is None:
                    continue
                y = top + self._tall + 9 + TRACK * row
                ends, begin = [(self._x(spot.place), y), (self._x(at), y)], "reader"
                begin += "-bad" if spot.state else ""
                scene.line(ends, "lag", hue=theme.shard_hue(shard), begin=begin)
                said = f"{name}  {lag_said(spot.lag, self._words)}"
                scene.text((scene.x(0) + -10, y), said, "said-small", align="end")

    # --- time ---------------------------------------------------------------------------------

    def _draw_time(self) -> None:
        """The axis, the instant that is shown, and the trim horizon."""
        scene, say, low, high = self.scene, self._words.say, self._bottom, self._top - 8
        scene.text((scene.x(0), high - 30), say("lanes"), "said-quiet")
        told = ticks(self._axis, self._times)
        marks.instants(scene, low, [tick for tick in told if not tick.quiet])
        for tick in told:
            if tick.quiet:
                place = scene.x(tick.place), low + 15
                scene.text(place, tick.label, "said-quiet", align="middle", row="ticks")
        for begin, end in self._axis.breaks:
            squeezed(scene, scene.x((self._axis.place(begin) + self._axis.place(end)) / 2), low)
        names = {at: say("now" if at == self._history.now else "shown") for at in self._instants}
        marks.present(scene, self._instants, self._x, (high, low), names.__getitem__)
        wide = text_width(say("horizon"), SMALL)
        for at, horizon in scene.each(self._instants, self._history.horizon.at):
            if horizon > self._axis.begin:
                scene.line([(self._x(horizon), high), (self._x(horizon), low)], "oldest")
                room = text_width(names[at], SMALL, bold=True) / 2 + 10
                near = self._px(at) - self._px(horizon) < room + wide / 2
                x, align = (self._x(at) + -room, "end") if near else (self._x(horizon), "middle")
                scene.text((x, high - 10), say("horizon"), "said-quiet", align=align, row="top")

    def _draw_stem(self, beat: Beat) -> None:
        """The line from closed parents to the children that took their keys."""
        scene, x, half = self.scene, self._x(beat.at), self._tall / 2
        heights = [self._tops[shard] + half for shard in (*beat.old, *beat.new)]
        ends = [(x, min(heights)), (x, max(heights))]
        label = f"{self._words.say(beat.kind)} {self._times.short(beat.at)}"
        y, wide = heights[len(beat.old) - 1], 12 + text_width(label, SMALL)
        with scene.during(beat.at, None):
            scene.line(ends, "stem-halo")
            scene.line(ends, "stem")
            for place in heights:
                scene.dot((x, place), 3.6, "node")
        later = sorted({beat.at, *(at for at in self._instants if at > beat.at)})
        for _, fits in scene.each(later, lambda at: self._px(at) - self._px(beat.at) > wide):
            scene.text(
                (x + (10 if fits else -10), y), label, "label", align="start" if fits else "end"
            )

    def _draw_tags(self) -> None:
        """Under each lane, at the instant that is shown, the pinned keys that go there now."""
        scene = self.scene
        for at, _ in scene.each(self._instants, int):
            keys: dict[int, list[str]] = {}
            for pin in self._pins:
                if (home := pin.home(at)) in self._tops:
                    keys.setdefault(home, []).append(pin.key)
            for shard, names in keys.items():
                label = clipped(", ".join(names), self._band - 16)
                wide = text_width(label, SMALL) + 16
                x = self._x(at) if self._px(at) > wide else scene.x(0) + wide
                y, data = self._tops[shard] + self._tall + 8, {"home": str(shard)}
                scene.dot(
                    (x + -5, y),
                    4.5,
                    "pin-home",
                    hue=theme.shard_hue(shard),
                    data={"tag": data["home"]},
                )
                scene.text((x + -14, y), label, "label", align="end", data=data)

    # --- legend -------------------------------------------------------------------------------

    def legend(self) -> Iterator[tuple[Scene, str]]:
        """What there is to see at one instant at least."""
        history, say = self._history, self._words.say
        hue, width = theme.SHARD_HUES[0], duration(history.width)
        dots = say("dots", width=width) if history.width else say("dot")
        yield sign("dot", "record", hue=hue), dots
        if any(share.throttled for share in history.shares):
            yield sign("dot", "refused-dot"), say("throttled")
        if self._names:
            yield sign("line", "lag", hue=hue, begin="reader"), say("reader")
        if any(lane.closed is not None for lane in history.lanes):
            yield sign("box", "lane-closed", hue=hue, r=3), say("closed-shard")
        if self._axis.breaks:
            mark = Scene()
            mark.height = 14
            squeezed(mark, X(KEY - 8), 7)
            yield mark, say("squeezed")


def squeezed(scene: Scene, x: X, y: float) -> None:
    """A double stroke through the axis where quiet time was squeezed."""
    scene.line([(x + -5, y), (x + 5, y)], "axis-gap")
    for shift in (-4, 3):
        scene.line([(x + (shift - 3), y + 5), (x + (shift + 3), y - 5)], "axis")
