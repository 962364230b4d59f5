"""A text file that may be a stranger's: no more of it is read than may be."""

from __future__ import annotations

from pathlib import Path

from kinesis_sim.errors import UsageError
from kinesis_sim.exam.words import spoken_exam


def read_text(path: Path, most: int) -> str:
    """All of a text file in UTF-8, without the mark that Windows puts before it.

    most: bytes. What a file says of its size is not asked: a device or a pipe says none.
    UsageError, in the language that is spoken, for a larger one; OSError and UnicodeDecodeError
    for one that cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UsageError(spoken_exam().say("file.too-large", path=path, most=most))
    return data.decode("utf-8-sig")
