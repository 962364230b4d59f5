"""Who sends without end is read by turns with all others, and the less the more work it makes."""

from __future__ import annotations

import asyncio
from itertools import count, repeat
from types import SimpleNamespace
from typing import Any

import pytest

from kinesis_sim.aws import connection
from kinesis_sim.aws.connection import Connection
from tests.loops import run

CHUNKS = 12


class Endless:
    """A client that has sent more than is asked for; it ends after so many chunks."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def read(self, most: int) -> bytes:
        """Never waits."""
        self.asked.append(most)
        return b"x" * most if len(self.asked) <= CHUNKS else b""


async def read_all() -> tuple[list[int], int]:
    """How much was read at a time, and how many turns somebody else had meanwhile."""

    async def nothing(*_: Any) -> None:
        pass

    made: Any = Connection.__new__(Connection)
    made.reader, made.line = Endless(), SimpleNamespace(left=False)
    made.protocol = SimpleNamespace(protocol=None, handle=nothing)
    made.idle_task = SimpleNamespace(stop=nothing)
    reading = asyncio.ensure_future(made._read_data())
    turns = 0
    while not reading.done():
        turns += 1
        await asyncio.sleep(0)
    return made.reader.asked, turns


def test_others_have_a_turn_after_every_chunk() -> None:
    _, turns = run(read_all())
    assert turns >= CHUNKS


def test_what_makes_work_is_read_in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second of processor time a chunk, as a thousand frames of nothing take."""
    ticks = count()
    monkeypatch.setattr(connection, "processor_seconds", lambda: next(ticks))
    asked, _ = run(read_all())
    assert asked[:4] == [24, 64 * 1024, 16 * 1024, 4 * 1024]
    assert set(asked[4:]) == {4 * 1024}


def test_a_film_is_read_in_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = repeat(0.0)
    monkeypatch.setattr(connection, "processor_seconds", lambda: next(ticks))
    asked, _ = run(read_all())
    assert asked[:4] == [24, 64 * 1024, 128 * 1024, 256 * 1024]
    assert set(asked[4:]) == {256 * 1024}
