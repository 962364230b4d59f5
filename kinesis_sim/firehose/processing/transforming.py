"""The Lambda step: buffers records, calls a function with them, and sorts its answer.

Laws
1. A record goes into one invocation's answer and comes out as Ok, Dropped or ProcessingFailed.
2. An invocation that fails as a whole (time-out, throttling, an error, an answer that is none) is
   made again ``NumberOfRetries`` times, each with an id of its own and the records under the same
   ids; then all its records go to the error output (CAP docs/firehose).
3. At most five invocations of a shard are in flight at once, ten for Splunk (facts/firehose §1.5).

The pause between tries (1 s, doubled each time) is the model's choice. A function takes the
simulated time it was registered with; Firehose waits five minutes for it at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kinesis_sim.account.functions import Functions
from kinesis_sim.firehose.buffering import BufferLane, Shipment
from kinesis_sim.firehose.events import FunctionCalled
from kinesis_sim.firehose.outcome import Failure
from kinesis_sim.firehose.processing.transform import (
    FUNCTION_TIMEOUT_MS,
    LARGEST_PAYLOAD,
    MESSAGES,
    RETURNED_AN_ERROR,
    Broken,
    Failed,
    Ok,
    event,
    event_size,
    results,
)
from kinesis_sim.firehose.record import PartitionKeys, Record
from kinesis_sim.firehose.settings import DestinationSettings, Transform
from kinesis_sim.firehose.site import Site, size, weight
from kinesis_sim.mishaps import text_of

FIRST_PAUSE_MS = 1_000


@dataclass(slots=True)
class Transforming:
    """Calls one function.

    onward: takes the records that came back Ok, with the lane they came through; give_up: takes
    failures with the tries they had.
    """

    site: Site
    settings: DestinationSettings
    step: Transform
    source_arn: str | None
    onward: Callable[[str, list[Record]], None]
    give_up: Callable[[Sequence[Failure], int], None]

    @property
    def parallel(self) -> int:
        """Invocations in flight per shard."""
        return self.settings.kind.transforms

    def broken(self, lane: BufferLane, shipment: Shipment, error: Exception) -> None:
        """Records that nothing could be made of: an answer, or a duration, beyond all reason."""
        self.give_up(self.site.broke(shipment, error, self.settings.log), shipment.attempt)

    def send(self, lane: BufferLane, shipment: Shipment) -> None:
        """Call the function with a batch, until it answers or is given up."""
        _cut(lane, shipment)
        shipment.request_id = self.site.ports.request_id()
        shipment.attempt += 1
        functions, arn = self.site.ports.functions, self.step.function
        if arn not in functions:
            self._failed(lane, shipment, "Lambda.ResourceNotFound", final=True)
        elif not functions.begin(arn):
            self._failed(lane, shipment, "Lambda.InvokeLimitExceeded")
        else:
            self._invoke(lane, shipment, functions)

    def _invoke(self, lane: BufferLane, shipment: Shipment, functions: Functions) -> None:
        arn = self.step.function
        ids = [f"{record.number:056d}" for record in shipment.records]
        settings = functions.settings(arn)
        longest = min(settings.timeout_s * 1_000, FUNCTION_TIMEOUT_MS)
        try:
            request = event(
                shipment.records,
                ids,
                invocation_id=shipment.request_id,
                stream_arn=self.site.arn,
                region=self.site.ports.region,
                source_arn=self.source_arn,
            )
            took = round(min(settings.duration_of(request), longest))
        except BaseException:
            functions.end(arn)
            raise

        def finish() -> None:
            functions.end(arn)
            if took >= longest:
                self._failed(lane, shipment, "Lambda.FunctionTimedOut", took=took)
            else:
                self._answered(lane, shipment, request, ids, took)

        if took > 0:
            lane.later(self.site.now + took, shipment, finish)
        else:
            finish()

    def _answered(
        self, lane: BufferLane, shipment: Shipment, request: Any, ids: list[str], took: int
    ) -> None:
        try:
            answer = self.site.ports.functions.invoke(self.step.function, request)
            sorted_out = results(answer, ids)
        except Broken as broken:
            self._failed(lane, shipment, broken.code, broken.message, took=took)
            return
        except (Exception, SystemExit) as error:
            # Whatever a learner's function raises is a result of the invocation, as on AWS.
            detail = text_of(error)
            self._failed(
                lane, shipment, "Lambda.FunctionError", RETURNED_AN_ERROR, took=took, detail=detail
            )
            return
        ok: list[Record] = []
        failures: list[Failure] = []
        for record, result in zip(shipment.records, sorted_out, strict=True):
            if isinstance(result, Ok):
                ok.append(_transformed(record, result))
            elif isinstance(result, Failed):
                failures.append(Failure(record, result.code, result.message, retry=False))
        self._sorted(lane, shipment, ok, failures, took)

    def _sorted(
        self,
        lane: BufferLane,
        shipment: Shipment,
        ok: list[Record],
        failures: list[Failure],
        took: int,
    ) -> None:
        dropped = len(shipment.records) - len(ok) - len(failures)
        self._told(
            shipment, took, ok=len(ok), dropped=dropped, failed=len(failures), bytes=weight(ok)
        )
        self.site.tally.dropped += dropped
        if failures:
            self._complain(failures[0].code, failures[0].message)
            self.give_up(failures, shipment.attempt)
        shipment.records = ok
        self.onward(lane.name, ok)
        shipment.records = []
        lane.done(shipment)

    def _failed(
        self,
        lane: BufferLane,
        shipment: Shipment,
        code: str,
        text: str = "",
        *,
        took: int = 0,
        final: bool = False,
        detail: str = "",
    ) -> None:
        """An invocation failed as a whole.

        text: the guide's for the code, unless given; detail: what only the stream's own log tells.
        """
        text = text or MESSAGES[code]
        self._told(shipment, took, failed=len(shipment.records), code=code)
        self._complain(code, text, detail)
        if not final and shipment.attempt <= self.step.retries:
            pause = FIRST_PAUSE_MS * 2 ** min(shipment.attempt - 1, 8)
            lane.later(self.site.now + pause, shipment, lambda: self.send(lane, shipment))
            return
        records, shipment.records = shipment.records, []
        self.give_up(
            [Failure(record, code, text, retry=False) for record in records], shipment.attempt
        )
        lane.done(shipment)

    def _complain(self, code: str, text: str, detail: str = "") -> None:
        self.site.complain(self.settings.log, code, text, self.step.function, detail)

    def _told(
        self,
        shipment: Shipment,
        took: int,
        *,
        ok: int = 0,
        dropped: int = 0,
        failed: int = 0,
        bytes: int = 0,
        code: str = "",
    ) -> None:
        self.site.tell(
            FunctionCalled(
                at=self.site.now,
                stream=self.site.name,
                function=self.step.function,
                records=len(shipment.records),
                ok=ok,
                dropped=dropped,
                failed=failed,
                bytes=bytes,
                took_ms=took,
                attempt=shipment.attempt,
                code=code,
            )
        )


def _transformed(record: Record, result: Ok) -> Record:
    keys = PartitionKeys((), result.keys)
    return replace(
        record,
        data=result.data,
        keys=keys,
        route=result.route,
        original=None,
        came=record.weight,
    )


def _cut(lane: BufferLane, shipment: Shipment) -> None:
    """Leave of a batch what fits into one request; the rest is the lane's next batch."""
    total = 0
    for place, record in enumerate(shipment.records):
        total += event_size(record)
        if total > LARGEST_PAYLOAD and place:
            rest = shipment.records[place:]
            shipment.records = shipment.records[:place]
            shipment.bytes = size(shipment.records)
            lane.queue.appendleft(
                replace(shipment, records=rest, bytes=size(rest), request_id="", attempt=0)
            )
            return
