"""The check of the lesson on shaping with Firehose."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.aws.gate import CallRefused
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.firehose.delivery_stream import DeliveryStream
from kinesis_sim.firehose.events import ObjectWritten, RecordsFailed
from kinesis_sim.workloads.events.app_clicks import PLATFORMS
from kinesis_sim.workloads.scenes.click_lake import NOISE

STREAM, FOLDER, COLUMNS = (
    "clicks-by-platform",
    "clicks/platform=",
    {"platform", "unlocks"},
)
CLICKS = 200
ODD = 0.15
"""The part of the clicks that may end in the error output: some are meant to."""
QUESTION = (
    "select platform, count(*) as unlocks from pedala.clicks where action = 'unlock' "
    "group by platform"
)
Row = tuple[str, int]


def clicks_to_sql(trial: Simulator, answer: Any) -> Verdict:
    """Clicks lie in the lake as Parquet by platform, tidied, and the answer is what they say."""
    stream = stream_of(trial, STREAM)
    if stream is None:
        tried = answer is not None or any(trial.events.of(CallRefused))
        return not_yet("no-stream", stream=STREAM) if tried else not_yet("untouched")
    if stream.delivery is None:
        return not_yet("creating", stream=STREAM)
    if not stream.tally.accepted:
        return not_yet("no-clicks", stream=STREAM)
    return _lake(trial, stream) or _answer(trial, stream, answer)


def stream_of(sim: Simulator, name: str) -> DeliveryStream | None:
    """The Firehose stream of that name, or None."""
    return sim.firehose.streams.get(name)


def _lake(sim: Simulator, stream: DeliveryStream) -> Verdict | None:
    """What is wrong with what was delivered; None when nothing is."""
    tally = stream.tally
    if stream.held:
        return not_yet("held", held=stream.held)
    if tally.errors > ODD * tally.accepted:
        return not_yet("errors", **worst_of(sim, stream.name), errors=tally.errors)
    if stream.settings.transform is None:
        return not_yet("no-transform", noise=NOISE)
    keys = keys_of(sim, stream.name)
    if flat := [key for key in keys if FOLDER not in key]:
        return not_yet("no-folder", key=flat[0], folder=FOLDER)
    if strange := [key for key in keys if not key.startswith(FOLDER)]:
        return not_yet("elsewhere", key=strange[0], folder=FOLDER)
    if named := other_folders(keys):
        return not_yet("other-key", folders=named)
    bodies = [sim.buckets.read(stream.settings.bucket.name, key) for key in keys]
    if any(not body.startswith(b"PAR1") for body in bodies):
        return _not_columns(bodies)
    if tally.accepted < CLICKS:
        return not_yet("few", accepted=tally.accepted, wanted=CLICKS)
    return None


def _not_columns(bodies: list[bytes]) -> Verdict:
    """JSON instead of Parquet: with new lines between the records, or glued together."""
    records = sum(body.count(b'"session_id"') for body in bodies)
    rows = sum(len(body.splitlines()) for body in bodies)
    return not_yet("glued" if rows < records else "no-parquet", records=records, rows=rows)


def _answer(sim: Simulator, stream: DeliveryStream, answer: Any) -> Verdict:
    if not set(getattr(answer, "columns", ())) >= COLUMNS:
        return not_yet("no-answer")
    told, right = _rows(answer), _rows(sim.query(QUESTION))
    if told != right:
        wrong = sorted(set(told) ^ set(right))[0][0]
        return not_yet("wrong-answer", platform=wrong, told=dict(told).get(wrong, "–"))
    return passed(
        delivered=stream.tally.delivered,
        dropped=stream.tally.dropped,
        errors=stream.tally.errors,
        answer=", ".join(f"{platform} {unlocks}" for platform, unlocks in right),
    )


def _rows(frame: Any) -> list[Row]:
    pairs = zip(frame["platform"], frame["unlocks"], strict=True)
    return sorted((str(platform), int(unlocks)) for platform, unlocks in pairs)


def other_folders(keys: list[str]) -> list[str]:
    """What folders "platform=…" are called where those are not the platforms; else nothing.

    A key of the click's other fields makes folders, too, and a constant makes one.
    """
    named = {key.partition("platform=")[2].partition("/")[0] for key in keys}
    return [] if named == {*PLATFORMS} else sorted(named)[:3]


def keys_of(sim: Simulator, stream: str) -> list[str]:
    """The keys of its data objects."""
    written = sim.events.of(ObjectWritten)
    return [each.key for each in written if each.stream == stream and each.kind == "data"]


def worst_of(sim: Simulator, stream: str, *, latest: bool = False) -> dict[str, object]:
    """The error that most records met, or the latest one."""
    failures = [each for each in sim.events.of(RecordsFailed) if each.stream == stream]
    if not failures:
        return {"kind": "–", "code": "–", "message": "–"}
    counts: Counter[str] = Counter()
    for each in failures:
        counts[each.code] += each.records
    [(code, _)] = counts.most_common(1)
    chosen = failures[-1] if latest else next(e for e in failures if e.code == code)
    return {"kind": chosen.kind, "code": chosen.code, "message": chosen.message}
