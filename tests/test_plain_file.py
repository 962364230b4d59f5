"""Files that are none: a pipe, a device, a folder or a circle of links is told in one sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kinesis_sim import Simulator
from kinesis_sim.__main__ import main
from kinesis_sim.course.progress import VARIABLE
from kinesis_sim.errors import UsageError
from kinesis_sim.exam.attempts_file import read_attempts
from kinesis_sim.exam.bank_file import read_bank
from kinesis_sim.flink import feed
from kinesis_sim.plain_file import NoPlainFile, read_whole, writing
from kinesis_sim.workloads.capture import captured
from kinesis_sim.workloads.producers.log_file import DiskFile

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
ENDLESS = "a pipe or a device"
NONE = {
    "pipe": ENDLESS,
    "zero": ENDLESS,
    "circle": "links lead in a circle",
    "n" * 300: "name is too long",
    "folder": "it is a folder",
    "absent": "there is no such file",
    "nul\0": "there is no such file",
}
"""What is no file, and what is said of it."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.sqlite"))
    os.mkfifo("pipe")
    os.symlink("circle", "circle")
    os.symlink("/dev/zero", "zero")
    os.mkdir("folder")
    return tmp_path


@pytest.mark.parametrize("name", NONE)
@pytest.mark.parametrize("read", [read_bank, lambda path: read_attempts([path])])
def test_what_is_no_file_is_not_read_and_the_sentence_says_why(
    place: Path, read: Callable[[Path], object], name: str
) -> None:
    with pytest.raises(UsageError, match=NONE[name]):
        read(place / name)


@pytest.mark.parametrize("name", ["pipe", "zero", "folder"])
@pytest.mark.parametrize(
    "read",
    [Simulator.load, feed.read, DiskFile, lambda path: list(captured(path))],
    ids=["load", "feed", "agent", "captured"],
)
def test_no_room_waits_for_a_pipe_or_reads_a_device(
    place: Path, read: Callable[[Path], object], name: str
) -> None:
    with pytest.raises(UsageError):
        read(place / name)


@pytest.mark.parametrize(
    "arguments", [["progress", "import"], ["flink", "run"], ["exam", "report"]], ids=" ".join
)
def test_a_command_given_a_pipe_says_so(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main([*arguments, "pipe"]) == 2
    assert ENDLESS in capsys.readouterr().err


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs Linux's /proc")
def test_what_the_system_fails_to_read_is_told_in_words(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It calls itself a file and answers with an error of input and output."""
    assert main(["progress", "import", "/proc/self/mem"]) == 2
    assert "the system fails to read or write there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [("pipe", "pipe that nobody reads"), ("circle", "in a circle"), ("folder", "it is a folder")],
)
@pytest.mark.parametrize(
    "arguments",
    [["progress", "export"], ["exam", "export", "attempts"]],
    ids=" ".join,
)
def test_an_export_does_not_wait_for_somebody_to_read_it(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], name: str, said: str
) -> None:
    assert main([*arguments, name]) == 2
    assert said in capsys.readouterr().err


def test_an_export_says_why_in_portuguese(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["progress", "--edition", "pt-BR", "export", "pipe"]) == 2
    assert "é um pipe que ninguém lê" in capsys.readouterr().err


def test_no_lab_is_saved_or_captured_into_a_pipe_that_nobody_reads(place: Path) -> None:
    sim = Simulator(latency=None)
    os.mkfifo("lab.part")  # what a save writes before it is called lab
    for keep in (sim.save, sim.capture):
        with pytest.raises(UsageError, match="cannot be written"):
            keep(place / ("lab" if keep == sim.save else "pipe"))


def test_a_pipe_that_is_read_is_written_to(place: Path) -> None:
    end = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with writing(place / "pipe") as file:
            file.write(b"all of it")
            file.flush()
            assert os.get_blocking(file.fileno())
        assert os.read(end, 100) == b"all of it"
    finally:
        os.close(end)


def test_of_a_file_no_more_is_read_than_asked_and_its_pipe_is_closed(place: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    Path("plain").write_bytes(b"12345")
    assert read_whole(place / "plain", 3) == b"1234"
    for _ in range(3):
        with pytest.raises(NoPlainFile):
            read_whole(place / "pipe", 3)
        with pytest.raises(IsADirectoryError):
            read_whole(place / "folder", 3)
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    assert after == before
