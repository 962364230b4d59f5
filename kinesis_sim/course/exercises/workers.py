"""The check of the lesson on workers: a blocked Lambda function is set free."""

from __future__ import annotations

from typing import Any

from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.mappings.mapping import Mapping
from kinesis_sim.mappings.settings import MappingSettings
from kinesis_sim.streams.sequence import parse
from kinesis_sim.workloads.scenes.charging import PAYMENTS, POISON, Blocked

GOOD = frozenset(range(PAYMENTS)) - {POISON}


def unstick(trial: Blocked) -> Verdict:
    """All good payments are charged, and the queue was told of the bad one alone."""
    mapping = trial.sim.mappings.mappings.get(trial.uuid)
    if mapping is None:
        return not_yet("deleted", charged=len(trial.billing.charged))
    if not mapping.enabled:
        return not_yet("disabled", charged=len(trial.billing.charged))
    told = [_span(row) for row in trial.failures()]
    if lost := len(GOOD - trial.billing.charged.keys()):
        return _lost(trial, mapping, told, lost)
    if not told and mapping.counts.given_up:
        return not_yet("untold")
    if told != [(POISON, 1)]:
        return not_yet("told-more", count=len(told))
    return passed(good=len(GOOD), most=max(trial.billing.charged.values()))


def _lost(trial: Blocked, mapping: Mapping, told: list[tuple[int, int]], lost: int) -> Verdict:
    """Why some good payments were not charged: still blocked, or given up."""
    settings, charged = mapping.settings, len(trial.billing.charged)
    if mapping.behind:
        age = round(mapping.behind / 60_000)
        if _gives_up(settings):
            return not_yet("wait", charged=charged, calls=mapping.counts.invocations)
        reason = "alone" if settings.bisect else "stuck"
        return not_yet(reason, charged=charged, minutes=age, calls=mapping.counts.invocations)
    if told and (size := told[0][1]) > settings.batch_size:
        return not_yet("batch-before", size=size, now=settings.batch_size, lost=lost)
    if told:
        return not_yet("batch-told", size=told[0][1], lost=lost)
    return not_yet("thrown", given_up=mapping.counts.given_up, lost=lost)


def _gives_up(settings: MappingSettings) -> bool:
    """Whether a mapping's settings say when to stop trying."""
    return settings.retries >= 0 or settings.age_s >= 0


def _span(row: dict[str, Any]) -> tuple[int, int]:
    """Number of the first payment of a given-up batch, and how many it had."""
    batch = row["KinesisBatchInfo"]
    return parse(batch["startSequenceNumber"]).index - 1, int(batch["batchSize"])
