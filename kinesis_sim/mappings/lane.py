"""One line of batches of a shard: one invocation at a time, the next when this one is dealt with.

The pause before a retry doubles from a quarter of a second: with it a batch of at most 60 s is
tried as often as AWS was recorded trying it (facts/data-streams/9/lambda-retry-pace). That it
doubles, and up to a minute, is the model's choice; AWS does not say.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from kinesis_sim.account.functions import InvocationOutcome
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import DAY, HOUR
from kinesis_sim.mappings.backlog import Backlog
from kinesis_sim.mappings.batch import (
    Batch,
    Record,
    event,
    first_failure,
)
from kinesis_sim.mappings.failure import EXHAUSTED, TOO_OLD, GivenUp
from kinesis_sim.mappings.ports import MappingPorts
from kinesis_sim.mappings.results import Results
from kinesis_sim.mappings.settings import UNLIMITED
from kinesis_sim.mappings.terms import Terms
from kinesis_sim.mishaps import said_by

THROTTLED_MS = 1_000
"""When to ask again for an invocation, all of the function's being taken (model's choice)."""
SHORTEST_RETENTION_MS = DAY
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 250, 60_000
PARTIAL = "the function reported failed items"
TOO_LARGE = "the record is larger than an event of 6 MB"


class FunctionLane:
    """The records of one shard, or of some of its keys, on their way through the function.

    settle: called when the oldest record of the lane is dealt with.
    """

    def __init__(
        self,
        terms: Terms,
        ports: MappingPorts,
        results: Results,
        shard: str,
        settle: Callable[[], None],
    ) -> None:
        self._terms, self._ports, self._results = terms, ports, results
        self._shard = shard
        self._settle = settle
        self.backlog = Backlog(terms, ports.clock)
        self.queue: deque[Batch] = deque()
        self.busy = False
        self.held = False
        self._request_id = ""
        self._due: ScheduledAction | None = None

    @property
    def idle(self) -> bool:
        """Nothing waiting, nothing running."""
        return not (self.busy or self.backlog.waiting or self.queue or self.backlog.window)

    @property
    def front(self) -> Record | None:
        """The oldest record not yet dealt with."""
        first = next((batch.records[0] for batch in self.queue if batch.records), None)
        return first or (self.backlog.waiting[0] if self.backlog.waiting else None)

    def oldest(self, now: int) -> int:
        """Age of the oldest record not yet processed (ms)."""
        record = self.front
        return now - record["ApproximateArrivalTimestamp"] if record is not None else 0

    def emptied(self) -> list[Record]:
        """Take everything back that is not processed yet; only while no invocation runs."""
        found = [record for batch in self.queue for record in batch.records]
        found += self.backlog.waiting
        self.queue.clear()
        self.backlog.waiting.clear()
        return found

    def look(self) -> None:
        """Begin the next batch if one is due and none is running."""
        if self.busy or self.held or not self._terms.on:
            return
        self._attend(self._begin)

    def _begin(self) -> None:
        batch = self.queue[0] if self.queue else self.backlog.next_batch()
        if batch is None:
            return
        if not self.queue:
            self.queue.append(batch)
        self._invoke(batch)

    # --- one invocation -----------------------------------------------------------------------

    def _event(self, batch: Batch) -> dict[str, Any]:
        ports, source = self._ports, self._terms.origin.arn
        made = event(batch, self._shard, source, ports.region, ports.role)
        if self.backlog.window is not None:
            made |= self.backlog.window.members(final=batch.final, early=batch.early)
            made |= {"shardId": self._shard, "eventSourceARN": source}
        return made

    def _invoke(self, batch: Batch) -> None:
        ports, name = self._ports, self._terms.callee
        remaining = self._young(batch)
        if remaining is None:
            return
        if remaining.is_too_large:
            self._tried(remaining)
            self._failed(remaining, TOO_LARGE)
            return
        if not ports.functions.begin(name):
            self._again(THROTTLED_MS)
            return
        self.busy = True
        self._tried(remaining)
        try:
            made = self._event(remaining)
            limits = ports.functions.settings(name)
            takes, most = limits.duration_of(made), limits.timeout_s * 1000
        except BaseException:
            ports.functions.end(name)
            raise
        done = ports.clock.now + round(min(takes, most))
        self._later(done, lambda: self._finish(remaining, made, late=takes > most))

    def _tried(self, batch: Batch) -> None:
        fresh = self._ports.request_id()
        batch.tries += 1
        batch.request_id = batch.request_id or fresh
        self._request_id = batch.request_id

    def _again(self, pause: int) -> None:
        self.busy = True
        self._later(self._ports.clock.now + pause, self._retry)

    # --- whatever happens, the lane goes on ---------------------------------------------------

    def _later(self, at: int, step: Callable[[], None]) -> None:
        self._due = self._ports.clock.schedule(at, lambda: self._attend(step))

    def _attend(self, step: Callable[[], None]) -> None:
        """Do a step.

        What it raises unexpectedly is the failure of the batch at the front, as if the function had
        failed; what cuts it short (a second interruption) is tried again.
        """
        self._due = None
        try:
            step()
        except Exception as error:
            self._broke(error)
        except BaseException:
            if self._due is None:
                self._again(FIRST_PAUSE_MS)
            raise

    def _broke(self, error: Exception) -> None:
        text = self._results.mishap(error)
        if self._due is not None:  # the next step is planned already
            return
        try:
            if self.queue:
                self._failed(self.queue[0], text)
        except Exception as second:
            self._results.mishap(second)
        if self._due is None:
            self._again(FIRST_PAUSE_MS)

    def _retry(self) -> None:
        self.busy = False
        self.look()

    def _finish(self, batch: Batch, made: dict[str, Any], *, late: bool) -> None:
        ports, name = self._ports, self._terms.callee
        ports.functions.end(name)
        self._results.counts.invocations += 1
        outcome = ports.functions.attempt(name, made, self._request_id, late=late)
        wrong = outcome.error or self._unfit(outcome)
        if wrong is not None:
            self._failed(batch, wrong)
        else:
            self._succeeded(batch, outcome.value)

    def _unfit(self, outcome: InvocationOutcome) -> str | None:
        """An answer without state, in a tumbling window, is a failed invocation."""
        value = outcome.value
        if self.backlog.window is None or (
            isinstance(value, dict) and isinstance(value.get("state"), dict)
        ):
            return None
        return "the function's answer has no state, which a tumbling window needs"

    # --- what comes of it ---------------------------------------------------------------------

    def _succeeded(self, batch: Batch, answer: Any) -> None:
        failed = first_failure(batch, answer) if self._terms.settings.partial else None
        if failed is None:
            self._results.invoked(self._shard, batch, "ok")
            self.backlog.turn(batch, answer)
            self._next(len(batch.records))
            return
        self.backlog.turn(None, answer)
        rest = batch.after(failed)
        self._results.counts.records += len(batch.records) - len(rest.records)
        self.queue[0] = rest
        self._settle()
        self._failed(rest, PARTIAL, cut=rest is not batch)

    def _failed(self, batch: Batch, why: str, *, cut: bool = False) -> None:
        """Try again what failed, in smaller batches where the mapping bisects, or give it up.

        cut: the batch is what is left of one that the function reported failed from here on, which
        is a bisection too. After one of those AWS was recorded going on at once (kinesis_followup);
        after one of the middle the pause is the model's choice.
        """
        settings = self._terms.settings
        self._results.call_failed(why)
        if why != TOO_LARGE:
            self._results.invoked(self._shard, batch, why)
        pause = min(FIRST_PAUSE_MS * 2 ** min(max(batch.tries - 1, 0), 8), LONGEST_PAUSE_MS)
        if settings.bisect and (cut or len(batch.records) > 1):
            pause = 0 if why == PARTIAL else pause
            if not cut:
                self.queue.popleft()
                self.queue.extendleft(reversed(batch.halves()))
        elif settings.retries != UNLIMITED and batch.tries > settings.retries:
            self._give_up(batch, EXHAUSTED, why)
            self._next(0)
            return
        self._again(pause)

    def _young(self, batch: Batch) -> Batch | None:
        """What is left of a batch without records too old, and those the stream has lost.

        None if nothing is, and the lane has gone on.
        """
        too_old = self._older(batch, self._largest_age())
        if too_old:
            gone, batch = batch.split(too_old)
            self._give_up(gone, TOO_OLD)
        lost = self._older(batch, self._retention(batch))
        if lost:
            _, batch = batch.split(lost)
            self._results.counts.expired += lost
        if not too_old and not lost:
            return batch
        if batch.records or batch.final:
            self.queue[0] = batch
            self._settle()
            return batch
        self._next(0)
        return None

    def _older(self, batch: Batch, age: int | None) -> int:
        """How many records at the front of a batch are older than an age (ms)."""
        if age is None:
            return 0
        oldest = self._ports.clock.now - age
        arrivals = [record["ApproximateArrivalTimestamp"] for record in batch.records]
        return next((n for n, at in enumerate(arrivals) if at >= oldest), len(arrivals))

    def _largest_age(self) -> int | None:
        age = self._terms.settings.age_s
        return None if age == UNLIMITED else 1000 * age

    def _retention(self, batch: Batch) -> int | None:
        """The stream's retention (ms), asked for only when it may matter."""
        if not self._older(batch, SHORTEST_RETENTION_MS):
            return None
        request = {"StreamName": self._terms.stream}
        try:
            answer = self._ports.kinesis("DescribeStreamSummary", request)
        except ServiceError:
            return None
        return int(answer["StreamDescriptionSummary"]["RetentionPeriodHours"]) * HOUR

    def _give_up(self, batch: Batch, condition: str, why: str = "") -> None:
        self._results.given_up(self._shard, batch, condition)
        destination = self._terms.settings.destination
        if batch.records and destination is not None:
            self._report(batch, condition, destination, why)
        if batch.final:
            self.backlog.close_window(early=batch.early)

    def _report(self, batch: Batch, condition: str, arn: str, why: str) -> None:
        """Tell the failure destination. One that cannot be reached is noted, not waited for."""
        ports, terms = self._ports, self._terms
        failure = GivenUp(
            batch,
            self._shard,
            terms.origin.arn,
            terms.function,
            self._request_id or ports.request_id(),
            condition,
            ports.clock.now,
            reported=why == PARTIAL,
            answered=condition != TOO_OLD and why != TOO_LARGE,
        )
        try:
            body = json.dumps(failure.record())
            ports.deliver(arn, body, self._event(batch), terms.uuid)
        except Exception as error:
            self._results.counts.last_error = f"failure destination {arn}: {said_by(error)}"

    def _next(self, records: int) -> None:
        """The batch at the front is dealt with: go on with the next."""
        self.queue.popleft()
        self._settle()
        if records:
            self._results.processed(records)
        self.busy = False
        self.look()
