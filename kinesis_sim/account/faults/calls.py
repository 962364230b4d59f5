"""What faults make of an API call: refuse it, lose its answer, delay it, fail part of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Answer, Pending, Request
from kinesis_sim.account.faults.events import FaultEnded
from kinesis_sim.account.faults.fault import Fault
from kinesis_sim.account.faults.plan import Faults
from kinesis_sim.errors import ServiceError
from kinesis_sim.events import Event

if TYPE_CHECKING:
    from kinesis_sim.account.service import Service

Run = Callable[[Request], Answer | Pending]


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """An operation that takes many records, each of which is stored or refused by itself.

    rows: the answer's member with a row for each; failed: that which counts those that failed.
    """

    rows: str
    failed: str


BATCHES = {
    "PutRecords": RecordBatch("Records", "FailedRecordCount"),
    "PutRecordBatch": RecordBatch("RequestResponses", "FailedPutCount"),
}
"""Their requests have the records in ``Records``."""


@dataclass(frozen=True, slots=True)
class Late:
    """An answer that is there, and leaves at ``at`` (epoch ms)."""

    answer: Answer
    at: int
    kinds: tuple[type[Event], ...] = (FaultEnded,)

    def attempt(self, now: int) -> Answer | None:
        """The answer, from its time on."""
        return self.answer if now >= self.at else None

    def look_again(self, now: int) -> int:
        """When it leaves."""
        return self.at

    def over(self) -> Answer:
        """Inside an action nothing is slow: time stands still there."""
        return self.answer

    def concerns(self, event: Event) -> bool:
        """Nothing that happens hastens it."""
        return False


def answered(
    faults: Faults, room: Service, account: str, operation: str, request: Request
) -> Answer | Pending:
    """Carry out a call under the faults in force.

    Raises ServiceError as the operation does, and as faults make it.
    """
    call = _Call(faults, room, account, operation, request)
    run: Run = lambda asked: room.operations[operation](room.state, asked)  # noqa: E731
    for fault in reversed(faults.at("call")):  # the first to begin is the first to be met
        if fault.may_strike(room.name, operation) and fault.concerns(call.resource):
            run = call.under(fault, run)
    return run(request)


def unopened(faults: Faults, room: Service, account: str, talk: str, request: Request) -> None:
    """Refuse to open a call whose request is a stream, where a fault in force says so.

    Raises ServiceError. Late and lost answers have nothing to strike there.
    """
    call = _Call(faults, room, account, talk, request)
    for fault in faults.at("call"):
        if fault.may_strike(room.name, talk) and fault.concerns(call.resource):
            call.refuse(fault)


class _Call:
    def __init__(
        self, faults: Faults, room: Service, account: str, operation: str, request: Request
    ) -> None:
        self._faults, self._room, self._account = faults, room, account
        self._operation, self._request = operation, request
        self.resource = room.resource(operation, request)

    def refuse(self, fault: Fault) -> None:
        """Raise the fault's error if it strikes, and is one that refuses calls."""
        refuses = fault.kind.name not in ("slow", "lost-answer")
        if refuses and self._faults.hits(fault, self.resource, self._operation):
            raise self._error(fault)

    def under(self, fault: Fault, run: Run) -> Run:
        """How the call runs when a fault may strike it."""
        batch = BATCHES.get(self._operation)
        by_record = ("partial", "throttle") if fault.part else ("partial",)
        if batch is not None and fault.kind.name in by_record:
            return lambda request: self._in_part(fault, batch, run, request)
        if fault.part and fault.part not in self._parts(self._request):
            return run
        return lambda request: self._wholly(fault, run, request)

    def _wholly(self, fault: Fault, run: Run, request: Request) -> Answer | Pending:
        if not self._faults.hits(fault, self.resource, self._operation):
            return run(request)
        kind = fault.kind.name
        if kind not in ("slow", "lost-answer"):
            raise self._error(fault)
        answer = run(request)
        if kind == "lost-answer":
            if isinstance(answer, dict) and not _is_pushed(answer):
                raise self._error(fault)
            return answer
        if not isinstance(answer, dict) or _is_pushed(answer):
            return answer
        return Late(answer, self._faults.clock.now + fault.ms)

    def _in_part(
        self, fault: Fault, batch: RecordBatch, run: Run, request: Request
    ) -> Answer | Pending:
        records = request["Records"]
        parts = self._parts(request) if fault.part else [""] * len(records)
        lost = [
            fault.part in ("", part) and self._faults.hits(fault, self.resource, self._operation)
            for part in parts
        ]
        if not any(lost):
            return run(request)
        kept = [record for record, is_lost in zip(records, lost, strict=True) if not is_lost]
        if not kept:
            return self._none_kept(fault, batch, run, request)
        answer = run({**request, "Records": kept})
        if isinstance(answer, Late):
            return Late(self._merged(fault, batch, answer.answer, lost), answer.at)
        return self._merged(fault, batch, answer, lost) if isinstance(answer, dict) else answer

    def _merged(self, fault: Fault, batch: RecordBatch, answer: Answer, lost: list[bool]) -> Answer:
        rows, row = iter(answer[batch.rows]), self._row(fault)
        merged = [dict(row) if is_lost else next(rows) for is_lost in lost]
        return {**answer, batch.rows: merged, batch.failed: answer[batch.failed] + sum(lost)}

    def _none_kept(
        self, fault: Fault, batch: RecordBatch, run: Run, request: Request
    ) -> Answer | Pending:
        """Every record failed; but a request that is wrong is refused as ever."""
        if self._room.name != "kinesis":
            error = fault.kind.codes["ServiceUnavailableException"]
            raise ServiceError("ServiceUnavailableException", error, 503)
        try:
            run({**request, "DryRun": True})
        except ServiceError as error:
            if error.code != "DryRunOperationException":
                raise
        rows = [self._row(fault) for _ in request["Records"]]
        return {batch.rows: rows, batch.failed: len(rows)}

    def _row(self, fault: Fault) -> dict[str, Any]:
        error = self._error(fault)
        return {"ErrorCode": error.code, "ErrorMessage": error.message}

    def _error(self, fault: Fault) -> ServiceError:
        code, text, status = fault.kind.error
        if fault.code != code:
            code, text = fault.code, fault.kind.codes[fault.code]
        return ServiceError(code, text.format(where=self._where(fault)), status)

    def _where(self, fault: Fault) -> str:
        name = self.resource.rpartition("/")[2]
        shard = f"shard {fault.part} in " if fault.part else ""
        return f"{shard}stream {name} under account {self._account}"

    def _parts(self, request: Request) -> list[str]:
        return self._room.parts(self._operation, request)


def _is_pushed(answer: Answer) -> bool:
    """Whether an answer holds an event stream, which cannot be late or lost as a whole."""
    return any(hasattr(value, "next_event") for value in answer.values())
