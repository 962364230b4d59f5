"""A data folder gives back what was acknowledged, and says what it dropped or refuses."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.aws import restoring
from kinesis_sim.aws.restoring import RestoredFolder, keep
from kinesis_sim.errors import NotKept, ServiceError, UsageError
from kinesis_sim.journal import columns, folder
from kinesis_sim.journal.entry import Damaged, Entry, decoded, encoded
from kinesis_sim.journal.folder import FILE, FORMAT
from tests.journal.scripts import Actor, portrait

SETTINGS = {"region": "us-east-1", "seed": 0}
SCRIPT = (("create", 0, 1), ("move", 4, 1), ("puts", 0, 5), ("move", 1, 3), ("puts", 0, 9))

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


def opened(path: Path, **other: Any) -> tuple[Simulator, RestoredFolder]:
    sim = Simulator(remember=0)
    return sim, keep(sim, path, {**SETTINGS, **other})


def closed(sim: Simulator) -> None:
    assert sim.folder is not None
    sim.folder.close()


def filled(path: Path) -> dict[str, Any]:
    """A folder with a script in it; how its simulator looks."""
    sim, _ = opened(path)
    actor = Actor(sim)
    for step in SCRIPT:
        actor.do(step)
    return left(sim)


def left(sim: Simulator) -> dict[str, Any]:
    """Stop keeping; how the simulator looks."""
    sim.inputs.note("move")
    closed(sim)
    sim.inputs.write = None
    return portrait(sim)


@given(plain)
def test_an_entry_is_what_it_was(value: Any) -> None:
    entry = Entry("call", 1, 2, -1, 3, 4, [value])
    assert decoded(encoded(entry)) == entry


@given(st.binary(max_size=60))
def test_other_bytes_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        decoded(data)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    before = filled(tmp_path)
    sim, restored = opened(tmp_path)
    assert portrait(sim) == before
    assert "came back" in str(restored)
    closed(sim)


def test_two_servers_cannot_have_one_folder(tmp_path: Path) -> None:
    sim, _ = opened(tmp_path)
    with pytest.raises(UsageError, match="Another server has"):
        opened(tmp_path)
    closed(sim)


def test_another_seed_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with pytest.raises(UsageError, match="begun with seed 0, not 5"):
        opened(tmp_path, seed=5)


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    filled(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute(f"PRAGMA user_version={FORMAT + 1}")
    base.close()
    with pytest.raises(UsageError, match="written by a later version"):
        opened(tmp_path)


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(tmp_path: Path) -> None:
    sim, _ = opened(tmp_path)
    actor = Actor(sim)
    for step in SCRIPT:
        actor.do(step)
    assert sim.folder is not None
    sim.folder.flush()
    pages = sim.folder._base.execute("PRAGMA page_count").fetchone()[0]
    sim.folder._base.execute(f"PRAGMA max_page_count={pages}")
    name, large = "alpha", [{"Data": b"x" * 500_000, "PartitionKey": "k"}]
    sim.gate.call("kinesis", "PutRecords", {"StreamName": name, "Records": large})
    with pytest.raises(NotKept, match="full"):
        sim.folder.flush()
    before = sim.events.appended
    with pytest.raises(NotKept) as refused:
        sim.gate.call("kinesis", "PutRecords", {"StreamName": name, "Records": large})
    assert refused.value.status == 500
    assert sim.events.appended == before
    sim.folder._base.execute("PRAGMA max_page_count=1000000")
    sim.gate.call("kinesis", "PutRecords", {"StreamName": name, "Records": large})
    found = left(sim)
    again, _ = opened(tmp_path)
    assert portrait(again) == found
    closed(again)


def test_torn_logs_give_back_a_beginning_or_are_refused(tmp_path: Path) -> None:
    """Cut and flip the log as a crash of the machine may leave it: never another state."""
    source = tmp_path / "source"
    sim, _ = opened(source)
    actor, states = Actor(sim), []
    assert sim.folder is not None
    sim.folder._base.execute("PRAGMA wal_autocheckpoint=0")
    for step in SCRIPT:
        actor.do(step)
        sim.folder.flush()
        states.append(sim.inputs.count)
    log = (source / f"{FILE}-wal").read_bytes()
    base = (source / FILE).read_bytes()
    ends = [len(log) * n // 12 for n in range(12)]
    flips = [len(log) * n // 9 + 5 for n in range(9)]
    torn = [log[:end] for end in ends]
    torn += [log[:at] + bytes([log[at] ^ 64]) + log[at + 1 :] for at in flips if at < len(log)]
    for number, data in enumerate(torn):
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        (copy / FILE).write_bytes(base)
        (copy / f"{FILE}-wal").write_bytes(data)
        try:
            twin, restored = opened(copy)
        except UsageError:
            continue
        assert restored.entries <= states[-1]
        assert twin.folder is not None
        closed(twin)
    closed(sim)


def test_an_experiment_goes_on_where_it_was_in_its_region(tmp_path: Path) -> None:
    """FIS's faults, those of the plan and a leap of time, with how often each has struck."""
    action = {
        "actionId": "aws:kinesis:stream-provisioned-throughput-exception",
        "parameters": {"duration": "PT30M", "percentage": "50"},
        "targets": {"Streams": "t"},
    }
    target = {
        "resourceType": "aws:kinesis:stream",
        "resourceArns": ["arn:aws:kinesis:sa-east-1:123456789012:stream/s"],
        "selectionMode": "ALL",
    }
    sim, _ = opened(tmp_path)
    far = sim.in_region("sa-east-1")
    far.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    sim.advance(minutes=1)
    template = {
        "clientToken": "once",
        "description": "half of the puts",
        "stopConditions": [{"source": "none"}],
        "roleArn": "arn:aws:iam::123456789012:role/r",
        "targets": {"t": target},
        "actions": {"a": action},
    }
    made = far.gate.call("fis", "CreateExperimentTemplate", template)["experimentTemplate"]
    asked = {"experimentTemplateId": made["id"], "clientToken": "once"}
    number = far.gate.call("fis", "StartExperiment", asked)["experiment"]["id"]
    sim.advance(minutes=1)
    far.faults.jump("10m")
    far.faults.jump("1h", at=far.clock.now + 60_000)
    put = {"StreamName": "s", "PartitionKey": "k", "Data": b"x"}
    for _ in range(10):
        with suppress(ServiceError):
            far.gate.call("kinesis", "PutRecord", put)

    def looks(there: Simulator) -> list[Any]:
        plan = [(each.row(), there.faults.struck(each)) for each in there.faults]
        told = there.gate.call("fis", "GetExperiment", {"id": number})["experiment"]["state"]
        return [plan, told, there.now, list(there.events)]

    before = looks(far)
    assert 0 < before[0][0][1] < 10
    left(sim)
    again, _ = opened(tmp_path)
    assert looks(again.in_region("sa-east-1")) == before
    closed(again)


# --- packing --------------------------------------------------------------------------------------


class Watched:
    """A connection that leaves a copy of the folder before and after each statement."""

    def __init__(self, base: Any, path: Path, copies: Path) -> None:
        self._base, self._path, self._copies, self.made = base, path, copies, 0
        self._newest: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def execute(self, *given: Any) -> Any:
        self._copy()
        found = self._base.execute(*given)
        self._copy()
        return found

    def _copy(self) -> None:
        found = [(self._path / name).read_bytes() for name in (FILE, f"{FILE}-wal")]
        if found == self._newest:
            return
        self._newest = found
        place = self._copies / f"{self.made:04d}"
        place.mkdir(parents=True)
        for name, data in zip((FILE, f"{FILE}-wal"), found, strict=True):
            (place / name).write_bytes(data)
        self.made += 1


def kept_in(path: Path) -> list[bytes]:
    """The entries of a folder, as bytes."""
    held = folder.Folder(path, SETTINGS)
    try:
        return [encoded(entry) for entry in held.entries()]
    finally:
        held.close()


def packed_rows(path: Path) -> list[bool]:
    with closing(sqlite3.connect(path / FILE)) as base:
        rows = base.execute("SELECT entries FROM rows ORDER BY first").fetchall()
    return [data[:1] == columns.TAG for (data,) in rows]


@pytest.mark.parametrize("size", [1, 700, 1_500])
def test_what_is_packed_comes_back_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    before = filled(tmp_path / "plain")
    monkeypatch.setattr(folder, "PACK_BYTES", size)
    sim, _ = opened(tmp_path / "packed")
    assert sim.folder is not None
    actor = Actor(sim)
    for step in SCRIPT:
        actor.do(step)
        sim.folder.flush()
    assert left(sim) == before
    rows = packed_rows(tmp_path / "packed")
    assert rows == sorted(rows, reverse=True), "plain rows come after packed ones"
    assert any(rows)
    whole = [data for data in kept_in(tmp_path / "plain") if decoded(data).kind != "move"]
    assert [d for d in kept_in(tmp_path / "packed") if decoded(d).kind != "move"] == whole
    again, _ = opened(tmp_path / "packed")
    assert portrait(again) == before
    Actor(again).do(("puts", 0, 3))
    after = left(again)
    once_more, _ = opened(tmp_path / "packed")
    assert portrait(once_more) == after
    closed(once_more)


def test_what_is_packed_gives_its_place_on_the_disk_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 400_000)
    held = folder.Folder(tmp_path, SETTINGS)
    assert list(held.entries()) == []
    entries = [encoded(Entry("note", n, 0, -1, 0, 0, ["x" * 10_000])) for n in range(60)]
    sizes = []
    for data in entries:
        held.write(data, safe=False)
        held.flush()
        held._base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        sizes.append((tmp_path / FILE).stat().st_size)
    assert held._base.execute("PRAGMA freelist_count").fetchone() == (0,)
    held.close()
    assert max(sizes) > 380_000
    assert sizes[-1] < 260_000
    assert kept_in(tmp_path) == entries


def test_a_crash_between_any_two_steps_of_packing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 1_000)
    held = folder.Folder(tmp_path / "kept", SETTINGS)
    assert list(held.entries()) == []
    watched = Watched(held._base, tmp_path / "kept", tmp_path / "copies")
    entries = [encoded(Entry("note", n, 0, -1, 0, 0, ["x" * 90])) for n in range(30)]
    held._base = watched  # type: ignore[assignment]
    for data in entries:
        held.write(data, safe=False)
        held.flush()
    held._base = watched._base
    held.close()
    assert kept_in(tmp_path / "kept") == entries
    assert any(packed_rows(tmp_path / "kept"))
    fewest = 0
    for number in range(watched.made):
        found = kept_in(tmp_path / "copies" / f"{number:04d}")
        assert found == entries[: len(found)]
        assert len(found) >= fewest
        fewest = max(fewest, len(found))
    assert fewest >= len(entries) - 1


def test_a_disk_too_full_to_pack_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 2_000)
    held = folder.Folder(tmp_path, SETTINGS)
    assert list(held.entries()) == []

    def refused(*_: Any) -> bytes:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(folder.columns, "packed", refused)
        entries = [encoded(Entry("note", n, 0, -1, 0, 0, ["x" * 90])) for n in range(60)]
        for data in entries:
            held.write(data, safe=False)
        held.flush()
    held.close()
    assert kept_in(tmp_path) == entries


def test_a_packed_row_that_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "PACK_BYTES", 1)
    filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as base, base:
        [data] = base.execute("SELECT entries FROM rows ORDER BY first LIMIT 1").fetchone()
        for torn in (data[:-9], data[:20] + bytes([data[20] ^ 1]) + data[21:]):
            base.execute("UPDATE rows SET entries = ? WHERE first = 0", (torn,))
            base.commit()
            with pytest.raises(UsageError, match="damaged at entry 0"):
                opened(tmp_path)


def test_a_base_that_is_damaged_anywhere_is_refused_in_a_sentence_or_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A byte that turned over in a table's page is SQLite's to find; it is no traceback."""
    source = tmp_path / "source"
    before = filled(source)
    [whole] = {path.read_bytes() for path in source.glob(FILE)}
    places = [*range(0, 128, 9), *range(100, len(whole), len(whole) // 60)]
    torn = [whole[:at] + bytes([whole[at] ^ 85]) + whole[at + 1 :] for at in places]
    torn += [
        whole[:at] + bytes(4_096) + whole[at + 4_096 :] for at in range(4_096, len(whole), 4_096)
    ]
    told = list[tuple[Path, str]]()
    for number, data in enumerate(torn):
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        (copy / FILE).write_bytes(data)
        try:
            sim, _ = opened(copy)
        except UsageError as error:
            told.append((copy, str(error)))
        else:
            assert portrait(sim) == before
            closed(sim)
    assert 10 < len(told) < len(torn)
    assert all(str(copy) in why for copy, why in told)


@pytest.mark.parametrize("what", ["entries = 'text'", "checksum = 'text'", "checksum = 1.5"])
def test_a_row_that_is_none_of_ours_is_refused(tmp_path: Path, what: str) -> None:
    filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as base, base:
        base.execute(f"UPDATE rows SET {what} WHERE first = 0")
    with pytest.raises(UsageError, match="is damaged"):
        opened(tmp_path)


def test_a_row_that_turned_over_is_not_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packing gives rows a checksum anew: it must not bless what is damaged."""
    monkeypatch.setattr(folder, "PACK_BYTES", 1_000)
    held = folder.Folder(tmp_path, SETTINGS)
    assert list(held.entries()) == []
    data = encoded(Entry("note", 0, 0, -1, 0, 0, ["x" * 400]))
    held.write(data, safe=False)
    held.flush()
    held._base.execute("UPDATE rows SET entries = CAST(replace(entries, 'xx', 'yy') AS BLOB)")
    for _ in range(4):
        held.write(data, safe=False)
        held.flush()
    held.close()
    assert not any(packed_rows(tmp_path))
    with pytest.raises(UsageError, match="damaged at entry 0"):
        opened(tmp_path)


def test_an_orderly_end_packs_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "CLOSE_BYTES", 1)
    before = filled(tmp_path)
    assert packed_rows(tmp_path) == [True]
    sim, _ = opened(tmp_path)
    assert portrait(sim) == before
    Actor(sim).do(("puts", 0, 3))
    after = left(sim)
    assert packed_rows(tmp_path) == [True, True]
    sim, _ = opened(tmp_path)
    assert portrait(sim) == after
    closed(sim)


def test_a_crash_between_any_two_steps_of_an_end_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "CLOSE_BYTES", 1)
    held = folder.Folder(tmp_path / "kept", SETTINGS)
    assert list(held.entries()) == []
    entries = [encoded(Entry("note", n, 0, -1, 0, 0, ["x" * 90])) for n in range(30)]
    for data in entries[:-1]:
        held.write(data, safe=False)
        held.flush()
    watched = Watched(held._base, tmp_path / "kept", tmp_path / "copies")
    held._base = watched  # type: ignore[assignment]
    held.write(entries[-1], safe=False)
    held.close()
    assert watched.made >= 3
    for number in range(watched.made):
        found = kept_in(tmp_path / "copies" / f"{number:04d}")
        assert found in (entries[:-1], entries)
    assert kept_in(tmp_path / "kept") == entries
    assert packed_rows(tmp_path / "kept") == [True]


def test_a_folder_that_could_not_come_back_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its end packs nothing: what was not read is not known to be whole."""
    filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as base, base:
        base.execute("UPDATE rows SET checksum = checksum + 1 WHERE first = 0")
    monkeypatch.setattr(folder, "CLOSE_BYTES", 1)
    with pytest.raises(UsageError, match="damaged at entry 0"):
        opened(tmp_path)
    assert not any(packed_rows(tmp_path))


def test_a_disk_that_is_full_at_the_end_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    held = folder.Folder(tmp_path, SETTINGS)
    assert list(held.entries()) == []
    entries = [encoded(Entry("note", n, 0, -1, 0, 0, ["x" * 9_000])) for n in range(40)]
    for data in entries[:20]:
        held.write(data, safe=False)
    held.flush()
    pages = held._base.execute("PRAGMA page_count").fetchone()[0]
    held._base.execute(f"PRAGMA max_page_count={pages}")
    for data in entries[20:]:
        held.write(data, safe=False)
    with pytest.raises(NotKept, match=r"The data folder cannot be written: .*full"):
        held.close()
    assert kept_in(tmp_path) == entries[:20]


def test_a_disk_too_full_to_pack_at_the_end_keeps_what_is_there(tmp_path: Path) -> None:
    """What cannot be packed was written already: it is no trouble of anybody's."""
    held = folder.Folder(tmp_path, SETTINGS)
    assert list(held.entries()) == []
    entries = [encoded(Entry("note", n, 0, -1, 0, 0, [f"{n:x}" * 9_000])) for n in range(20)]
    for data in entries:
        held.write(data, safe=False)
    held.flush()
    held._base.execute("PRAGMA query_only=1")  # refuses whatever would be written
    held.close()
    assert not any(packed_rows(tmp_path))
    assert kept_in(tmp_path) == entries


@pytest.mark.parametrize("which", ["folder", "base"])
def test_a_folder_that_may_not_be_written_is_refused_in_a_sentence(which: str) -> None:
    """What it keeps stays as it was. Root may write everywhere: here it is somebody else."""
    with TemporaryDirectory() as place:
        path = Path(place) / "data"
        filled(path)
        kept = {each: each.read_bytes() for each in path.iterdir()}
        Path(place).chmod(0o755)
        (path / FILE).chmod(0o444)
        if which == "folder":
            (path / "lock").chmod(0o444)
        else:
            (path / "lock").chmod(0o666)
        path.chmod(0o555)
        with nobody(), pytest.raises(UsageError) as refused:
            opened(path)
        path.chmod(0o755)
        assert {each: each.read_bytes() for each in path.iterdir()} == kept
    told = str(refused.value)
    assert told.startswith(f"{path} cannot be")
    assert "Permission denied" in told or "readonly" in told or "unable to open" in told


@contextmanager
def nobody() -> Iterator[None]:
    """Root as a user who may not write what others own; any other as who it is."""
    if os.geteuid():
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_long_way_back_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path)
    monkeypatch.setattr(restoring, "_EVERY", 1)
    monkeypatch.setattr(restoring.WayBack, "SECONDS", 0)
    told: list[str] = []
    sim = Simulator(remember=0)
    restored = keep(sim, tmp_path, SETTINGS, tell=told.append)
    closed(sim)
    assert len(told) == restored.entries
    assert told[3].startswith(f"Taking again what {tmp_path} keeps: 4 calls in ")
