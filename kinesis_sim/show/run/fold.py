"""A pipeline's result as the rows of a picture: rates, backlog, shards and lag, span by span.

A result has a row per minute; a picture has room for some hundred spans, so that longer runs are
drawn in spans of several minutes: rates are means, backlogs, shards and lags the highest of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.instants import MINUTE
from kinesis_sim.show.kit.numbers import decimal
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.workloads.pipeline.result import Result

MOST_SPANS = 240
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Span:
    """So many minutes from minute ``at`` on.

    offered, stored, throttled: records a second; buffered: records; shards: open; lags: ms, by
    consumer.
    """

    at: int
    minutes: int
    offered: float
    stored: float
    throttled: float
    buffered: float
    shards: int
    lags: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """All that the picture of a result shows.

    totals: as the result's; worst: the minute in which most attempts were refused, None without
    any.
    """

    stream: str
    level: str
    minutes: int
    spans: tuple[Span, ...]
    consumers: tuple[str, ...]
    totals: Mapping[str, Any]
    worst: int | None

    def highest(self, name: str) -> float:
        """The highest of all spans' ``name``."""
        return max((getattr(span, name) for span in self.spans), default=0)

    @property
    def lag(self) -> float:
        """The highest lag of all (ms)."""
        return max((lag for span in self.spans for lag in span.lags.values()), default=0)


def run(result: Result) -> Run:
    """The rows of a finished run."""
    rows = result.rows
    lags: dict[int, dict[str, float]] = {}
    for row in result.consumer_rows:
        if "lag_ms" in row:
            lags.setdefault(row["minute"], {})[row["consumer"]] = row["lag_ms"]
    wide = -(-len(rows) // MOST_SPANS)
    worst = max(rows, key=lambda row: row["throttled"], default=None)
    return Run(
        stream=result.stream,
        level=result.level,
        minutes=len(rows),
        spans=tuple(_span(rows[at : at + wide], lags) for at in range(0, len(rows), wide or 1)),
        consumers=tuple(dict.fromkeys(name for found in lags.values() for name in found)),
        totals=result.totals,
        worst=worst["minute"] if worst is not None and worst["throttled"] >= 1 else None,
    )


def _span(rows: Sequence[Mapping[str, Any]], lags: Mapping[int, Mapping[str, float]]) -> Span:
    found: dict[str, float] = {}
    for row in rows:
        for name, lag in lags.get(row["minute"], {}).items():
            found[name] = max(lag, found.get(name, 0))
    seconds = len(rows) * MINUTE_S
    return Span(
        at=rows[0]["minute"],
        minutes=len(rows),
        offered=sum(row["offered"] for row in rows) / seconds,
        stored=sum(row["stored"] for row in rows) / seconds,
        throttled=sum(row["throttled"] for row in rows) / seconds,
        buffered=max(row["buffered"] for row in rows),
        shards=max(row["shards"] for row in rows),
        lags=found,
    )


class Told:
    """What the picture says, in one language."""

    def __init__(self, rows: Run, words: Words) -> None:
        self._rows, self._words = rows, words

    @property
    def title(self) -> str:
        """What the picture shows."""
        return self._words.say("title", stream=self._rows.stream)

    @property
    def subtitle(self) -> str:
        """How long it ran, at which level of detail."""
        length = duration(self._rows.minutes * MINUTE)
        return self._words.say(f"subtitle.{self._rows.level}", length=length)

    @property
    def notice(self) -> str:
        """What became of the records, most telling first."""
        words, rows = self._words, self._rows
        totals = {name: words.number(round(rows.totals[name])) for name in rows.totals}
        said = [words.say("notice.stored", **totals)]
        if rows.worst is None:
            said.append(words.say("notice.calm"))
        else:
            at = duration(rows.worst * MINUTE)
            said.append(words.say("notice.throttled", at=at, **totals))
        lost = round(rows.totals["expired"] + rows.totals["dropped"])
        if lost:
            said.append(words.say("notice.lost", count=words.number(lost)))
        if round(rows.totals["buffered"]):
            said.append(words.say("notice.waiting", **totals))
        if rows.consumers:
            said.append(words.say("notice.lag", lag=seconds(rows.lag, words)))
        return " ".join(said)

    @property
    def summary(self) -> str:
        """All of it in one text."""
        return self._words.say(
            "summary", title=self.title, subtitle=self.subtitle, notice=self.notice
        )


def seconds(ms: float, words: Words) -> str:
    """A lag: 0.2 s, or 3 min 5 s."""
    return duration(round(ms / 1000) * 1000) if ms >= 10_000 else f"{decimal(ms / 1000, words)} s"
