"""Reads the files of a 'filesystem' table from S3: lines of JSON, file after file.

Files are read in the order of their names, each to its end before the next (the model's choice:
Flink's readers share them out). Without 'source.monitor-interval' those that are there at the start
are all there is, and the source ends; with it, new ones are looked for. Names that begin with a dot
or an underscore are left out, as Flink's connector does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.changelog import Row
from kinesis_sim.analytics.flink_sql.tables import FlinkTable
from kinesis_sim.analytics.on_clock import options
from kinesis_sim.analytics.on_clock.json_rows import JsonRows
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.on_clock.reader import AllAtTip, ReadPlace
from kinesis_sim.analytics.refusals import SqlValidationError

MONITOR = "source.monitor-interval"
_SCHEMES = ("s3://", "s3a://")


def place_of(path: str) -> tuple[str, str] | None:
    """The bucket and the folder of a path; None for one that is not S3's."""
    scheme = next((one for one in _SCHEMES if path.startswith(one)), None)
    bucket, _, folder = path.removeprefix(scheme or "").partition("/")
    return None if scheme is None or not bucket else (bucket, folder)


class FileReader:
    """ended: whether a source without an interval has read all its files. places: of shards: none.

    Raises SqlValidationError for a path that is not S3's, or a format other than JSON.
    """

    def __init__(
        self, ports: AnalyticsPorts, table: FlinkTable, take: Callable[[Row], None]
    ) -> None:
        given = table.statement.options
        path = given.get("path", "")
        place = place_of(path)
        if place is None:
            raise SqlValidationError(
                f"Table {table.name} (filesystem): a job on the clock reads files of S3 only, "
                f"'path' = 's3://bucket/folder'; this is {path[:60]!r}."
            )
        if given.get("format") != "json":
            raise SqlValidationError(
                f"Table {table.name} (filesystem): files are read as 'format' = 'json' only; "
                f"this is {given.get('format', '')[:60]!r}."
            )
        self._ports, self._take = ports, take
        self._bucket, self._folder = place
        self._rows = JsonRows(table)
        self._every = options.duration(given, MONITOR)
        self._done: set[str] = set()
        self.ended = False
        self.places: dict[str, ReadPlace] = {}
        self.behind = 0

    @property
    def every(self) -> int | None:
        """How often it looks for new files, in ms; None: never."""
        return self._every or None

    def begin(self) -> None:
        """Look whether the bucket is there. Raises ServiceError."""
        self._keys()

    def look(self) -> int:
        """Read what has not been read; how many rows came. Raises RowFault, ServiceError."""
        number = 0
        for key in self._keys():
            if key not in self._done:
                self._done.add(key)
                number += self._read(key)
        self.ended = not self._every
        return number

    def rest(self, every: int) -> AllAtTip | None:
        """There is no tip of files at which to rest."""
        return None

    def wake(self) -> None:
        """It never rests."""

    def positions(self) -> dict[str, dict[str, Any]]:
        """The files that it has read."""
        return {key: {"ended": True} for key in sorted(self._done)}

    def go_to(self, positions: dict[str, dict[str, Any]]) -> None:
        """Go on where these files are read."""
        self._done = set(positions)

    def _keys(self) -> list[str]:
        folder = self._folder.rstrip("/")
        asked: dict[str, Any] = {"Bucket": self._bucket, "Prefix": folder}
        found: list[str] = []
        while True:
            answer = self._ports.store("s3", "ListObjectsV2", asked)
            found += [one["Key"] for one in answer.get("Contents", [])]
            if not answer.get("NextContinuationToken"):
                return sorted(key for key in found if _is_in(key, folder))
            asked["ContinuationToken"] = answer["NextContinuationToken"]

    def _read(self, key: str) -> int:
        asked = {"Bucket": self._bucket, "Key": key}
        body = bytes(self._ports.store("s3", "GetObject", asked)["Body"])
        place = f"s3://{self._bucket}/{key}"
        metadata = {"file.path": place, "file.name": key.rpartition("/")[2]}
        number = 0
        for line in body.splitlines():
            row: Row | None = self._rows.read(line, metadata, place) if line.strip() else None
            if row is not None:
                number += 1
                self._take(row)
        return number


def _is_in(key: str, folder: str) -> bool:
    """Whether a file is the one named, or in the folder and none that Flink passes over."""
    if key.endswith("/") or not (key == folder or not folder or key.startswith(folder + "/")):
        return False
    return not any(part.startswith((".", "_")) for part in key[len(folder) :].split("/"))
