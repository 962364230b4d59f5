"""The pipeline's picture as rows: stages, and a frame per instant with every count and sentence.

Kernel and browser draw the same rows; nothing that draws counts, adds or words anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kinesis_sim.firehose.events import DeliveryTried, FirehoseEvent, ObjectWritten
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.instants import MINUTE, SECOND
from kinesis_sim.show.delivery.fold import GOOD_KINDS, Counts, Story, at_instants
from kinesis_sim.show.delivery.notices import Notices, clock
from kinesis_sim.show.kit.timeline import Axis, Times, duration, full, since, squeezed, ticks
from kinesis_sim.show.kit.words import Words
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.delivery_stream import DeliveryStream
    from kinesis_sim.simulator import Simulator

Json = dict[str, Any]
STAGES = ("source", "transform", "partitions", "buffer", "conversion", "destination")
MOST_FRAMES, MOST_TRIES, MOST_OBJECTS = 120, 240, 60
LONGEST = 14
"""Letters of a detail that a box has room for."""
_KEY = re.compile(r'"?([A-Za-z_]\w*)"?\s*:')


def as_rows(sim: Simulator, name: str, words: Words, at: int | None = None) -> Json:
    """The picture of a stream up to ``at`` (epoch ms, now unless given).

    UsageError for no such stream.
    """
    stream = sim.firehose[name]
    end = sim.clock.now if at is None else at
    story = Story(sim.events, name, end)
    events = story.events
    instants = _instants(events, end)
    axis = squeezed({*instants, max(end, instants[0] + SECOND)})
    place = place_of(stream.settings)
    notices = Notices(stream.settings, place, stream.site.window(), words)
    frames = [
        _frame(moment, counts, axis, stream.settings, notices, words)
        for moment, counts in at_instants(events, instants, story.base)
    ]
    return {
        "title": words.say("title", stream=name),
        "subtitle": words.say("subtitle") + since(story.begin, 0, words),
        "stages": _stages(stream, words),
        "backup": words.say("backup") if stream.settings.backup else "",
        "frames": frames,
        "ticks": [
            [round(t.place, 5), f"… {t.label} …" if t.quiet else t.label]
            for t in ticks(axis, Times(axis, words))
        ],
        **_strip(events, axis),
        "objects": _objects(events, axis, words),
    }


def _instants(events: Sequence[FirehoseEvent], end: int) -> list[int]:
    """When something happened, thinned to what a slider can tell apart; the end always."""
    times = sorted({event.at for event in events} | {end})
    step = max(1, -(-len(times) // MOST_FRAMES))
    return times[::-step][::-1]


# --- what does not change -------------------------------------------------------------------------


def place_of(settings: DestinationSettings) -> str:
    """What kind of destination it is, as people call it."""
    return settings.kind.title


def _named(settings: DestinationSettings) -> str:
    """The kind of destination with its bucket, index or table."""
    return f"{place_of(settings)} {settings.kind.called(settings.block)}".strip()


def _stages(stream: DeliveryStream, words: Words) -> list[Json]:
    settings, off = stream.settings, words.say("detail.off")
    step, query, conversion = settings.transform, settings.query, settings.conversion
    source = stream.source_arn.rpartition("/")[2] if stream.source_arn else ""
    details = {
        "source": source or words.say("detail.direct"),
        "transform": "" if step is None else step.function.rpartition(":")[2],
        "partitions": _keys(settings, query, words),
        "buffer": f"{settings.hints.size / MIB:g} MiB",
        "conversion": "" if conversion is None else settings.bucket.converted.title(),
        "destination": _named(settings),
    }
    seconds = f"{settings.hints.patience / SECOND:g} s"
    notes = {"buffer": words.say("detail.or", time=seconds)}
    if any(settings.processor(k) for k in ("RecordDeAggregation", "Decompression")):
        notes["source"] = words.say("detail.apart")
    return [
        {
            "id": stage,
            "name": words.say(f"stage.{stage}"),
            "detail": _short(detail) or off,
            "full": detail or off,
            "on": bool(detail),
            "note": notes.get(stage, ""),
        }
        for stage, detail in details.items()
    ]


def _keys(settings: DestinationSettings, query: str | None, words: Words) -> str:
    if not settings.partitioned:
        return ""
    keys = _KEY.findall(query or "") or ["Lambda"]
    return words.say("detail.by", keys=", ".join(keys))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


# --- what does ------------------------------------------------------------------------------------


def _frame(
    at: int,
    counts: Counts,
    axis: Axis,
    settings: DestinationSettings,
    notices: Notices,
    words: Words,
) -> Json:
    number = words.number
    through = counts.converted if settings.conversion is not None else counts.flushed
    opened = counts.accepted - counts.failed["decompression-failed"]
    passed = [opened, counts.onward, counts.entered, counts.flushed, through]
    under_way = counts.failed.total() - counts.errors
    return {
        "at": at,
        "now": round(axis.place(at), 5),
        "time": full(at),
        "passed": [words.short(each) for each in passed],
        "inside": _inside(counts, settings, words),
        "failed": [_some("failed", counts.failed_at(stage), words) for stage in STAGES],
        "bad": [
            (stage == "transform" and bool(counts.call and counts.call.code))
            or (stage == "destination" and bool(counts.trial and counts.trial.code))
            for stage in STAGES
        ],
        "dropped": _some("dropped", counts.dropped, words),
        "lost": _some("lost", counts.lost.total(), words),
        "copied": words.short(counts.copied),
        "output": words.say("output", count=number(counts.errors)),
        "kinds": [f"{kind} {number(n)}" for kind, n in sorted(counts.written.items())],
        "onTheWay": _some("on-the-way", under_way, words),
        "sum": words.say(
            "sum",
            accepted=number(counts.accepted),
            delivered=number(counts.delivered),
            dropped=number(counts.dropped),
            errors=number(counts.errors),
            lost=number(counts.lost.total()),
            held=number(counts.held),
        ),
        "notice": notices.of(counts, at),
    }  # fmt: skip


def _inside(counts: Counts, settings: DestinationSettings, words: Words) -> list[list[str]]:
    """Lines in each stage's box."""
    waits = {
        "transform": counts.at_transform,
        "buffer": counts.buffered,
        "destination": counts.under_way,
    }
    lines = {stage: [_some("waits", waits.get(stage, 0), words)] for stage in STAGES}
    lines["source"] = [words.say("accepted", count=words.short(counts.accepted))]
    if settings.partitioned:
        lines["partitions"] = [_some("open", counts.partitions, words)]
    delivered = words.say("delivered", count=words.short(counts.delivered))
    lines["destination"] = [delivered, *lines["destination"]]
    return [[line for line in lines[stage] if line] for stage in STAGES]


def _some(key: str, count: int, words: Words) -> str:
    """A count in words; empty for none."""
    return words.say(key, count=words.short(count)) if count else ""


def _strip(events: Sequence[FirehoseEvent], axis: Axis) -> Json:
    """Tries of the destination over time.

    Each: [place, age from 0 to 1, whether it took all, at, where the shown age is].
    """
    tries = [e for e in events if isinstance(e, DeliveryTried) and not e.backup][-MOST_TRIES:]
    ages = [tried.at - tried.oldest for tried in tries]
    top = _round_up(max([*ages, MINUTE]))
    return {
        "tries": [
            [round(axis.place(tried.at), 5), round(age / top, 4), not tried.code, tried.at]
            for tried, age in zip(tries, ages, strict=True)
        ],
        "levels": [[0.5, duration(top // 2)], [1, duration(top)]],
    }


def _round_up(age: int) -> int:
    steps = [m * MINUTE for m in (1, 2, 4, 6, 10, 20, 30, 60, 120, 240, 360, 720, 1440, 2880)]
    return next((step for step in steps if step >= age), age)


def _objects(events: Sequence[FirehoseEvent], axis: Axis, words: Words) -> list[Json]:
    """Objects of the error output, newest last."""
    found = [e for e in events if isinstance(e, ObjectWritten) and e.kind not in GOOD_KINDS]
    return [
        {
            "bucket": each.bucket,
            "key": each.key,
            "at": each.at,
            "place": round(axis.place(each.at), 5),
            "label": words.count("object", each.records, time=clock(each.at), kind=each.kind),
        }
        for each in found[-MOST_OBJECTS:]
    ]


def summary(rows: Json, words: Words) -> str:
    """What the picture shows at its last frame, in one text."""
    frame = rows["frames"][-1]
    said = {name: frame[name] for name in ("time", "sum", "notice")}
    return words.say("summary", title=rows["title"], **said)
