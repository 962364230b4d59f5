"""A text file that may be a stranger's: no more of it is read than may be."""

from __future__ import annotations

from pathlib import Path

from kinesis_sim.errors import UsageError
from kinesis_sim.exam.words import spoken_exam
from kinesis_sim.plain_file import read_whole


def read_text(path: Path, most: int) -> str:
    """All of a text file in UTF-8, without the mark that Windows puts before it.

    most: bytes. UsageError, in the language that is spoken, for a larger one; OSError and
    UnicodeDecodeError for one that cannot be read, a pipe or a device among them.
    """
    data = read_whole(path, most)
    if len(data) > most:
        raise UsageError(spoken_exam().say("file.too-large", path=path, most=most))
    return data.decode("utf-8-sig")
