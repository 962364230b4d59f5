"""The picture of Firehose's buffers as a widget: a slider over a run, and settings to run anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kinesis_sim.errors import UsageError
from kinesis_sim.show.buffer.fold import Buffers
from kinesis_sim.show.buffer.mix import BufferMix, mixed
from kinesis_sim.show.buffer.scene import page
from kinesis_sim.show.kit.desk import Desk, Mixer
from kinesis_sim.show.kit.page import Page
from kinesis_sim.show.kit.words import Words

UNITS = {"size": "MiB", "interval": "s", "traffic": "MiB/min"}


class LiveBuffer(Desk):
    """A Firehose stream of the notebook; it follows the stream, cell by cell.

    read: the stream's rows as they are now.
    """

    def __init__(self, read: Callable[[], Buffers], words: Words) -> None:
        self._words, self._read, self._rows = words, read, read()
        super().__init__("buffer")

    def _made(self) -> Page:
        return page(self._state(), self._words)

    def _state(self) -> Buffers:
        with suppress(UsageError):  # the stream is gone: its last picture stays
            self._rows = self._read()
        return self._rows


class BufferMixer(Mixer[BufferMix]):
    """Size, interval, traffic and what happens as controls: half an hour is played with them."""

    def __init__(self, mix: BufferMix, words: Words) -> None:
        self._words = words
        super().__init__("buffer", mix)

    def _made(self) -> Page:
        words = self._words
        return page(
            mixed(self.mix), words, controls=self._controls(self._step),
            hint=words.say("mixer.length"), busy=words.say("mixer.running"),
        )  # fmt: skip

    def _step(self, name: str, step: float | str) -> str:
        words = self._words
        if name == "happens":
            return words.say(f"step.{step}")
        if name == "interval" and step == 0:
            return words.say("step.zero")
        return f"{words.marked(str(step))} {UNITS[name]}"
