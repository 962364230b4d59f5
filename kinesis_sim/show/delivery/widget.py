"""The pipeline as a widget: time to move, parts to break and to mend, error objects to open.

What the browser sends back is a wish. Error objects are read and decoded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.show.delivery.errors import opened
from kinesis_sim.show.delivery.scene import Picture
from kinesis_sim.show.delivery.words import place_of
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.breakage import PARTS, Breakage

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STEPS = {"minute": 1, "ten": 10}


class DeliveryDesk(Desk):
    """A Firehose stream's pipeline, with faults to cause and error objects to open."""

    opened = traitlets.Dict().tag(sync=True)

    def __init__(self, sim: Simulator, stream: str, words: Words) -> None:
        self._sim, self._stream, self._words = sim, stream, words
        self._breakage = Breakage(sim, stream)
        super().__init__("delivery")
        if self._objects:
            self.look_into(self._objects[-1].key)

    def _made(self) -> Page:
        with self._sim.lock:
            picture = Picture(self._sim, self._stream, self._words)
        self._objects = picture.objects
        return picture.page([*self._steps(STEPS), *self._switches()])

    def advance(self, minutes: int) -> None:
        """Let simulated minutes pass, and show what they brought."""
        self.reply = self._passed(self._sim, minutes=minutes)
        self.refresh()

    def switch(self, part: str) -> None:
        """Break the "destination" or the "transform", or mend it."""
        done = "break" if self._breakage.toggle(part) else "mend"
        self.reply = self._words.say(f"reply.{done}-{part}", place=self._place)
        self.refresh()

    def look_into(self, key: str) -> None:
        """Read an object of the error output; one that is not listed changes nothing."""
        for each in self._objects:
            if each.key == key:
                found = opened(self._sim, each.bucket, key, self._words)
                self.opened = found | {"chosen": key}

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "switch", "part": str(part)} if self._breakage.can(part):
                self.switch(part)
            case {"kind": "open", "key": str(key)}:
                self.look_into(key)

    @property
    def _place(self) -> str:
        return place_of(self._sim.firehose[self._stream].settings)

    def _switches(self) -> list[Control]:
        """The buttons that break things, down while something is broken."""
        found = []
        for n, part in enumerate(filter(self._breakage.can, PARTS)):
            on = self._breakage.broken(part)
            key = f"control.{'mend' if on else 'break'}-{part}"
            label = self._words.say(key, place=self._place)
            wish = {"kind": "switch", "part": part}
            found.append(Control(part, label, wish, pressed=on, apart=not n))
        return found

    def _state(self) -> tuple[int, int]:
        broken = sum(2**n for n, part in enumerate(PARTS) if self._breakage.broken(part))
        return self._sim.clock.now, broken
