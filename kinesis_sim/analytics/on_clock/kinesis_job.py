"""An application of Kinesis SQL on the clock: one stream in, up to three out, reference data.

ROWTIME is when a row is read, so an application that lags has it lag (facts/analytics §2). Output
is at least once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from kinesis_sim.analytics.kinesis_sql.mapping import RecordSchema
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.on_clock.batches import TO_DELIVERY, TO_STREAM, Outlet
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.on_clock.reader import Record, StreamReader
from kinesis_sim.analytics.types.texts import shown
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.errors import ServiceError, UsageError

POLL_MS = 1_000
"""How often the stream is looked at (the model's choice)."""
MOST_OUTPUTS = 3
"""Destinations of an application (facts/analytics §5)."""
Deliver = Callable[[list[dict[str, Any]]], "list[dict[str, Any]] | None"]
"""Takes rows; gives back those that it did not take, which come again. What raises took none."""
Preprocess = Callable[[bytes], tuple[str, bytes]]
"""From a record to ("Ok", "Dropped" or "ProcessingFailed", data), as a preprocessing function."""


def as_json(row: dict[str, Any]) -> bytes:
    """A row as an output of the format JSON writes it."""
    return json.dumps(row, default=str).encode()


def as_csv(row: dict[str, Any]) -> bytes:
    """A row as an output of the format CSV writes it; NULL is nothing."""
    return (",".join(map(_cell, row.values())) + "\n").encode()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\r\n') else text


class KinesisSqlJob:
    """The code of one application, running.

    prefix: of the input's in-application streams, ``prefix_001`` and so on; parallelism: how many
    there are, shards shared out evenly. outputs: in-application stream → "kinesis:name",
    "firehose:name" or a callable that gets the rows. preprocess: of each record, before it is read.
    encode: a row as a record. waiting: rows by output that were refused, and are tried again, as
    AWS does for ever. failed: told why it cannot go on; state is "FAILED" then. At the stream's tip
    it rests, but for windows that come due.
    """

    def __init__(
        self,
        ports: AnalyticsPorts,
        session: KinesisSession,
        code: str,
        stream: str,
        schema: RecordSchema,
        outputs: Mapping[str, str | Deliver],
        *,
        start: str = "LATEST",
        prefix: str = "SOURCE_SQL_STREAM",
        parallelism: int = 1,
        preprocess: Preprocess | None = None,
        encode: Callable[[dict[str, Any]], bytes] = as_json,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        if len(outputs) > MOST_OUTPUTS:
            raise UsageError(
                f"An application has at most {MOST_OUTPUTS} outputs; these are {len(outputs)}."
            )
        self._ports = ports
        self.session = session
        self._schema = schema
        self._outputs = dict(outputs)
        self._names = [f"{prefix}_{at:03d}" for at in range(1, parallelism + 1)]
        self._preprocess = preprocess
        self._given = dict.fromkeys(outputs, 0)
        self._encode, self._failed_for = encode, failed
        self.state = "STOPPED"
        self.why: str | None = None
        self.waiting: dict[str, list[dict[str, Any]]] = {}
        self._timer: ScheduledAction | None = None
        self._wake: ScheduledAction | None = None
        for name in self._names:
            session.declare(name, {one.name: one.kind for one in schema.columns})
        session.execute(code)
        for name in outputs:
            session.rows(name)
        self.reader = StreamReader(ports, stream, self._take, start=start)

    def start(self, positions: dict[str, Any] | None = None) -> KinesisSqlJob:
        """Read, from positions that were kept or where it is to begin.

        Raises ServiceError where the stream is not there.
        """
        if positions:
            self.reader.go_to(positions)
        else:
            self.reader.begin()
        self.state, self.why = "RUNNING", None
        self._plan()
        return self

    def stop(self) -> None:
        """Read no more; what the in-application streams hold stays until it goes on."""
        self._halt("STOPPED")

    def _halt(self, state: str) -> None:
        for timer in (self._timer, self._wake):
            if timer is not None:
                timer.cancel()
        self.reader.wake()
        self._timer = self._wake = None
        self.state = state

    @property
    def behind(self) -> int:
        """MillisBehindLatest."""
        return self.reader.behind

    # --- time -----------------------------------------------------------------------------------

    def _plan(self) -> None:
        clock = self._ports.clock
        at = clock.now + POLL_MS
        tips = None if self.waiting else self.reader.rest(POLL_MS)
        if tips is None:
            self._timer = clock.schedule(at, self._look)
        else:
            self._timer = clock.repeat(at, POLL_MS, self._look, tips)

    def _look(self) -> None:
        self.reader.wake()
        if self._guarded(self.reader.look) and self._guarded(self._go_on):
            self._plan()

    def _guarded(self, action: Callable[[], object]) -> bool:
        """Do something; whether the application goes on: what fails is never the clock's."""
        try:
            action()
        except Exception as error:
            self._halt("FAILED")
            self.why = str(error)
            if self._failed_for is not None:
                self._failed_for(self.why)
            return False
        return True

    def _go_on(self) -> None:
        """Let windows close that are due, deliver, and wake when the next one is."""
        clock = self._ports.clock
        self.session.tick(clock.now)
        self._deliver()
        due = self.session.due()
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if due is not None:
            at = max(clock.now + 1, due)
            self._wake = clock.schedule(at, self._woken)

    def _woken(self) -> None:
        self._guarded(self._go_on)

    # --- rows -----------------------------------------------------------------------------------

    def _take(self, shard: str, record: Record) -> None:
        data, now = record["Data"], self._ports.clock.now
        name = self._names[self._number(shard) % len(self._names)]
        if self._preprocess is not None:
            result, data = self._preprocess(data)
            if result == "Dropped":
                return
            if result != "Ok":
                self._failed(name, data, ValueError("the preprocessing function failed"))
                return
        try:
            rows = self._schema.rows(data)
        except ValueError as error:
            self._failed(name, data, error)
            return
        arrived = {"APPROXIMATE_ARRIVAL_TIME": record["ApproximateArrivalTimestamp"]}
        for row in rows:
            self.session.put(name, {**row, **arrived}, now)

    def _failed(self, name: str, data: bytes, error: Exception) -> None:
        self.session.tick(self._ports.clock.now)
        self.session.failed(name, (self._ports.clock.now, data.decode("utf-8", "replace")), error)

    def _number(self, shard: str) -> int:
        return list(self.reader.places).index(shard) if shard in self.reader.places else 0

    def _deliver(self) -> None:
        for name, target in self._outputs.items():
            stream = self.session.streams[name]
            changes = stream.log.changes[self._given[name] :]
            self._given[name] += len(changes)
            fields = [(at, one) for at, one in enumerate(stream.fields) if not one.hidden]
            rows = [
                {one.name: shown(one.kind, row[at]) for at, one in fields} for _, row in changes
            ]
            waiting = self.waiting.pop(name, []) + rows
            if waiting and (left := self._send(target, waiting)):
                self.waiting[name] = left

    def _send(self, target: str | Deliver, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send rows; those that were not taken, which are tried again for ever, as AWS does."""
        if not isinstance(target, str):
            try:
                return target(rows) or []
            except Exception:  # a learner's function may raise anything
                return rows
        left: list[dict[str, Any]] = []
        done = 0
        with suppress(ServiceError):
            for taken, refused in self._outlet(target).sent(rows):
                left += refused
                done += len(taken) + len(refused)
        return left + rows[done:]

    def _outlet(self, target: str) -> Outlet[dict[str, Any]]:
        service, _, name = target.partition(":")
        kind = TO_DELIVERY if service == "firehose" else TO_STREAM
        return Outlet(self._ports, kind, name, self._encode)
