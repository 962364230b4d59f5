"""The data folder of a server: the journal in SQLite, safe on the disk before anybody is answered.

SQLite in WAL mode with ``synchronous=FULL``: a transaction that was committed survives the end of
the process and of the machine, one that was not is gone as a whole (https://sqlite.org/wal.html). A
thread writes; it takes all entries that wait, from however many callers, into one transaction, so
one fsync is shared by all of them (group commit).

Each row carries a checksum over itself and the checksum of the row before it, so a byte that turned
over in the file, a row that is missing and rows of another folder are noticed.

What has come to PACK_BYTES, or is there at an orderly end, is packed: many rows become one, in one
transaction, with the checksum of the last of them, for that is the checksum of all. It holds
columns (``columns``), which are read in a quarter of the time, and few entries for many that came
to little (``folding``); rows that were packed without that are folded when they are next taken
again, each in a transaction of its own.

There is no snapshot of the whole state; judged again on 2026-11-30. It would save what a start
takes: after a week of one thing done over and over, 0 to 3 s of processor time for reads that find
nothing, leases and metrics, 6 to 14 for a record put or read each second, 10 to 26 for a hundred of
them every ten seconds, 20 for an object as often (``make bench SECTIONS=week``). It would need a
written form of three parts that have none: what waits on the clock is closures over the rooms'
objects (a shard's trim, a window, a delivery's next try), scheduled at 45 places in 25 files; the
rooms share objects that know nothing of a written form, and one that is forgotten comes back as
another state, unnoticed, where an input that is taken again finds it out; and what moto keeps is
the globals of 166 modules, whose classes change with each version and could come back only by
pickle, that is, by running what a folder says. The inputs would have to be kept beside it for
whoever cannot read it. So what is dear is made short by itself, kind by kind.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import reduce
from pathlib import Path
from struct import Struct
from typing import Any

from kinesis_sim.clock import Clock
from kinesis_sim.errors import NotKept, UsageError
from kinesis_sim.journal import columns
from kinesis_sim.journal.entry import LARGEST, Damaged, Entry, decoded
from kinesis_sim.journal.folding import folded, weight
from kinesis_sim.journal.images import Effect
from kinesis_sim.journal.wal import torn
from kinesis_sim.units import KIB, MIB

FORMAT = 5
"""The newest format; 4 folded no metrics, 3 nothing, 2 packed without columns, 1 had no other
Regions and accounts, planned faults or packed rows."""
FILE = "journal.sqlite"
LARGEST_ROW = 64 * MIB
"""Bytes of entries in one row, unless a single one has more."""
PACK_BYTES = MIB
"""Bytes of rows that are packed into one: after a kill so many are taken again call by call."""
CLOSE_BYTES = 64 * KIB
"""Bytes of rows that are packed at an orderly end; fewer are not worth a row."""
LARGEST_LOG = 16 * MIB
"""Bytes that the write-ahead log keeps of the disk when it begins anew."""
_PACKED = b"\x78"
"""What zlib's streams begin with; no entry is so long that its length does."""
IDLE_SECONDS = 0.2
"""How long an entry for which nobody waits may lie in memory."""
_HEAD = Struct(">I")
_LARGEST_PACKED = LARGEST_ROW + PACK_BYTES + LARGEST
Told = Callable[[Exception | None], None]
"""Told that what somebody waits for is safe, or why it is not."""


class Folder:
    """One data folder, held by one server. Raises UsageError when another has it, or it is none.

    settings: what the simulator was made with; another Region, account or seed is refused.
    fsync: False leaves the disk's pace to the system, which benchmarks compare with.
    lost: bytes of an unfinished write that were dropped when it was opened.
    """

    def __init__(self, path: Path, settings: dict[str, Any], *, fsync: bool = True) -> None:
        self.path = path
        self._lock = _held(path)
        self.lost = torn(path / FILE)
        self._waiting: list[bytes] = []
        self._room = threading.Condition()
        self._writing = threading.Lock()
        self._callers: list[tuple[int, Told]] = []
        self._taken = self._kept = self._needed = 0
        self._check, self._rows = 0, 0
        self._plain_from, self._plain, self._plain_check = 0, 0, 0
        self._pack_at = PACK_BYTES
        self._effects: dict[int, Effect] = {}
        self._closing = self._is_back = False
        self._trouble: str | None = None
        self._wall = Clock.wall()
        try:
            self._base = self._opened(fsync)
        except BaseException:
            self._lock.close()
            raise
        try:
            with self._readable():
                self.settings = self._agreed(settings)
        except BaseException:
            self._base.close()
            self._lock.close()
            raise
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    # --- opening ------------------------------------------------------------------------------

    def _opened(self, fsync: bool) -> sqlite3.Connection:
        base = None
        try:
            base = sqlite3.connect(
                self.path / FILE, isolation_level=None, check_same_thread=False, timeout=1
            )
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if version > FORMAT:
                raise UsageError(
                    f"{self.path} was written by a later version (format {version}, this one "
                    f"reads {FORMAT}); serve it with that, or choose another folder."
                )
            base.execute("PRAGMA auto_vacuum=INCREMENTAL")  # of a new file only; before WAL
            base.execute("PRAGMA journal_mode=WAL")
            base.execute(f"PRAGMA journal_size_limit={LARGEST_LOG}")
            base.execute(f"PRAGMA synchronous={'FULL' if fsync else 'OFF'}")
            base.executescript(
                "CREATE TABLE IF NOT EXISTS rows (first INTEGER PRIMARY KEY, wall INTEGER NOT NULL,"
                " checksum INTEGER NOT NULL, entries BLOB NOT NULL);"
                "CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
                f"PRAGMA user_version={FORMAT};"
            )
        except BaseException as error:
            if base is not None:
                base.close()
            if isinstance(error, sqlite3.Error | OSError):
                raise self._unfit(error) from None
            raise
        return base

    def _unfit(self, error: Exception) -> UsageError:
        """What SQLite says of the folder, in a sentence: a full disk is no damage."""
        if isinstance(error, sqlite3.OperationalError | OSError):
            return UsageError(
                f"{self.path} cannot be used as a data folder: {error}. What it keeps is as it was."
            )
        return UsageError(f"{self.path} is no data folder of Kinesis Lab: {error}.")

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """What SQLite finds wrong while it reads, in a sentence."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self._unfit(error) from None
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            raise Damaged(
                f"{self.path / FILE} is damaged: {error}. Restore the folder from a copy, or "
                "choose another."
            ) from None

    def _agreed(self, wanted: dict[str, Any]) -> dict[str, Any]:
        rows = dict(self._base.execute("SELECT name, value FROM settings"))
        known = {name: json.loads(value) for name, value in rows.items()}
        for name, value in wanted.items():
            if name in ("start", "wall", "version"):
                continue
            if name in known and known[name] != value:
                raise UsageError(
                    f"{self.path} was begun with {name} {known[name]!r}, not {value!r}; serve it "
                    "with that, or choose another folder."
                )
        missing = {name: value for name, value in wanted.items() if name not in known}
        if missing:
            self._base.execute("BEGIN")
            self._base.executemany(
                "INSERT INTO settings VALUES (?, ?)",
                [(name, json.dumps(value)) for name, value in missing.items()],
            )
            self._base.execute("COMMIT")
        return {**wanted, **known}

    def entries(self) -> Iterator[Entry]:
        """All that was kept, oldest first. Raises Damaged."""
        wanted = 0
        with self._readable():
            rows = self._base.execute("SELECT first FROM rows ORDER BY first").fetchall()
        for (first,) in rows:
            if first != wanted:
                raise self._damaged(wanted, "a row is missing")
            checksum, kept = self._row(first)
            before, self._check = self._check, checksum
            if kept[:1] == columns.TAG:
                found = self._from_columns(kept, before, wanted)
            else:
                found = self._from_bytes(kept, before, wanted)
            for entry in found:
                yield entry
                wanted += weight(entry)
            self._rows += 1
            if kept[:1] in (columns.TAG, _PACKED):
                self._fold_again(first, found, before)
                self._plain_from, self._plain, self._plain_check = wanted, 0, checksum
            else:
                self._plain += len(kept)
        self._taken = self._kept = self._needed = wanted
        self._is_back = True

    def _row(self, first: int) -> tuple[int, bytes]:
        """The checksum and the entries of a row. Raises Damaged."""
        with self._readable():
            found = self._base.execute(
                "SELECT checksum, entries FROM rows WHERE first = ?", (first,)
            ).fetchone()
            if found is None or (type(found[0]), type(found[1])) != (int, bytes):
                raise ValueError(f"row {first} is none of ours")
        return int(found[0]), bytes(found[1])

    def _damaged(self, wanted: int, why: str) -> Damaged:
        return Damaged(
            f"{self.path / FILE} is damaged at entry {wanted}: {why}. Restore the folder from a "
            "copy, or choose another."
        )

    def _from_columns(self, kept: bytes, before: int, wanted: int) -> list[Entry]:
        try:
            return columns.unpacked(kept, _begun(before, self._check), _LARGEST_PACKED)
        except Damaged:
            raise self._damaged(wanted, "what was packed there cannot be unpacked") from None

    def _from_bytes(self, kept: bytes, before: int, wanted: int) -> list[Entry]:
        data = self._unpacked(kept, wanted)
        if self._check != zlib.crc32(data, before):
            raise self._damaged(wanted, "a byte turned over or a row is missing")
        return list(map(decoded, _parts(data)))

    def _unpacked(self, data: bytes, wanted: int) -> bytes:
        if data[:1] != _PACKED:
            return data
        unpacker = zlib.decompressobj()
        try:
            found = unpacker.decompress(data, _LARGEST_PACKED)
        except zlib.error:
            found = b""
        if not unpacker.eof:
            raise self._damaged(wanted, "what was packed there cannot be unpacked")
        return found

    @property
    def newest_row(self) -> int:
        """How many entries lie before the newest row: nearly all, in a folder of many."""
        return int(self._base.execute("SELECT coalesce(max(first), 0) FROM rows").fetchone()[0])

    def last_wall(self) -> int | None:
        """When the last row was written, by the machine's clock (epoch ms)."""
        row = self._base.execute("SELECT wall FROM rows ORDER BY first DESC LIMIT 1").fetchone()
        return None if row is None else int(row[0])

    # --- keeping ------------------------------------------------------------------------------

    def write(self, data: bytes, safe: bool) -> int:
        """Take an entry; ``safe`` says whether somebody will wait for it. Its number."""
        with self._room:
            self._waiting.append(data)
            self._taken += 1
            if safe:
                self._needed = self._taken
                self._room.notify()
            return self._taken - 1

    def found(self, number: int, effect: Effect) -> None:
        """What the entry of a number came to: it may be folded when it is packed."""
        self._effects[number] = effect

    def ready(self) -> None:
        """Raise NotKept while what was taken cannot be written, before more is taken."""
        if self._trouble is not None:
            self._write_all()
            if self._trouble is not None:
                raise NotKept(self._trouble)

    def when_safe(self, told: Told) -> bool:
        """Have ``told`` called, from any thread, once all that has to be waited for is safe.

        False, and no call, when it is already.
        """
        with self._room:
            if self._kept >= self._needed:
                return False
            self._callers.append((self._needed, told))
            self._room.notify()
        return True

    def flush(self) -> None:
        """Write all that was taken. Raises NotKept."""
        self._write_all()
        if self._trouble is not None:
            raise NotKept(self._trouble)

    def close(self) -> None:
        """Write what is left, pack it, and let the folder go.

        Raises NotKept for what could not be written; nobody was told that it was kept.
        """
        with self._room:
            self._closing = True
            self._room.notify()
        self._thread.join()
        self._write_all()
        trouble = self._trouble if self._waiting else None
        if self._is_back and self._plain >= CLOSE_BYTES and trouble is None:
            self._pack()
        with suppress(sqlite3.Error):  # a full disk: the log stays, and is read at the next start
            self._base.close()
        self._lock.close()
        if trouble is not None:
            raise NotKept(trouble)

    def _work(self) -> None:
        while True:
            with self._room:
                self._room.wait_for(self._has_work, IDLE_SECONDS)
                if self._closing:
                    return
                idle = not self._waiting
            if not idle:
                self._write_all()
                if self._trouble is not None:
                    with self._room:
                        self._room.wait(IDLE_SECONDS)

    def _has_work(self) -> bool:
        return self._closing or self._needed > self._kept

    def _write_all(self) -> None:
        with self._writing:
            with self._room:
                taken = list(self._waiting)
            try:
                if taken:
                    self._commit(taken)
                self._trouble = None
            except (sqlite3.Error, OSError) as error:
                self._trouble = str(error)
                self._undo()
            self._tell(len(taken))
            if self._plain >= self._pack_at and self._trouble is None:
                self._pack()

    def _commit(self, taken: list[bytes]) -> None:
        rows, check, first = [], self._check, self._kept
        for group in _groups(taken):
            data = b"".join(part for each in group for part in (_HEAD.pack(len(each)), each))
            check = zlib.crc32(data, check)
            rows.append((first, self._wall.now, check, data))
            first += len(group)
        self._base.execute("BEGIN IMMEDIATE")
        self._base.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
        self._base.execute("COMMIT")
        self._check = check
        self._plain += sum(len(data) for _, _, _, data in rows)

    def _pack(self) -> None:
        """Make one row of those that are not packed yet; nobody waits for it."""
        wanted = "SELECT wall, checksum, entries FROM rows WHERE first >= ? ORDER BY first"
        first = self._plain_from
        try:
            rows = self._base.execute(wanted, (first,)).fetchall()
            wall, checksum, _ = rows[-1]
            if checksum != reduce(_summed, rows, self._plain_check):
                raise Damaged("a byte turned over")  # the next start says so
            begun = _begun(self._plain_check, checksum)
            entries = [decoded(each) for *_, data in rows for each in _parts(data)]
            packed = columns.packed(folded(entries, self._effects, first), begun)
            self._base.execute("BEGIN IMMEDIATE")
            self._base.execute("DELETE FROM rows WHERE first >= ?", (first,))
            row = first, wall, checksum, packed
            self._base.execute("INSERT INTO rows VALUES (?, ?, ?, ?)", row)
            self._base.execute("COMMIT")
        except Exception:  # a full disk, it may be: the rows are there as they were
            self._undo()
            self._pack_at = self._plain + PACK_BYTES
            return
        self._plain_from, self._plain, self._pack_at = self._kept, 0, PACK_BYTES
        self._plain_check = checksum
        self._forget(self._plain_from)
        self._shrink()

    def _fold_again(self, first: int, entries: list[Entry], before: int) -> None:
        """Pack a row anew once it was taken, if that makes less than half of it."""
        if not self._effects:
            return
        effects, self._effects = self._effects, {}
        try:
            fewer = folded(entries, effects, first)
            if 2 * len(fewer) > len(entries):
                return
            packed = columns.packed(fewer, _begun(before, self._check))
            self._base.execute("UPDATE rows SET entries = ? WHERE first = ?", (packed, first))
        except Exception:  # as above
            self._undo()
            return
        self._shrink()

    def _forget(self, before: int) -> None:
        """Effects of what is packed are of no more use."""
        for number in list(self._effects):
            if number < before:
                del self._effects[number]

    def _undo(self) -> None:
        if self._base.in_transaction:
            self._base.rollback()

    def _shrink(self) -> None:
        """Give free pages back."""
        with suppress(sqlite3.Error, OSError):  # the pages are used for the next rows, then
            self._base.executescript("PRAGMA incremental_vacuum")  # execute takes one page only

    def _tell(self, written: int) -> None:
        trouble = None if self._trouble is None else NotKept(self._trouble)
        with self._room:
            if trouble is None:
                del self._waiting[:written]
                self._kept += written
            due = [tell for upto, tell in self._callers if trouble or upto <= self._kept]
            self._callers = [
                row for row in self._callers if trouble is None and row[0] > self._kept
            ]
        for tell in due:
            tell(trouble)


def _begun(before: int, checksum: int) -> int:
    """What the checksum of columns begins with: what came before, and the checksum of its row."""
    return zlib.crc32(_HEAD.pack(checksum), before)


def _summed(before: int, row: tuple[int, int, bytes]) -> int:
    """The checksum of a row that is not packed."""
    return zlib.crc32(row[2], before)


def _parts(data: bytes) -> Iterator[bytes]:
    """The entries of a row, as bytes."""
    place = 0
    while place < len(data):
        (size,) = _HEAD.unpack_from(data, place)
        yield data[place + 4 : place + 4 + size]
        place += 4 + size


def _groups(taken: list[bytes]) -> Iterator[list[bytes]]:
    group, size = list[bytes](), 0
    for each in taken:
        if group and size + len(each) > LARGEST_ROW:
            yield group
            group, size = [], 0
        group.append(each)
        size += len(each)
    yield group


def _held(path: Path) -> Any:
    """The folder's lock, an open file; it ends with the process. Raises UsageError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        file = (path / "lock").open("a+b")
    except OSError as error:
        raise UsageError(f"{path} cannot be a data folder: {error.strerror}.") from None
    try:
        _lock(file)
    except OSError:
        file.close()
        raise UsageError(f"Another server has {path}; stop it, or choose another folder.") from None
    return file


def _lock(file: Any) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
