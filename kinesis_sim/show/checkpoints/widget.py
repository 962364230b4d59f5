"""The desk of a job's memory: time to pass, a machine to lose, a job to stop, start and rescale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.show.checkpoints.fold import JobLife
from kinesis_sim.show.checkpoints.scene import Picture
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.ride_job import RideJob

SHOWN_S = 160
STEP_S = 10


class CheckpointsDesk(Desk):
    """A ride counter; each button is an operation of AWS, or an accident."""

    def __init__(self, counter: RideJob, words: Words) -> None:
        self._counter, self._words = counter, words
        if not counter.seconds:
            counter.play(1)
        super().__init__("checkpoints")

    def play(self) -> None:
        """Let ten seconds pass."""
        self._counter.play(STEP_S)
        self._told("")

    def crash(self) -> None:
        """Lose the machine that the job runs on."""
        self._counter.crash()
        self._told("crash")

    def rescale(self) -> None:
        """Run it with twice the Parallelism, or half of it again."""
        now = self._counter.parallelism
        self._counter.update(Parallelism=2 if now == 1 else 1)
        self._told("rescale")

    def switch(self, *, force: bool) -> None:
        """Stop the job, or start it again."""
        if self._counter.job is None:
            self._counter.start()
            self._told("start")
        else:
            self._counter.stop(force=force)
            self._told("force" if force else "stop")

    def _told(self, what: str) -> None:
        values = {"parallelism": self._counter.parallelism}
        self.reply = self._words.say(f"reply.{what}", **values) if what else ""
        self.refresh()

    def _made(self) -> Page:
        return Picture(JobLife(self._counter, SHOWN_S), self._words).page(self._controls())

    def _state(self) -> object:
        return len(self._counter.seconds)

    def _controls(self) -> list[Control]:
        say, runs = self._words.say, self._counter.job is not None
        return [
            Control("play", say("control.play"), {"kind": "play"}),
            Control("crash", say("control.crash"), {"kind": "crash"}, enabled=runs, apart=True),
            Control("rescale", say("control.rescale"), {"kind": "rescale"}, enabled=runs),
            Control(
                "stop", say("control.stop" if runs else "control.start"), {"kind": "stop"},
                pressed=not runs, apart=True,
            ),
            Control("force", say("control.force"), {"kind": "force"}, enabled=runs),
        ]  # fmt: skip

    def _wished(self, wish: Any) -> None:
        runs = self._counter.job is not None
        asked: dict[str, Callable[[], None]] = {
            "play": self.play,
            "stop": lambda: self.switch(force=False),
        }
        if runs:
            asked |= {
                "crash": self.crash,
                "rescale": self.rescale,
                "force": lambda: self.switch(force=True),
            }
        match wish:
            case {"kind": str(kind)} if kind in asked:
                asked[kind]()
