"""A file-tailing agent in the manner of the Kinesis Agent: each line of a file becomes a record.

Source: facts/data-streams §9 (DG22 writing-with-agents): buffers 60 s (1 s to 15 min), 4 MB or 500
records, whichever comes first; START_OF_FILE or END_OF_FILE; partition keys RANDOM or
DETERMINISTIC. Model's choices: one call at a time; what is refused is sent again after a back-off
with full jitter, for ever; a deterministic key is the line's hash; a line over 1 MiB is dropped.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from kinesis_sim.arguments import whole
from kinesis_sim.errors import UsageError
from kinesis_sim.streams.stream import Entry, Stream
from kinesis_sim.units import MIB
from kinesis_sim.workloads.producers.load import Offered
from kinesis_sim.workloads.producers.log_file import DiskFile, LogFile, WrittenFile
from kinesis_sim.workloads.producers.producer import (
    CALL_MS,
    MOST_RECORDS,
    Sender,
    at_least,
    backoff_ms,
)

MOST_BUFFERED = 4 * MIB
_KEY_BYTES = 16


@dataclass(frozen=True)
class Agent:
    """Follows one file: a path, or a MemoryFile, DiskFile or WrittenFile.

    position: START_OF_FILE or END_OF_FILE, for a file without a checkpoint. checkpoint: bytes that
    an earlier agent had delivered. max_buffer_age_millis, partition_key: as in agent.json.
    """

    file: LogFile | str | Path
    position: str = "END_OF_FILE"
    checkpoint: int | None = None
    partition_key: str = "RANDOM"
    max_buffer_age_millis: int = 60_000
    max_buffer_records: int = MOST_RECORDS
    base_ms: int = 100
    cap_ms: int = 10_000
    name: str = "agent"

    def __post_init__(self) -> None:
        if self.position not in ("START_OF_FILE", "END_OF_FILE"):
            raise UsageError(f"position={self.position!r}: choose START_OF_FILE or END_OF_FILE.")
        if self.partition_key not in ("RANDOM", "DETERMINISTIC"):
            raise UsageError(f"partition_key={self.partition_key!r}: RANDOM or DETERMINISTIC.")
        whole("max_buffer_age_millis", self.max_buffer_age_millis)
        whole("max_buffer_records", self.max_buffer_records, least=1)
        if not 1_000 <= self.max_buffer_age_millis <= 900_000:
            raise UsageError(
                f"max_buffer_age_millis={self.max_buffer_age_millis}: give 1,000 to 900,000 "
                "(1 s to 15 min; Data Streams Developer Guide, Kinesis Agent)."
            )
        at_least(base_ms=(self.base_ms, 0), cap_ms=(self.cap_ms, 0))
        if self.checkpoint is not None:
            whole("checkpoint", self.checkpoint, least=0)
        at_least(max_buffer_records=(self.max_buffer_records, 1))
        at_least(most_records_a_call=(MOST_RECORDS, self.max_buffer_records))

    @property
    def load(self) -> Offered:
        """The events that are written to a WrittenFile; other files are not known beforehand."""
        if isinstance(self.file, WrittenFile):
            return self.file.recorded
        raise UsageError("What will be in this file is not known beforehand: use run().")

    def start(self, stream: Stream, chance: random.Random, begin: int) -> FollowingAgent:
        """An agent that looks at the file for the first time at ``begin``."""
        return FollowingAgent(self, stream, chance, begin)


class FollowingAgent(Sender):
    """An agent at work. Lines are offered as they are read; the file itself is the buffer."""

    def __init__(self, agent: Agent, stream: Stream, chance: random.Random, begin: int) -> None:
        super().__init__(agent.name, stream, chance)
        self._agent = agent
        named = isinstance(agent.file, str | Path)
        self._file: LogFile = DiskFile(agent.file) if named else agent.file  # type: ignore[assignment,arg-type]
        size = self._file.size(begin)
        start = 0 if agent.position == "START_OF_FILE" else size
        self.checkpoint = start if agent.checkpoint is None else agent.checkpoint
        self._read = self.checkpoint
        self._lines: list[tuple[Entry, int]] = []  # records and when they were read
        self._bytes = 0
        self._again = 0  # the first so many lines were refused before
        self._refused = 0  # how often in a row
        self._not_before = begin

    @property
    def buffered(self) -> int:
        """Lines read and not yet stored."""
        return len(self._lines)

    def tick(self, now: int) -> None:
        """Read on, and send what is due."""
        self._follow(now)
        if self._is_time(now):
            self._send(now)

    def _follow(self, now: int) -> None:
        """Read the lines that are complete, as far as the buffer has room for them."""
        size = self._file.size(now)
        if size < self._read:  # rotated: what was delivered is gone, so begin at its start
            self._read = self.checkpoint = 0
        if size == self._read or self._full:
            return
        content = self._file.read(self._read, MOST_BUFFERED)
        for line in content.split(b"\n")[:-1]:
            if self._full:
                return
            self._read += len(line) + 1
            self._offer(line.removesuffix(b"\r"), now)
        if b"\n" not in content and len(content) == MOST_BUFFERED:
            self._read += len(content)  # part of a line that is too long for any record
            self.counts.offered += 1
            self.counts.dropped += 1

    @property
    def _full(self) -> bool:
        return len(self._lines) >= self._agent.max_buffer_records or self._bytes >= MOST_BUFFERED

    def _offer(self, line: bytes, now: int) -> None:
        self.counts.offered += 1
        if len(line) + 2 * _KEY_BYTES > MIB:
            self.counts.dropped += 1
            return
        self._bytes += len(line)
        self._lines.append(((line, self._key(line), None), now))

    def _key(self, line: bytes) -> str:
        if self._agent.partition_key == "RANDOM":
            return f"{self._chance.getrandbits(64):016x}"
        return blake2b(line, digest_size=_KEY_BYTES).hexdigest()

    def _is_time(self, now: int) -> bool:
        if not self._lines or now < self._not_before:
            return False
        old = now - self._lines[0][1] >= self._agent.max_buffer_age_millis
        return old or self._full or self._refused > 0

    def _send(self, now: int) -> None:
        """One PutRecords; the checkpoint moves once everything that was read is stored."""
        counts, lines = self.counts, self._lines
        placed = self._stream.put([entry for entry, _ in lines], now)
        counts.calls += 1
        counts.sent += len(lines)
        counts.retried += self._again
        failed = []
        for line, (_, number) in zip(lines, placed, strict=True):
            if number is None:
                failed.append(line)
            else:
                counts.waited += now - line[1] + CALL_MS
        counts.stored += len(lines) - len(failed)
        counts.throttled += len(failed)
        self._lines = failed
        self._again = len(failed)
        self._bytes = sum(len(entry[0]) for entry, _ in failed)
        self._after(bool(failed), now)

    def _after(self, failed: bool, now: int) -> None:
        if failed:
            self._refused += 1
            agent = self._agent
            wait = backoff_ms(self._refused, agent.base_ms, agent.cap_ms, self._chance)
            self._not_before = now + wait
        else:
            self._refused = 0
            self.checkpoint = self._read
