"""A signaling channel as a widget: let a rider ring, the master come and answer, time pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.show.kit.desk import Desk
from kinesis_sim.show.kit.page import Page
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.signaling.fold import ChannelSteps, channel_steps
from kinesis_sim.show.signaling.scene import Picture

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.doorbell import Doorbell

RIDER = "ana"
ACTS = ("call", "duty", "answer", "wait")


class SignalingDesk(Desk):
    """The steps of an intercom's channel; it follows what happens there."""

    def __init__(self, bell: Doorbell, words: Words) -> None:
        self._bell, self._words = bell, words
        super().__init__("signaling")

    def act(self, what: str) -> None:
        """Do what a button says: "call", "duty", "answer" or "wait"."""
        try:
            with self._bell.sim.lock:
                said = getattr(self, f"_{what}")()
        except KinesisSimError as error:
            self.reply = self._words.say("reply.refused", error=error)
        else:
            self.reply = self._words.say(f"reply.{said}")
        self.refresh()

    def _call(self) -> str:
        rider = self._bell.viewers.get(RIDER)
        if rider is None or not rider.connected:
            rider = self._bell.viewer(RIDER)
        rider.offer()
        return "call"

    def _duty(self) -> str:
        self._bell.master()
        return "duty"

    def _answer(self) -> str:
        masters = self._bell.masters
        if not masters or not masters[-1].connected:
            return "nobody"
        masters[-1].answer(RIDER)
        return "answer"

    def _wait(self) -> str:
        self._bell.sim.advance(seconds=30)
        return "wait"

    def _made(self) -> Page:
        manual = self._bell.sim.clock.is_manual
        controls = [
            self._button(what, "act", "what", enabled=manual or what != "wait") for what in ACTS
        ]
        return Picture(self._state(), self._words, RIDER).page(controls)

    def _state(self) -> ChannelSteps:
        with self._bell.sim.lock:
            return channel_steps(self._bell.sim, self._bell.name)

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "act", "what": str(what)} if what in ACTS:
                self.act(what)
