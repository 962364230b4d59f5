"""The shard map as a widget: a slider over history, the clock's buttons, keys to pin.

What the browser sends back is a wish: move the clock, pin a key. Hashes, routes, retention and
sentences are worked out here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.instants import HOUR
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Control, Page
from kinesis_sim.show.kit.timeline import full
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.shards.notices import next_instant
from kinesis_sim.show.shards.scene import instants, page

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

STEPS = {"second": 1_000, "minute": 60_000, "hour": HOUR}
"""What the clock's buttons add, in ms."""
MOST_PINS = 8
LONGEST_KEY = 256


class ShardMap(Desk):
    """A stream's shards over its history, with the clock's buttons and keys to pin.

    It follows the stream: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does.
    """

    def __init__(self, sim: Simulator, stream: str, keys: Sequence[str], words: Words) -> None:
        self._sim, self._stream, self._words = sim, stream, words
        self._keys = list(keys)
        self._shown: int | None = None
        super().__init__("shards")

    def pin(self, key: str, at: int | None = None) -> None:
        """Pin a partition key to the ring and its shard, or take it off again when it is there.

        at: the instant that is shown (epoch ms), to say where the key lands then; now unless given.
        """
        if not 1 <= len(key) <= LONGEST_KEY:
            self.reply = self._words.say("reply.long")
            return
        if key in self._keys:
            self._keys.remove(key)
        else:
            self._keys = [*self._keys, key][-MOST_PINS:]
        self._shown = at
        self.refresh()
        self._shown = None
        pin = self._history.pin(key)
        home, start = pin.home(self._history.now if at is None else at), f"{pin.hash:032x}"[:6]
        said = "reply.homeless" if home is None else "reply.pin"
        self.reply = self._words.say(said, key=key, hash=start, shard=home)

    def advance(self, ms: int) -> None:
        """Move the simulator's clock forward and show what that did."""
        self._move(self._sim.clock.now + ms)

    def next_event(self) -> None:
        """Move the clock to the next scheduled action, or the next trimming."""
        self.refresh()
        instant = next_instant(self._history, self._sim.clock.next_due())
        if instant is None:
            self.reply = self._words.say("reply.nothing")
        else:
            self._move(instant)

    def _made(self) -> Page:
        self._history = rows = self._sim.show.history(self._stream)
        shown = rows.now if self._shown is None else self._shown
        return page(
            rows, instants(rows), self._keys, self._words, controls=self._controls(), shown=shown
        )

    def _state(self) -> object:
        if self._stream not in self._sim.streams.streams:
            return self._seen  # its last picture stays
        return self._sim.clock.now, self._sim.events.appended

    def _controls(self) -> list[Control]:
        say = self._words.say
        wishes: dict[str, dict[str, Any]] = {
            step: {"kind": "advance", "step": step} for step in STEPS
        }
        wishes["next"] = {"kind": "next"}
        more: dict[str, Any] = {"enabled": self._sim.clock.is_manual, "bar": say("control.clock")}
        pin, hint = {"kind": "pin", "at": None}, say("control.key-hint")
        return [
            *(Control(name, say(f"control.{name}"), wishes[name], **more) for name in wishes),
            Control("key", say("control.key"), pin, hint=hint),
        ]

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "next"}:
                self.next_event()
            case {"kind": "pin", "value": str(key), "at": None | int() as at}:
                self.pin(key, at)

    def _move(self, instant: int) -> None:
        try:
            self._sim.run_until(instant)
        except KinesisSimError as error:
            self.reply = self._words.say("reply.refused", error=error)
        else:
            self.reply = self._words.say("reply.moved", time=full(self._sim.clock.now))
        self.refresh()
