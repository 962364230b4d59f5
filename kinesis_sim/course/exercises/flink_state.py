"""The check of the lesson on state: a plan for two sinks, a crash and an update, played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.instants import HOUR, SECOND, to_ms
from kinesis_sim.words import whole_from
from kinesis_sim.workloads.scenes.ride_job import SPAN_S, RideJob, script_for

PARALLELISM = 8
MAP_S, BOOKS_S, FILE_S, MOST_KPUS = 5, 60, 30, 3
KINDS = ("stream", "files")
CALM_S, AFTER_S = 270, 200


@dataclass(frozen=True, slots=True)
class Year:
    """What a plan came to. map_s, books_s: the longest waits while nothing happened (s).

    twice: counts that stand more than once in ``books``; lost: rides that no count has.
    """

    map_s: int
    books_s: int
    twice: int
    lost: int
    kpus: int


def plan(live: Any, books: Any, checkpoint: Any, snapshots: Any, per_kpu: Any) -> Verdict:
    """Each sink as its readers need it, no ride lost, hardly any KPU."""
    if live not in KINDS or books not in KINDS:
        return not_yet("sinks")
    kpus = whole_from(per_kpu)
    if not isinstance(snapshots, bool) or not _is_seconds(checkpoint) or kpus is None:
        return not_yet("shape")
    year = _played(live, books, float(checkpoint), snapshots, kpus)
    if isinstance(year, str):
        return not_yet("refused", told=year)
    return (
        _map(year, live)
        or _crash(year, snapshots)
        or _books(year, books, checkpoint)
        or _whole(year)
        or passed(map=year.map_s, books=year.books_s, kpus=year.kpus)
    )


def _is_seconds(value: Any) -> bool:
    """Whether it is a number that can be a length of time; AWS says which lengths it takes."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < HOUR


def _map(year: Year, live: str) -> Verdict | None:
    if year.map_s <= MAP_S:
        return None
    return not_yet("map-old", seconds=year.map_s)


def _crash(year: Year, snapshots: bool) -> Verdict | None:
    """What the crash took is told before books that are old: both come of rare checkpoints."""
    return not_yet("lost-in-crash", rides=year.lost) if year.lost and snapshots else None


def _books(year: Year, books: str, checkpoint: float) -> Verdict | None:
    if year.twice:
        return not_yet("twice", count=year.twice)
    if year.books_s > BOOKS_S:
        return not_yet("books-old", seconds=year.books_s)
    if books == "files" and checkpoint < FILE_S:
        return not_yet("files", seconds=checkpoint)
    return None


def _whole(year: Year) -> Verdict | None:
    if year.lost:
        return not_yet("lost", rides=year.lost)
    return not_yet("dear", kpus=year.kpus) if year.kpus > MOST_KPUS else None


@lru_cache(maxsize=64)
def _played(live: str, books: str, checkpoint: float, snapshots: bool, per_kpu: int) -> Year | str:
    """A year's accidents in some twelve minutes; what AWS says where it refuses the plan."""
    from botocore.exceptions import ClientError, ParamValidationError

    script = script_for(live, books, "LATEST")
    try:
        job = RideJob(
            Simulator(latency=None),
            script=script,
            checkpoint_s=checkpoint,
            snapshots=snapshots,
            parallelism=PARALLELISM,
            per_kpu=per_kpu,
        )
    except (ClientError, ParamValidationError) as error:
        return str(error).splitlines()[-1]
    job.play(CALM_S)
    waits = job.longest_wait("live"), job.longest_wait("books")
    _worst_moment(job, checkpoint)
    job.crash()
    job.play(AFTER_S)
    job.update(f"-- the next version\n{script}")
    job.play(AFTER_S)
    return Year(*waits, job.twice("books"), _lost(job), -(-PARALLELISM // per_kpu) + 1)


def _worst_moment(job: RideJob, checkpoint: float) -> None:
    """Play on until most of a checkpoint's interval has passed."""
    for _ in range(300):
        last = job.seconds[-1]
        since = last.at - (last.checkpoint or 0)
        if last.checkpoint is None or since >= 0.8 * checkpoint * SECOND:
            return
        job.play(1)


def _lost(job: RideJob) -> int:
    """Rides of whole windows that ``live`` has no count of, the first and the last left out."""
    counts: dict[int, int] = {}
    for row in job.rows("live"):
        at = to_ms(row["t"].replace(" ", "T") + "Z")
        counts[at] = max(counts.get(at, 0), row["n"])
    windows = range(min(counts) + SPAN_S * SECOND, max(counts), SPAN_S * SECOND)
    return sum(SPAN_S - counts.get(at, 0) for at in windows)
