"""What to notice in the picture of a pipeline, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.firehose.events import DeliveryTried
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.show.delivery.fold import Counts
from kinesis_sim.show.kit.timeline import clock, duration
from kinesis_sim.show.kit.words import Words

MOST = 3
"""Sentences that are read."""


class Notices:
    """The notices about one stream.

    place: what its destination is called; window_ms: how long S3 is tried; time: how an instant is
    written.
    """

    def __init__(
        self, settings: DestinationSettings, place: str, window_ms: int, words: Words
    ) -> None:
        self._settings, self._place, self._words = settings, place, words
        self._window = window_ms

    def of(self, counts: Counts, at: int) -> str:
        """The sentences about an instant, the most urgent first."""
        if not counts.accepted:
            return self._words.say("notice.empty")
        said = list(self._said(counts, at))[:MOST]
        return " ".join(said) or self._words.say("notice.calm")

    def _said(self, counts: Counts, at: int) -> Iterator[str]:
        if counts.trial is not None and counts.trial.code:
            yield self._refused(counts, counts.trial, at)
        if counts.call is not None and counts.call.code:
            yield self._function(counts)
        if counts.lost:
            reasons = self._words.listed(self._words.say(f"reason.{r}") for r in counts.lost)
            count = self._number(counts.lost.total())
            yield self._words.say("notice.lost", count=count, reasons=reasons)
        if counts.written:
            kinds = self._words.listed(
                f"{self._number(n)} {kind}" for kind, n in sorted(counts.written.items())
            )
            yield self._words.say("notice.errors", kinds=kinds)
        if counts.dropped:
            key = "notice.dropped" if self._settings.backup else "notice.dropped-nowhere"
            yield self._words.say(key, count=self._number(counts.dropped))

    def _refused(self, counts: Counts, trial: DeliveryTried, at: int) -> str:
        if trial.again_at is None:
            return self._words.say("notice.gave-up", destination=self._place, code=trial.code)
        whole = "notice.refuses-s3" if trial.destination == "S3" else "notice.refuses"
        key = "notice.refuses-some" if counts.in_part else whole
        return self._words.say(
            key,
            destination=self._place,
            since=clock(counts.failing_since or trial.at),
            code=trial.code,
            tries=self._words.count("notice.tries", counts.failures),
            held=self._number(counts.held),
            age=duration(at - trial.oldest),
            next=clock(trial.again_at),
            window=duration(self._window),
            seconds=self._settings.retry_seconds,
        )

    def _function(self, counts: Counts) -> str:
        step, call = self._settings.transform, counts.call
        assert call is not None
        most = call.attempt if step is None else 1 + step.retries
        return self._words.say(
            "notice.function", code=call.code, attempt=min(call.attempt, most), most=most
        )

    def _number(self, value: int) -> str:
        return self._words.number(value)
