"""The readers' picture as rows: lanes of records, and a frame per second with everybody's place.

Kernel and browser draw the same rows; nothing that draws computes a place, a lag or a sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.history import History
from kinesis_sim.show.kit.shares import Share, thinned
from kinesis_sim.show.kit.timeline import Times, duration, full, squeezed, ticks
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers, Spot
from kinesis_sim.show.readers.notices import Notices, lag_said

Json = dict[str, Any]
MOST_LANES, MOST_READERS = 4, 6
MOST_DOTS = 400
LINE = 8.0  # px a dot may lie above or below its line
LARGEST = 5.0


def as_rows(
    history: History, readers: Readers, span: tuple[int, int], instants: Sequence[int], words: Words
) -> Json:
    """The picture from ``span``'s begin to its end (epoch ms), with a frame per instant.

    lanes: shard, name, hue, dots [place 0 to 1, radius, height -1 to 1, at]; readers: name and
    kind; frames: at, place of the present, time, notice, and per lane and reader a track or None.
    """
    begin, end = span
    line = squeezed((begin, max(end, begin + SECOND)))
    lanes = [lane for lane in history.lanes if lane.closed is None or lane.closed >= begin]
    shown = [lane.shard for lane in lanes[:MOST_LANES]]
    names = list(readers.kinds)[:MOST_READERS]
    dots, width = _dots(history, shown, begin, end)
    notices = Notices(readers, names, shown, words)
    hidden = len(lanes) - len(shown)
    return {
        "stream": history.stream,
        "title": words.say("title", stream=history.stream),
        "subtitle": words.say("subtitle")
        + (f"; {words.say('hidden', count=hidden)}" if hidden > 0 else ""),
        "dotLabel": words.say("legend.records", width=duration(width))
        if width
        else words.say("legend.record"),
        "oldest": _oldest(history, begin, end, line.place),
        "readers": [_reader(name, readers, words) for name in names],
        "ticks": [[round(t.place, 5), t.label] for t in ticks(line, Times(line, words))],
        "lanes": [
            {
                "shard": shard,
                "name": words.say("shard", number=shard),
                "hue": theme.shard_hue(shard),
                "dots": [_dot(dot, line.place, end) for dot in dots if dot[0].shard == shard],
            }
            for shard in shown
        ],
        "frames": [
            _frame(at, line.place, readers, names, shown, notices, words) for at in instants
        ],
    }


def _reader(name: str, readers: Readers, words: Words) -> Json:
    return {"name": name, "kind": words.say(f"kind.{readers.kinds[name]}")}


def _oldest(history: History, begin: int, end: int, place: Any) -> list[Any]:
    """Where TRIM_HORIZON stands, 0 to 1, and what to write there: an arrow when it lies further
    left."""
    horizon = history.horizon.at(end)
    before = any(share.records and horizon <= share.at < begin for share in history.shares)
    return [round(place(max(horizon, begin)), 5), "← TRIM_HORIZON" if before else "TRIM_HORIZON"]


def _dots(
    history: History, shown: Sequence[int], begin: int, end: int
) -> tuple[list[tuple[Share, float]], int]:
    wanted = tuple(
        share
        for share in history.shares
        if share.records and share.shard in shown and begin <= share.at <= end
    )
    dots, width = thinned(wanted, MOST_DOTS * max(1, len(shown)))
    return [(dot.share, dot.level) for dot in dots], width


def _dot(dot: tuple[Share, float], place: Any, end: int) -> list[float]:
    share, level = dot
    radius = min(LARGEST, 2.2 + 0.5 * share.records**0.5)
    return [round(place(share.at), 5), round(radius, 2), round(2 * level - 1, 2), share.at]


def _frame(
    at: int,
    place: Any,
    readers: Readers,
    names: Sequence[str],
    shown: Sequence[int],
    notices: Notices,
    words: Words,
) -> Json:
    spots = {(shard, name): readers.spot(name, shard, at) for shard in shown for name in names}
    tracks = {
        key: None if spot is None else _track(spot, place, words) for key, spot in spots.items()
    }
    through = {
        shard: min((s.place for (own, _), s in spots.items() if s is not None and own == shard),
                   default=0)
        for shard in shown
    }  # fmt: skip
    return {
        "at": at,
        "now": round(place(at), 5),
        "time": full(at),
        "notice": notices.of([spot for spot in spots.values() if spot is not None], at),
        "through": [through[shard] for shard in shown],
        "tracks": [[tracks[shard, name] for name in names] for shard in shown],
    }


def _track(spot: Spot, place: Any, words: Words) -> list[Any]:
    """Place from 0 to 1, the lag in words, who or what else there is to say, and whether it is
    bad."""
    said = spot.worker or ""
    if spot.state:
        said = words.say(f"state.{spot.state}", worker=spot.worker)
    return [round(place(spot.place), 5), lag_said(spot.lag, words), said, bool(spot.state)]


def summary(rows: Json, words: Words) -> str:
    """What the picture shows at its last frame, in one text."""
    frame, parts = rows["frames"][-1], []
    for lane, tracks in zip(rows["lanes"], frame["tracks"], strict=True):
        found = [
            f"{reader['name']} {track[1]}"
            for reader, track in zip(rows["readers"], tracks, strict=True)
            if track is not None
        ]
        parts.append(f"{lane['name']}: {', '.join(found) or '–'}")
    return words.say(
        "summary", title=rows["title"], time=frame["time"], tracks="; ".join(parts),
        notice=frame["notice"],
    )  # fmt: skip
