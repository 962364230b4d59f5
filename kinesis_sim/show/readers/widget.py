"""The readers' desk as a widget: time to move, workers to crash, a record to poison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_sim.account.hashing import hash_key
from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.readers.scene import Picture
from kinesis_sim.workloads.scenes.audience import POISON_KEY, WORKERS

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.audience import Audience

SHOWN_S = 75
STEPS = {"second": 1, "ten": 10}


class ReaderDesk(Desk):
    """Four readers on a stream: where each is, how far behind, and what befalls them."""

    def __init__(self, audience: Audience, words: Words) -> None:
        self._audience, self._sim, self._words = audience, audience.sim, words
        super().__init__("readers")

    def advance(self, seconds: int) -> None:
        """Let simulated seconds pass, and show what they brought."""
        self.reply = self._passed(self._sim, seconds=seconds)
        self.refresh()

    def switch(self, what: str) -> None:
        """Crash a worker, or restart it; poison the function, or mend it."""
        audience = self._audience
        if what == "poison":
            done = "mend" if audience.strict else "poison"
            getattr(audience, done)()
        else:
            done = "crash" if audience.alive[what] else "restart"
            getattr(audience, done)(what)
        shard = audience.sim.streams[audience.stream].shard_for(hash_key(POISON_KEY)).index
        self.reply = self._words.say(f"reply.{done}", worker=what, shard=shard)
        self.refresh()

    def _made(self) -> Page:
        sim, name = self._sim, self._audience.stream
        now = sim.clock.now
        history = sim.show.history(name)
        begin = max(now - SHOWN_S * SECOND, history.begin)
        with sim.lock:
            readers = Readers(sim.streams[name], sim.events)
            instants = [*range(begin, now, SECOND), now]
            picture = Picture(history, readers, (begin, now), instants, self._words)
        return picture.page([*self._steps(STEPS), *self._switches()])

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "switch", "what": str(what)} if what in (*WORKERS, "poison"):
                self.switch(what)

    def _switches(self) -> list[Control]:
        """The buttons that break things, down while something is broken."""
        say, strict = self._words.say, self._audience.strict
        states = [
            (worker, not alive, say(f"control.{'crash' if alive else 'restart'}", worker=worker))
            for worker, alive in self._audience.alive.items()
        ]
        states.append(("poison", strict, say(f"control.{'mend' if strict else 'poison'}")))
        return [
            Control(what, label, {"kind": "switch", "what": what}, pressed=on, apart=not n)
            for n, (what, on, label) in enumerate(states)
        ]
