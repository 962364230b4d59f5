"""What the picture of a pipeline says in its boxes and on its arrows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.instants import SECOND
from kinesis_sim.show.delivery.fold import Counts
from kinesis_sim.show.kit.words import Words
from kinesis_sim.units import MIB

if TYPE_CHECKING:
    from kinesis_sim.firehose.delivery_stream import DeliveryStream

LONGEST = 14
"""Letters of a detail that a box has room for."""
_KEY = re.compile(r'"?([A-Za-z_]\w*)"?\s*:')


@dataclass(frozen=True, slots=True)
class Station:
    """A part of the pipeline. full: its detail, whole; note: a line more; on: whether it is set."""

    id: str
    name: str
    detail: str
    full: str
    note: str
    on: bool


def place_of(settings: DestinationSettings) -> str:
    """What kind of destination it is, as people call it."""
    return settings.kind.title


def stages(stream: DeliveryStream, words: Words) -> list[Station]:
    """From the source to the destination."""
    settings, off = stream.settings, words.say("detail.off")
    step, conversion = settings.transform, settings.conversion
    source = stream.source_arn.rpartition("/")[2] if stream.source_arn else ""
    called = settings.kind.called(settings.block)
    details = {
        "source": source or words.say("detail.direct"),
        "transform": "" if step is None else step.function.rpartition(":")[2],
        "partitions": _keys(settings, words),
        "buffer": f"{settings.hints.size / MIB:g} MiB",
        "conversion": "" if conversion is None else settings.bucket.converted.title(),
        "destination": f"{place_of(settings)} {called}".strip(),
    }
    seconds = f"{settings.hints.patience / SECOND:g} s"
    whole = {"destination": place_of(settings)}
    notes = {"buffer": words.say("detail.or", time=seconds)}
    if any(settings.processor(k) for k in ("RecordDeAggregation", "Decompression")):
        notes["source"] = words.say("detail.apart")
    return [
        Station(
            id=stage,
            name=words.say(f"stage.{stage}"),
            detail=_short(detail, whole.get(stage, "")) or off,
            full=detail or off,
            note=notes.get(stage, ""),
            on=bool(detail),
        )
        for stage, detail in details.items()
    ]


def _keys(settings: DestinationSettings, words: Words) -> str:
    if not settings.partitioned:
        return ""
    keys = _KEY.findall(settings.query or "") or ["Lambda"]
    return words.say("detail.by", keys=", ".join(keys))


def _short(text: str, instead: str = "") -> str:
    """It, or what stands for it whole, or its beginning: what a box has room for."""
    fits = [each for each in (text, instead) if 0 < len(each) <= LONGEST]
    return (fits or [f"{text[: LONGEST - 1]}…" if text else ""])[0]


class Told:
    """The counts of one instant in words."""

    def __init__(self, counts: Counts, settings: DestinationSettings, words: Words) -> None:
        self._counts, self._settings, self._words = counts, settings, words

    @property
    def passed(self) -> list[str]:
        """How many records left each stage but the last."""
        counts = self._counts
        converts = self._settings.conversion is not None
        opened = counts.accepted - counts.failed["decompression-failed"]
        through = counts.converted if converts else counts.flushed
        passed = (opened, counts.onward, counts.entered, counts.flushed, through)
        return [self._words.short(each) for each in passed]

    def inside(self, stage: str) -> list[str]:
        """Lines in a stage's box."""
        counts, words = self._counts, self._words
        waits = {
            "transform": counts.at_transform,
            "buffer": counts.buffered,
            "destination": counts.under_way,
        }
        line = self._some("waits", waits.get(stage, 0))
        if stage == "source":
            line = words.say("accepted", count=words.short(counts.accepted))
        if stage == "partitions" and self._settings.partitioned:
            line = self._some("open", counts.partitions)
        delivered = words.say("delivered", count=words.short(counts.delivered))
        return [said for said in (delivered if stage == "destination" else "", line) if said]

    def failed(self, stage: str) -> str:
        """How many failed at a stage; empty for none."""
        return self._some("failed", self._counts.failed_at(stage))

    def bad(self, stage: str) -> bool:
        """Whether its last call or try failed."""
        counts = self._counts
        last = {"transform": counts.call, "destination": counts.trial}.get(stage)
        return last is not None and bool(last.code)

    def gone(self, stage: str) -> str:
        """How many left for good: dropped at the transform, lost at the destination."""
        key = {"transform": "dropped", "destination": "lost"}.get(stage, "")
        counts = {"dropped": self._counts.dropped, "lost": self._counts.lost.total()}
        return self._some(key, counts.get(key, 0))

    @property
    def copied(self) -> str:
        """How many were copied as they came."""
        return self._words.short(self._counts.copied)

    @property
    def output(self) -> tuple[str, str, tuple[str, ...]]:
        """The error output, what is on the way there, and each of its kinds."""
        counts, number = self._counts, self._words.number
        way = self._some("on-the-way", counts.failed.total() - counts.errors)
        head = self._words.say("output", count=number(counts.errors))
        kinds = tuple(f"{kind} {number(n)}" for kind, n in sorted(counts.written.items()))
        return head, way, kinds

    @property
    def clean(self) -> bool:
        """Whether the error output is empty, and nothing is on its way there."""
        return not self._counts.written and self._counts.failed.total() == self._counts.errors

    @property
    def sum(self) -> str:
        """That what was accepted is what became of it."""
        counts, number = self._counts, self._words.number
        return self._words.say(
            "sum",
            accepted=number(counts.accepted),
            delivered=number(counts.delivered),
            dropped=number(counts.dropped),
            errors=number(counts.errors),
            lost=number(counts.lost.total()),
            held=number(counts.held),
        )

    def _some(self, key: str, count: int) -> str:
        """A count in words; empty for none."""
        return self._words.say(key, count=self._words.short(count)) if count else ""
