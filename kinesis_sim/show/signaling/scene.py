"""A channel's steps as a scene: peers side by side, the channel between them, time downwards.

A line of time is thick while its peer is connected. A message that reaches its recipient at once
crosses the channel; one that waits ends there, and starts there when it is handed over.
"""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit import marks
from kinesis_sim.show.kit.page import Control, Frame, Page, sign
from kinesis_sim.show.kit.scene import Scene, X
from kinesis_sim.show.kit.timeline import clock
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.signaling.fold import ChannelSteps, SignalStep
from kinesis_sim.video.signaling.messages import SERVICE

ROW, TOP, LEFT = 34, 50, 62
"""px: of a step, above the first, of the times at the left."""
MOST = 3
"""Viewers that have a column; what concerns others is told in words."""


class Picture:
    """The steps of one channel. rider: who has a column before she comes, and a button to come."""

    def __init__(self, talk: ChannelSteps, words: Words, rider: str = "") -> None:
        self._talk, self._words, self._rider = talk, words, rider
        clients = dict.fromkeys([rider, *talk.clients] if rider else talk.clients)
        self._columns: list[str | None] = [None, SERVICE, *list(clients)[:MOST]]

    def page(self, controls: Sequence[Control] = ()) -> Page:
        """The picture with what it says."""
        say, talk = self._words.say, self._talk
        frames = [
            Frame(n, clock(step.at), self._told(step)) for n, step in enumerate(talk.steps)
        ] or [Frame(0, clock(talk.now), self._nothing())]
        legend = [
            (sign("line", "step-taken"), say("legend.there")),
            (sign("line", "message", end="arrow"), say("legend.message")),
            (sign("line", "message-lost"), say("legend.lost")),
        ]
        return Page(
            title=say("title"),
            subtitle=say("subtitle", channel=talk.channel, ttl=talk.ttl),
            scenes=[self._drawn()],
            frames=frames,
            legend=legend,
            summary=" ".join([say("title") + ".", *(frame.notice for frame in frames)]),
            controls=controls,
            play_ms=700 * len(frames),
        )

    # --- words --------------------------------------------------------------------------------

    def _nothing(self) -> str:
        """What to do first, where there are buttons to do it with."""
        if not self._rider:
            return self._words.say("notice.nothing")
        first = self._words.say("control.call")
        return self._words.say("notice.begin", first=first, rider=self._rider)

    def _name(self, client: str | None) -> str:
        if client is None:
            return self._words.say("master")
        return self._words.say("service") if client == SERVICE else client

    def _told(self, step: SignalStep) -> str:
        why = step.said
        if step.kind == "gone":
            why = self._words.say(f"why.{step.said.replace(' ', '-')}")
        return self._words.say(
            f"notice.{step.kind}",
            sender=self._name(step.sender),
            recipient=self._name(step.recipient),
            action=step.action,
            seconds=step.waited // SECOND,
            ttl=self._talk.ttl,
            why=why,
        )

    # --- marks --------------------------------------------------------------------------------

    def _drawn(self) -> Scene:
        scene = Scene(LEFT, 4)
        rows = max(1, len(self._talk.steps))
        scene.height = TOP + ROW * rows + 6
        for client in self._columns:
            name = self._words.say("channel") if client == SERVICE else self._name(client)
            marks.peer(scene, self._at(client), 2, scene.height, name, width=92)
        if self._rider and not self._talk.steps:
            first = self._words.say("label.begin", first=self._words.say("control.call"))
            scene.text((self._at(SERVICE), self._y(0)), first, "label", align="middle")
        self._draw_presence(scene)
        for n, step in enumerate(self._talk.steps):
            with scene.during(n, None):
                time = clock(step.at)
                scene.text((X(0), self._y(n)), time, "said-quiet")
                self._draw(scene, step, self._y(n))
        return scene

    def _at(self, client: str | None) -> X:
        place = self._columns.index(client)
        share = (place + 0.5) / len(self._columns)
        return X(LEFT - share * (LEFT + 4), share)

    def _beside(self, start: str | None, end: str | None) -> X:
        """The column next to one, on the way to another."""
        place = self._columns.index(start)
        step = 1 if self._columns.index(end) > place else -1
        return self._at(self._columns[place + step])

    def _y(self, step: int) -> float:
        return TOP + ROW * (step + 0.5)

    def _draw_presence(self, scene: Scene) -> None:
        """A thick line of time for as long as somebody is connected."""
        there = set(self._talk.there)
        for n, step in enumerate(self._talk.steps):
            if step.kind == "connected":
                there.add(step.sender)
            elif step.kind == "gone":
                there.discard(step.sender)
            for client in [each for each in self._columns if each in there]:
                x, y = self._at(client), self._y(n)
                came = step.kind == "connected" and step.sender == client
                top = y if came or not n else y - ROW / 2
                with scene.during(n, None):
                    data = {"there": self._name(client)}
                    scene.line([(x, top), (x, y + ROW / 2)], "step-taken", data=data)

    def _draw(self, scene: Scene, step: SignalStep, y: float) -> None:
        drawn = {step.sender, step.recipient} <= {*self._columns}
        if step.kind in ("connected", "gone", "refused-peer"):
            if step.sender in self._columns:
                self._draw_peer(scene, step, y)
            return
        if not drawn:
            scene.text((X(LEFT + 4), y), self._told(step), "label")
            return
        start, end = self._way(step)
        lost = step.kind in ("expired", "refused")
        below = self._words.say(f"label.{step.kind}") if lost or step.kind == "kept" else ""
        if start == end:  # it waited, and nobody came
            x = self._at(start)
            scene.text((x + 12, y - 7), step.action, "label")
            scene.text((x + 12, y + 7), below, "label")
            marks.lost(scene, (x, y))
            return
        x, to, beside = self._at(start), self._at(end), self._beside(start, end)
        marks.message(scene, x, to, y, step.action, arrives=not lost, beyond=beside, below=below)

    def _way(self, step: SignalStep) -> tuple[str | None, str | None]:
        """Between which columns a step of a message is drawn."""
        if step.kind == "expired":
            return SERVICE, SERVICE
        if step.kind in ("kept", "refused"):
            return step.sender, SERVICE
        return (SERVICE if step.kind == "late" else step.sender), step.recipient

    def _draw_peer(self, scene: Scene, step: SignalStep, y: float) -> None:
        x = self._at(step.sender)
        if step.kind == "connected":
            scene.dot((x, y), 5, "change")
        else:
            marks.lost(scene, (x, y))
        why = step.said.replace(" ", "-")
        said = self._words.say(f"why.{why}") if step.kind == "gone" else ""
        said = said or self._words.say(f"label.{step.kind}")
        last = self._columns.index(step.sender) == len(self._columns) - 1
        shift, align = (-12, "end") if last else (12, "start")
        scene.text((x + shift, y), said, "label", align=align)
