"""What is saved anywhere and loaded is the twin of what went on, whatever is asked."""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from kinesis_sim import Simulator
from kinesis_sim.aws.outside import World
from kinesis_sim.aws.replay import Replay
from kinesis_sim.errors import UsageError
from kinesis_sim.journal import saved
from kinesis_sim.journal.entry import decoded
from tests.journal.scripts import Actor, Step, portrait, records, steps

_FILES = count()
ALONE = "777777777777"
"""An account that no other test uses: moto keeps one state a process and account, and a file is
loaded only where it has none."""


def restored(sim: Simulator) -> Simulator:
    """Another simulator, from what a folder would hold of this one."""
    assert sim.memory is not None
    assert not sim.memory.full
    entries = [*sim.memory]
    twin = Simulator(remember=64)
    assert twin.memory is not None
    twin.inputs.write = None
    twin.clock.begin_at(twin.clock.now)
    replay = Replay(twin, World())
    replay.run(map(decoded, entries))
    for entry in entries:
        twin.memory.write(entry)
    twin.clock.stand_at(sim.clock.now)
    twin.clock.hand_over(sim.clock.now)
    twin.inputs.resume(twin.memory.write, replay.entries, replay.slots)
    return twin


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(before=steps, after=steps)
def test_a_restored_simulator_goes_on_as_its_twin(before: list[Step], after: list[Step]) -> None:
    first = Actor(Simulator())
    for step in before:
        first.do(step)
    first.home.inputs.note("move")
    second = Actor(restored(first.home), first.went)
    second.iterators, second.receipts = [*first.iterators], [*first.receipts]
    assert records(second.home) == records(first.home)
    first.told.clear()
    for step in after:
        first.do(step)
        second.do(step)
    if all(step[0] != "later" for step in before):  # a foreign action went with its process
        assert second.told == first.told
        assert portrait(second.home) == portrait(first.home)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(script=steps)
def test_what_is_saved_loads_as_it_was(
    script: list[Step], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / f"saved-{next(_FILES)}"
    actor = Actor(Simulator(account=ALONE))
    for step in script:
        actor.do(step)
    actor.home.save(path)
    twin = Simulator.load(path)
    assert records(twin) == records(actor.home)
    assert portrait(twin) == portrait(actor.home)
    path.unlink()


class Process:
    """What a fault plan may lose: it lives in this process alone."""

    name = "worker-1"

    def crash(self) -> None:
        """End without a word."""


@pytest.mark.parametrize("lasts", [None, "5m"])
def test_a_plan_that_crashes_a_process_is_not_saved(tmp_path: Path, lasts: str | None) -> None:
    sim = Simulator()
    sim.faults.add("throttle", "s", share=0.5)
    sim.faults.crash(Process(), at=sim.clock.now + 1_000, lasts=lasts)
    with pytest.raises(UsageError, match=r"holds the crash of a process \(sim\.faults\.crash\)"):
        sim.save(tmp_path / "x.lab")
    assert not list(tmp_path.iterdir())


def test_a_file_cut_at_every_byte_is_refused(tmp_path: Path) -> None:
    actor = Actor(Simulator())
    for step in (("create", 0, 1), ("move", 4, 1), ("puts", 0, 5), ("move", 1, 3)):
        actor.do(step)
    path, cut = tmp_path / "whole", tmp_path / "cut"
    actor.home.save(path)
    whole = path.read_bytes()
    for end in range(len(whole)):
        cut.write_bytes(whole[:end])
        with pytest.raises(UsageError, match=r"cut off|no simulator"):
            Simulator.load(cut)
    for place in range(len(whole)):
        cut.write_bytes(_flipped(whole, place))
        with pytest.raises(UsageError) as refused:
            Simulator.load(cut)
        assert "\n" not in str(refused.value)


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def test_a_file_that_is_sealed_over_damage_is_refused_or_another_lab(tmp_path: Path) -> None:
    """The checksum is no signature: what a stranger changed is met by what reads it."""
    actor = Actor(Simulator(account=ALONE))
    for step in (("create", 0, 1), ("move", 4, 1), ("puts", 0, 5)):
        actor.do(step)
    path = tmp_path / "sealed"
    actor.home.save(path)
    whole = path.read_bytes()[:-32]
    begun = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    inputs = zlib.decompress(whole[begun:])
    refused = 0
    for place in range(begun + len(inputs)):
        if place < begun:
            data = _flipped(whole, place)
        else:
            data = whole[:begun] + zlib.compress(_flipped(inputs, place - begun))
        path.write_bytes(data + sha256(data).digest())
        with suppress(UsageError):
            Simulator.load(path)
            continue
        refused += 1
    assert refused > 100


def _sealed(path: Path, *inputs: bytes, size: int | None = None) -> Path:
    """A stranger's file of these inputs, each with its length; its checksum is right."""
    whole = b"".join(inputs)
    made = {"start": 0, "region": "us-east-1", "account": ALONE, "seed": 0, "latency": None}
    settings = {**made, "delays": "realistic", "limits": "on"}
    told = {"settings": settings, "count": len(inputs), "size": size or len(whole)}
    data = b"kinesis-lab-saved 2\n" + json.dumps(told).encode() + b"\n" + zlib.compress(whole)
    path.write_bytes(data + sha256(data).digest())
    return path


def _input(kind: str, given: object) -> bytes:
    text = json.dumps([kind, 0, 0, -1, 0, 0, given, []]).encode()
    return (len(text) + 4).to_bytes(4, "big") + len(text).to_bytes(4, "big") + text


@pytest.mark.parametrize("at", ["soon", None, [], {}, 1.5, True])
def test_a_slot_at_no_instant_is_refused(tmp_path: Path, at: object) -> None:
    with pytest.raises(UsageError, match=r"Entry 0 cannot be taken: a slot at"):
        Simulator.load(_sealed(tmp_path / "lab", _input("slot", [at]), _input("end", [])))


def test_an_input_longer_than_the_file_says_is_refused_before_it_is_unpacked(
    tmp_path: Path,
) -> None:
    path = _sealed(tmp_path / "lab", b"\xff\xff\xff\xff" + bytes(1 << 20))
    unpacked = []
    found = saved.read(path)
    with pytest.raises(UsageError, match="longer than the file says"):
        unpacked += found.entries()
    assert not unpacked
    with pytest.raises(UsageError, match="longer than the file says"):
        Simulator.load(path)


def test_what_a_small_file_unpacks_to_is_kept_packed_and_saved_again(tmp_path: Path) -> None:
    """A file of half a megabyte may hold 480 MB: they were in memory as records and as inputs."""
    sim = Simulator(latency=None, delays="instant", limits="off", account=ALONE)
    sim.gate.call("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1})
    for number in range(8):
        record = {"PartitionKey": "k", "Data": bytes([number]) * 1_000_000}
        sim.gate.call("kinesis", "PutRecord", {"StreamName": "s", **record})
    first, second = tmp_path / "first", tmp_path / "second"
    sim.save(first)
    again = Simulator.load(first)
    assert again.memory is not None
    held = [*again.memory._packed, *again.memory._last]
    assert sum(map(len, held)) < 2 * 1_000_000
    assert again.save(second) == second.stat().st_size == sim.save(first)
    assert sim.memory is not None
    assert [*again.memory] == [*sim.memory]
    assert second.read_bytes() == first.read_bytes()


def test_a_large_file_is_unpacked_in_pieces(tmp_path: Path) -> None:
    """zlib copies what it leaves untaken: a file given whole was copied for each 64 KiB of it."""
    path, parts = tmp_path / "large", [Random(number).randbytes(100_000) for number in range(20)]
    saved.write(path, {}, parts)
    given, make = list[int](), zlib.decompressobj

    class Watched:
        def __init__(self) -> None:
            self._own = make()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._own, name)

        def decompress(self, data: bytes, most: int) -> bytes:
            given.append(len(data))
            return self._own.decompress(data, most)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zlib, "decompressobj", Watched)
        found = saved.read(path)
        assert sum(map(len, saved._unpacked(found.packed, found.size))) == found.size
    assert max(given) <= 64 * 1024
    assert sum(given) < 3 * path.stat().st_size


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_never_ends_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(UsageError, match="is a pipe or a device, which may have no end"):
            Simulator.load(path)
