"""The fragment timeline as a widget: a camera to film with, a line to cut, time to let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.show.fragments.fold import footage
from kinesis_sim.show.fragments.scene import Picture
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.filming import Filming

HOURS = (0, 1, 24)
"""Retentions to choose from."""
ACTS = {
    "film": lambda filming: filming.film(),
    "late": lambda filming: filming.film_offline(),
    "cut": lambda filming: filming.cut(),
    "long": lambda filming: filming.film_long(),
    "hour": lambda filming: filming.sim.advance(hours=1),
}
"""What each button does."""


class FragmentDesk(Desk):
    """Fragments by two clocks, and what befalls them; it follows the stream."""

    def __init__(self, filming: Filming, words: Words) -> None:
        self._filming, self._sim, self._words = filming, filming.sim, words
        super().__init__("fragments")

    def act(self, what: str) -> None:
        """Do what a button says: "film", "late", "cut", "long" or "hour"."""
        self._done(lambda: ACTS[what](self._filming), what)

    def keep(self, hours: int) -> None:
        """Change the retention."""
        self._done(lambda: self._filming.keep(hours), "keep")

    def _done(self, run: Any, what: str) -> None:
        before = self._filming.hours
        try:
            run()
        except KinesisSimError as error:
            self.reply = self._words.say("reply.refused", error=error)
        else:
            hours = self._filming.hours
            self.reply = self._words.say(f"reply.{what}", hours=hours, before=before)
        self.refresh()

    def _made(self) -> Page:
        rows = footage(self._sim, self._filming.stream)
        return Picture(rows, self._words).page(self._controls())

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "act", "what": str(what)} if what in ACTS:
                self.act(what)
            case {"kind": "keep", "value": int(place)} if 0 <= place < len(HOURS):
                self.keep(HOURS[place])

    def _controls(self) -> list[Control]:
        say, manual = self._words.say, self._sim.clock.is_manual
        found = [
            self._button(what, "act", "what", enabled=manual, apart=what == "hour") for what in ACTS
        ]
        hours = self._filming.hours
        steps = [say("control.hours", hours=each) for each in HOURS]
        place = max(n for n, each in enumerate(HOURS) if each <= hours)
        return [*found, Control("keep", say("control.keep"), {"kind": "keep"}, value=place,
                                steps=steps, choice=True, enabled=manual)]  # fmt: skip
