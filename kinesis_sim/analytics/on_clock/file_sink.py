"""Rows into files of S3: an object for each partition, written when a checkpoint commits it.

Names and folders are as Flink's filesystem connector has them: ``dock=Lapa/part-<id>-0-7``, without
the columns of the folder in the lines. Every checkpoint begins a new file, as Flink's does with
bulk formats or ``auto-compaction``; that it keeps one of JSON open for
``sink.rolling-policy.rollover-interval`` (30 minutes) is left out (the model's choice).
A path that is not S3's is kept in memory only: nothing here writes to a disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.on_clock.files import place_of
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.on_clock.sinks import RowSink, data_of
from kinesis_sim.errors import ServiceError

Change = tuple[int, Row]
_PASSING = ("S3.InternalError", "S3.SlowDown")
"""What S3 answers for a while: the rows wait. Any other answer fails the job."""
_NO_VALUE = "__DEFAULT_PARTITION__"
"""The folder of NULL (Flink's ``partition.default-name``)."""
_ESCAPED = frozenset("\"#%'*/:=?\\\x7f{[]^")
"""Characters that Flink's ``PartitionPathUtils`` writes as %XX, beside control characters."""


class FileSink(RowSink):
    """Files: rows are seen once a checkpoint has committed them."""

    appends_only = True

    def __init__(self, table: FlinkTable, ports: AnalyticsPorts) -> None:
        super().__init__(table)
        self._ports = ports
        self._place = place_of(table.statement.options.get("path", ""))
        self._refused: list[Change] = []
        self._id, self._files = "", 0

    def begin(self, held: Iterable[Change] = ()) -> None:
        """Look whether the bucket is there. Raises ServiceError."""
        self.waiting, self._refused = [], list(held)
        if self._place is None:
            return
        asked: dict[str, Any] = {"Bucket": self._place[0], "MaxKeys": 1}
        self._ports.store("s3", "ListObjectsV2", asked)
        self._id, self._files = self._ports.new_id(), 0

    def flush(self) -> None:
        """Wait for the checkpoint; what one could not write is tried again."""
        if self._refused:
            self._commit()

    def committed(self) -> None:
        """Write what came. Raises ServiceError for a refusal that does not pass."""
        self._refused, self.waiting = [*self._refused, *self.waiting], []
        if self._refused:
            self._commit()

    @property
    def unsent(self) -> tuple[Change, ...]:
        """What S3 did not take at a checkpoint."""
        return tuple(self._refused)

    def _commit(self) -> None:
        parts: dict[str, list[Change]] = {}
        for change in self._refused:
            parts.setdefault(self._folder(change), []).append(change)
        self._refused = []
        for folder, changes in parts.items():
            try:
                self._write(folder, changes)
            except Undelivered as error:
                self._refused += changes
                if error.code not in _PASSING:
                    raise ServiceError(error.code.removeprefix("S3."), error.message) from None

    def _write(self, folder: str, changes: list[Change]) -> None:
        rows = [self.dressed(*change) for change in changes]
        if self._place is not None:
            bucket, path = self._place
            name = f"part-{self._id}-0-{self._files}"
            parts = (path.rstrip("/"), folder, name)
            self._ports.write(bucket, "/".join(part for part in parts if part), self._lines(rows))
            self._files += 1
        self.rows += rows

    def _lines(self, rows: list[dict[str, Any]]) -> bytes:
        apart = self.table.statement.partitioned_by
        kept = ({k: v for k, v in row.items() if k not in apart} for row in rows)
        return b"".join(data_of(row) + b"\n" for row in kept)

    def _folder(self, change: Change) -> str:
        row = self.dressed(*change)
        return "/".join(
            f"{key}={_escaped(row[key])}" for key in self.table.statement.partitioned_by
        )


def _escaped(value: Any) -> str:
    """A value as a folder's name."""
    return "".join(_signs(str(value))) if value not in (None, "") else _NO_VALUE


def _signs(text: str) -> Iterator[str]:
    for sign in text:
        yield f"%{ord(sign):02X}" if sign in _ESCAPED or ord(sign) < 32 else sign
