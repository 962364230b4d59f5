"""A diagram of states as a widget: where something is now, and the way it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.states.fold import Stop, table_of, way
from kinesis_sim.show.states.scene import Diagram

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator


class StatesDesk(Desk):
    """The life of one thing: a slider over the states it has been in; it follows the thing."""

    def __init__(self, sim: Simulator, of: str, name: str, words: Words) -> None:
        self._sim, self._of, self._thing, self._words = sim, of, name, words
        super().__init__("states")

    def _made(self) -> Page:
        return Diagram(table_of(self._of), self._words, self._state()).page(self._thing)

    def _state(self) -> tuple[Stop, ...]:
        with self._sim.lock:
            return way(self._sim, self._of, self._thing)
