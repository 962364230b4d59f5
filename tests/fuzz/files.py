"""Files of strangers: saved simulators, progress, notebooks, question banks, captures."""

from __future__ import annotations

import json
import tempfile
import zlib
from functools import cache
from hashlib import sha256
from pathlib import Path

from kinesis_sim import Simulator
from kinesis_sim.course.bank import QUESTIONS, read
from kinesis_sim.course.progress import Progress
from kinesis_sim.course.workbook import _cleared, _read, _text, merge
from kinesis_sim.journal import saved
from kinesis_sim.journal.entry import Entry, decoded, encoded
from kinesis_sim.workloads.capture import captured
from tests.fuzz.target import Reader, Target, text

SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else Path(tempfile.gettempdir())


def _on_disk(suffix: str, read_file: object) -> Reader:
    """A reader of a file that holds the bytes."""

    def taken(data: bytes) -> object:
        with tempfile.NamedTemporaryFile(suffix=suffix, dir=SCRATCH) as file:
            Path(file.name).write_bytes(data)
            return read_file(Path(file.name))  # type: ignore[operator]

    return taken


# --- saved simulators -----------------------------------------------------------------------------


@cache
def _saved() -> bytes:
    sim = Simulator(account="210987654321", latency=None, delays="instant")
    kinesis = sim.client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    sim.advance(seconds=1)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x")
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        path = Path(folder) / "saved"
        sim.save(path)
        return path.read_bytes()


def unpacked(data: bytes) -> bytes:
    """A saved file as it is mutated: head, a line each, and what was packed."""
    magic, head, rest = data[: -saved._DIGEST].split(b"\n", 2)
    return b"\n".join((magic, head, zlib.decompress(rest)))


def packed(data: bytes) -> bytes:
    """A file again, packed and with the checksum that its bytes ask for."""
    magic, _, rest = data.partition(b"\n")
    head, _, inputs = rest.partition(b"\n")
    body = b"\n".join((magic, head, zlib.compress(inputs, 1)))
    return body + sha256(body).digest()


def _inputs(path: Path) -> object:
    return list(saved.read(path).entries())


def _loaded(path: Path) -> object:
    return Simulator.load(path, seconds=1)


ENTRIES = [
    encoded(Entry("call", 1, 0, -1, 0, 0, ["kinesis", "PutRecord", {"Data": b"x"}, None])),
    encoded(Entry("move", 1, 0, -2, 0, 0, [[1.5, "x", {"a": [b"y", b""]}]])),
    b"\x00\x00\x00\x02[]",
]

# --- a learner's files ----------------------------------------------------------------------------

PROGRESS = {
    "kinesis_lab_progress": 1,
    "predictions": [{"lesson": "l", "name": "n", "guess": "1", "at": 1}],
    "checks": [{"lesson": "l", "exercise": "e", "passed": 1, "tries": 1, "hints": 0, "at": 1}],
    "answers": [{"lesson": "l", "item": "i", "answer": '["a"]', "is_right": 1, "at": 1}],
    "minutes": [{"lesson": "l", "minute": 5}],
}
CELLS = [
    {"id": "a", "cell_type": "code", "source": "1", "outputs": [], "execution_count": 1},
    {"id": "b", "cell_type": "markdown", "source": ["x\n", "y"], "metadata": {}},
    {"cell_type": "code", "source": ""},
]
NOTEBOOK = {"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _taken_in(data: bytes) -> object:
    progress = Progress()
    count = progress.take_in(text(data))
    assert json.dumps(progress.exported()).encode()
    progress.standing("l")
    progress.answers("l")
    progress.guess("l", "n")
    return count


def _merged(path: Path) -> object:
    """A stranger's notebook brought up to date with the course's."""
    base = {**NOTEBOOK, "cells": [{**cell, "id": cell.get("id", "c")} for cell in CELLS]}
    new = {**base, "cells": base["cells"][1:]}
    found, _ = merge(base, _read(path), new)
    return _text(_cleared(found)).encode()


def _first(bank: bytes) -> bytes:
    """A file's first question, under an id of a stranger's own: the course's are taken."""
    head, item, *_ = bank.split(b"[[item]]\n")
    return head + b"[[item]]\n" + item.replace(b'id = "', b'id = "my-', 1)


TARGETS: dict[str, Target] = {
    "capture": Target(
        _on_disk(".ndjson", lambda path: list(captured(path))),
        [b'{"at":Infinity,"stream":"s","partitionKey":"k","data":"eA=="}\n',
         b'{"at":1,"stream":"s","partitionKey":"k","data":"eA=="}\n'],
    ),
    "saved file": Target(_on_disk("", _inputs), [_saved()]),
    "saved inputs": Target(_on_disk("", _inputs), [unpacked(_saved())], mend=packed),
    "saved simulator": Target(_on_disk("", _loaded), [unpacked(_saved())], mend=packed, every=50),
    "journal entry": Target(decoded, ENTRIES),
    "progress": Target(_taken_in, [json.dumps(PROGRESS).encode()]),
    "notebook": Target(
        _on_disk(".ipynb", _merged),
        [json.dumps(NOTEBOOK).encode(), b'{"cells":[{"source":[1],"cell_type":"code"}]}'],
    ),
    "question bank": Target(
        _on_disk(".toml", lambda path: list(read(path))),
        [_first(path.read_bytes()) for path in sorted(QUESTIONS.glob("*.toml"))[:2]],
        every=5,
    ),
}  # fmt: skip
