"""The pipeline as a widget: time to move, parts to break and to mend, error objects to open.

What the browser sends back is a wish. Counts, sentences and decoded error rows are worked out here;
the browser draws the frame that its slider chooses.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.show.delivery.errors import opened
from kinesis_sim.show.delivery.figure import figure
from kinesis_sim.show.delivery.rows import as_rows, place_of, summary
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.breakage import PARTS, Breakage

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SCRIPT = Path(__file__).with_name("widget.js")
STEPS = {"minute": 1, "ten": 10}
_SAID = (
    *("notice.title", "now", "shown", "strip.title", "strip.ok", "strip.failed", "strip.object"),
    *("opened.title", "opened.none", "opened.code", "opened.message", "opened.attempts"),
    *("opened.raw", "control.slider", "control.time", "control.minute", "control.ten"),
)


class DeliveryDesk(CourseWidget):
    """A Firehose stream's pipeline, with faults to cause and error objects to open.

    It follows the simulator: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    opened = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)

    def __init__(self, sim: Simulator, stream: str, words: Words) -> None:
        self._sim, self._stream, self._words = sim, stream, words
        self._breakage = Breakage(sim, stream)
        self._seen = (0, 0)
        super().__init__(words={key: words.say(key) for key in _SAID})
        self.refresh()
        if self.rows["objects"]:
            self.look_into(self.rows["objects"][-1]["key"])
        self._follows(self._follow)

    def refresh(self) -> None:
        """Show the stream as it is now."""
        with self._sim.lock:
            rows = as_rows(self._sim, self._stream, self._words)
            self._seen = self._state()
        self.rows = rows | {"switches": self._switches(), "manual": self._sim.clock.is_manual}

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
        for each in self.rows["objects"]:
            if each["key"] == key:
                found = opened(self._sim, each["bucket"], key, self._words)
                self.opened = found | {"chosen": key}

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return summary(self.rows, self._words)

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self.rows, self._words)

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

    def _switches(self) -> list[dict[str, Any]]:
        """Names, labels and states of the buttons that break things."""
        rows = []
        for part in filter(self._breakage.can, PARTS):
            on = self._breakage.broken(part)
            label = self._words.say(
                f"control.{'mend' if on else 'break'}-{part}", place=self._place
            )
            rows.append({"part": part, "on": on, "label": label})
        return rows

    def _state(self) -> tuple[int, int]:
        broken = sum(2**n for n, part in enumerate(PARTS) if self._breakage.broken(part))
        return self._sim.clock.now, broken

    def _follow(self, *_: object) -> None:
        if self._seen != self._state():
            self.refresh()
