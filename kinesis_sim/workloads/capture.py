"""Traffic as NDJSON: written down as it is stored, and read back as a workload.

One line a record: {"at": epoch ms, "stream": …, "shard": …, "sequenceNumber": …,
"partitionKey": …, "data": base64} and "explicitHashKey" where one was given. Lines of other origin
can be read too: name the fields that hold time and key, and each whole line is the record's data.
"""

from __future__ import annotations

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any

from kinesis_sim.account.hashing import HASH_SPACE
from kinesis_sim.arguments import number
from kinesis_sim.errors import UsageError
from kinesis_sim.instants import LAST, to_ms
from kinesis_sim.plain_file import reading, writing
from kinesis_sim.simulator import Simulator
from kinesis_sim.units import MIB
from kinesis_sim.workloads.events.arrival import Arrival

_LOG = logging.getLogger("kinesis_sim.capture")
LONGEST_KEY = 256
"""Characters of a partition key (botocore PartitionKey)."""
LONGEST_LINE = 16 * MIB
"""Characters of a line that is still read: a 10 MiB record in base64 and what surrounds it."""


class Capture:
    """Writes down every record that is stored from now on, until closed. Also a context manager.

    A disk that is full ends it, with one line in the log; records are stored all the same. Raises
    UsageError for a file that cannot be opened.
    """

    def __init__(self, sim: Simulator, path: str | Path) -> None:
        self.records = 0
        self._path = Path(path)
        try:
            file = writing(self._path, more=True)  # until close()
        except OSError as error:
            raise UsageError(f"{path} cannot be written to: {error.strerror}.") from None
        self._file = TextIOWrapper(file, encoding="utf-8")
        self._sim = sim
        self._end = sim.gate.watch(self._note)

    def close(self) -> None:
        """Write no more; closing twice changes nothing."""
        self._end()
        with suppress(OSError):  # what is left to flush does not fit: that was told
            self._file.close()

    def __enter__(self) -> Capture:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _note(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        if operation == "PutRecord":
            self._write(request, [(request, answer)])
        elif operation == "PutRecords":
            self._write(request, list(zip(request["Records"], answer["Records"], strict=True)))

    def _write(
        self, request: dict[str, Any], pairs: list[tuple[dict[str, Any], dict[str, Any]]]
    ) -> None:
        named = request.get("StreamName") or str(request.get("StreamARN")).rpartition("/")[2]
        lines = [
            self._line(named, entry, stored)
            for entry, stored in pairs
            if "SequenceNumber" in stored
        ]
        try:
            self._file.write("".join(lines))
            self._file.flush()
        except OSError as error:
            _LOG.error("Nothing is captured any more: %s: %s.", self._path, error.strerror)
            self.close()
        else:
            self.records += len(lines)

    def _line(self, stream: str, entry: dict[str, Any], stored: dict[str, Any]) -> str:
        row = {
            "at": self._sim.clock.now,
            "stream": stream,
            "shard": stored["ShardId"],
            "sequenceNumber": stored["SequenceNumber"],
            "partitionKey": entry.get("PartitionKey"),
            "data": b64encode(entry["Data"]).decode(),
        }
        if "ExplicitHashKey" in entry:
            row["explicitHashKey"] = entry["ExplicitHashKey"]
        return json.dumps(row, separators=(",", ":")) + "\n"


def captured(
    path: str | Path,
    *,
    start: Any = None,
    speed: float = 1.0,
    key: str | None = None,
    time: str | None = None,
    skip_broken: bool = False,
) -> Iterator[Arrival]:
    """The records of an NDJSON file as a workload.

    For ``feed``, at its own pace or faster, and, as ``Recorded(captured(path))``, for the producers
    of a pipeline.

    start: when the first one happens (ISO 8601, datetime or epoch ms), None to keep the times.
    speed: 10 plays ten times faster. key, time: fields of lines that are no capture of ours;
    the time is epoch ms, epoch seconds or ISO 8601. skip_broken: leave broken lines out.

    Raises UsageError, naming file, line and cause, for a line that cannot be read.
    """
    number("speed", speed)
    if speed <= 0:
        raise UsageError(f"speed={speed}: give a number above 0, such as 10 for ten times faster.")
    if (key is None) is not (time is None):
        raise UsageError("Give both key= and time= for lines of your own, or neither.")
    first: int | None = None
    begin = None if start is None else to_ms(start)
    for arrival in _lines(Path(path), key, time, skip_broken):
        first = arrival.at if first is None else first
        base = first if begin is None else begin
        yield arrival._replace(at=base + round((arrival.at - first) / speed))


def _lines(path: Path, key: str | None, time: str | None, skip: bool) -> Iterator[Arrival]:
    with _opened(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), ""), 1):
            if not line.strip():
                continue
            try:
                yield _own(line) if key is None or time is None else _foreign(line, key, time)
            except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
                if not skip:
                    raise UsageError(
                        f"{path.name}, line {number}: {_cause(error)}. Mend the line, or pass "
                        "skip_broken=True to leave such lines out."
                    ) from None


def _opened(path: Path) -> TextIOWrapper:
    try:
        return TextIOWrapper(reading(path), encoding="utf-8", errors="replace")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _cause(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON ({error.msg} at column {error.colno})"
    if isinstance(error, KeyError):
        return f"the field {error} is missing"
    return str(error) or type(error).__name__


def _own(line: str) -> Arrival:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("a line must be a JSON object")
    explicit = row.get("explicitHashKey")
    if explicit is not None and not (str(explicit).isdecimal() and int(explicit) < HASH_SPACE):
        raise ValueError(f"explicitHashKey {explicit!r} is no number from 0 to 2**128 - 1")
    data = b64decode(row["data"], validate=True)
    key = row["partitionKey"]
    if key is None:  # AUTO distribution: any key will do, if only each record has its own
        key = row.get("sequenceNumber", row["at"])
    return Arrival(_key(key), data, _on_calendar(int(row["at"])), explicit)


def _foreign(line: str, key: str, time: str) -> Arrival:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("a line must be a JSON object")
    return Arrival(_key(row[key]), line.strip().encode(), _moment(row[time]))


def _key(value: Any) -> str:
    text = str(value)
    if not 0 < len(text) <= LONGEST_KEY:
        raise ValueError(f"a partition key has 1 to {LONGEST_KEY} characters, not {len(text)}")
    return text


def _moment(value: Any) -> int:
    """Epoch ms of ISO text, epoch seconds, or epoch ms: what is beyond the year 5138 is in ms."""
    if isinstance(value, str):
        return to_ms(value)
    found = float(value)
    return _on_calendar(found if abs(found) >= 1e11 else found * 1000)


def _on_calendar(ms: float) -> int:
    """Whole milliseconds that a clock can show. Raises ValueError for others, NaN too."""
    if not 0 <= ms <= LAST:
        raise ValueError(f"{ms:g} ms since 1970 is outside the years 1970 to 9998")
    return round(ms)
