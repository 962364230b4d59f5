"""Java programs of ours, asked and answered in lines."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import Any, Self

FOLDER = Path(__file__).with_name("jvm")
CLASSPATH = FOLDER / "target" / "classpath.txt"
PATIENCE = 240
"""Seconds until a program that has not ended is killed, unless it is told otherwise."""


class Program:
    """A program that answers lines of standard input with lines of JSON. name: its class's.

    patience: seconds until it is killed.
    """

    def __init__(self, java: str, name: str, *arguments: str, patience: float = PATIENCE) -> None:
        classes = os.pathsep.join((str(FOLDER / "target" / "classes"), CLASSPATH.read_text()))
        self._errors = TemporaryFile("w+")  # noqa: SIM115
        self._process = subprocess.Popen(
            [
                java,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classes,
                f"kinesislab.{name}",
                *arguments,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        self._impatience = Timer(patience, self._process.kill)
        self._impatience.start()

    def ask(self, question: Any) -> Any:
        """The answer to one line."""
        self._input.write(json.dumps(question) + "\n")
        self._input.flush()
        line = self._output.readline()
        assert line, self._said()
        return json.loads(line)

    def finish(self) -> Any:
        """What it prints, if anything, when there are no more lines."""
        self._input.close()
        line = self._output.read()
        assert self._process.wait() == 0, self._said()
        return json.loads(line) if line else None

    def _said(self) -> str:
        self._errors.seek(0)
        return self._errors.read()[-20_000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._impatience.cancel()
        self._process.kill()
        self._process.wait()
        for stream in (self._output, self._errors):
            stream.close()
