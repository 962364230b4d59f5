"""The control room as a widget: a scene that plays, and buttons that break it and cure it.

The browser asks for a stretch of simulated time; the scene runs it here, on the simulator's clock,
and its rows go back. The browser lays rows out and moves dots along lines: rates, lags, leases and
sentences are worked out here and nowhere else. No wish takes longer than ``LONGEST_S`` simulated
seconds, so that the kernel stays free for cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.instants import SECOND
from kinesis_sim.show.control_room.asks import AFTER_S, OPTIONS, outcome
from kinesis_sim.show.control_room.figure import figure
from kinesis_sim.show.control_room.fold import SHOWN, ControlRows, Json
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import full
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.cures import CURES
from kinesis_sim.workloads.scenes.dashboard import SLOW_MS
from kinesis_sim.workloads.scenes.scene import FAULTS, HOT, PedalaScene

SCRIPT = Path(__file__).with_name("widget.js")
SPEEDS = (1, 2, 5, 10)
"""Simulated seconds per second of watching."""
LONGEST_S = 10
JUMP_S = 60
MOST_VOTES = 999
"""For one option."""
WHOLE = 2 * LONGEST_S  # rows of which the browser gets everything
_SAID = (
    *("notice.title", "column.senders", "column.shards", "column.lag", "column.readers"),
    *("column.now", "legend.stored", "legend.limit", "legend.refused", "legend.reader"),
)


class ControlRoom(CourseWidget):
    """Producers, shards and consumers of a scene, live: six faults to cause, five cures to try.

    ask: whether a fault's button asks what will happen before it shows it; a button changes that.
    It follows the scene: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    feed = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, scene: PedalaScene, words: Words, *, ask: bool = True) -> None:
        self._words = words
        self._asks = ask
        self._reply, self._answered = "", 0
        self._enter(scene)
        super().__init__(words=_said(words) | self._room.head())
        self._push()
        self._follows(self._follow)

    @property
    def scene(self) -> PedalaScene:
        """What it shows now; another one after each restart."""
        return self._scene

    def _enter(self, scene: PedalaScene) -> None:
        """Show a scene, from now on."""
        self._scene = scene
        self._room = ControlRows(scene, self._words)
        self._sought = 0
        self._asked = ""
        self._guess: tuple[str, str, int] | None = None
        self._votes: dict[str, int] = {}

    def refresh(self) -> None:
        """Show the scene as it is now."""
        self._room.take()
        self._push()

    def advance(self, seconds: int) -> None:
        """Let the scene run for some simulated seconds."""
        self._run(seconds)
        self._answer()

    def jump(self) -> bool:
        """Run on until something begins or ends, ``LONGEST_S`` seconds at most; whether it did.

        After ``JUMP_S`` seconds of calls in a row without an event it says so and gives up.
        """
        found = any(self._run(1) for _ in range(LONGEST_S))
        self._sought = 0 if found else self._sought + LONGEST_S
        if self._sought >= JUMP_S:
            self._reply = self._words.say("reply.none", seconds=self._sought)
            self._sought, found = 0, True
        self._answer(more=not found)
        return found

    def fault(self, name: str) -> None:
        """Cause a fault, or undo it when it is there, and say what to watch."""
        on = name not in self._scene.faults
        if on:
            getattr(self._scene, name)()
        else:
            self._scene.undo(name)
        self._asked = ""
        self._reply = self._said(f"{'on' if on else 'undone'}.{name}", name)
        self._push()

    def cure(self, name: str) -> None:
        """Change what may help, of ``scenes.cures.CURES``, and say what to watch."""
        try:
            changed = self._scene.cure(name)
        except KinesisSimError as error:
            self._reply = self._words.say("cured.refused", error=error)
        else:
            key = f"cured.{name}" if changed else "cured.nothing"
            self._reply = self._words.say(key, **changed)
        self._push()

    def restart(self) -> None:
        """Begin again at the scene's known second, without faults or cures."""
        self._enter(self._scene.again())
        time = self._room.rows[-1]["time"]
        self._reply = self._words.say("again", time=time)
        self._answer()

    # --- asking first -------------------------------------------------------------------------

    def ask(self, on: bool) -> None:
        """Whether faults are asked about before they are shown."""
        self._asks, self._asked = on, ""
        self._push()

    def guess(self, option: str, votes: Mapping[str, int] | None = None) -> None:
        """Answer what was asked, and cause the fault; no option of it just shows.

        votes: how many in the room chose each option; they are judged along with the answer.
        """
        fault, self._asked = self._asked, ""
        if not fault:
            return
        self._guess = None
        self.fault(fault)
        chosen = option if option in OPTIONS[fault] else ""
        given = (votes or {}).items()
        self._votes = {name: count for name, count in given if name in OPTIONS[fault] and count}
        if chosen or self._votes:
            self._guess = (fault, chosen, self._scene.seconds)
            due = full(self._scene.rows[-1].at + (AFTER_S + 1) * SECOND)
            said = {"guess": self._option(fault, chosen)} if chosen else {}
            form = "soon" if chosen else "counted"
            self._reply += " " + self._words.say(f"verdict.{form}", time=due, **said)
        self._push()

    def tried(self, fault: str) -> tuple[str, list[str], str]:
        """Cause a fault and wait until it shows: the question, its options, and what happened."""
        self._asked = fault
        question = self._question()
        assert question is not None
        self.fault(fault)
        self._run(AFTER_S)
        answer = self._option(fault, outcome(fault, list(self._scene.rows)[-AFTER_S:]))
        return question["text"], [said for option, said in question["options"] if option], answer

    def _judge(self) -> None:
        """Say what became of a guess, once its time has come."""
        if self._guess is None:
            return
        fault, option, since = self._guess
        past = self._scene.seconds - since
        if past < AFTER_S:
            return
        self._guess = None
        rows = list(self._scene.rows)[-past:][:AFTER_S]
        answer = outcome(fault, rows)
        said = {"answer": self._option(fault, answer)}
        if option:
            said["guess"] = self._option(fault, option)
        form = "shown" if not option else "right" if answer == option else "wrong"
        self._reply = self._words.say(f"verdict.{form}", **said) + self._in_the_room(answer)

    def _in_the_room(self, answer: str) -> str:
        """How many of those who voted were right; nothing when nobody voted."""
        if not (voted := sum(self._votes.values())):
            return ""
        return " " + self._words.say("verdict.room", right=self._votes.get(answer, 0), all=voted)

    def _option(self, fault: str, option: str) -> str:
        return self._words.say(f"ask.{fault}.{option}")

    def _question(self) -> Json | None:
        """What is asked now: a text, and options by name."""
        if not (fault := self._asked):
            return None
        options = [[option, self._option(fault, option)] for option in OPTIONS[fault]]
        skip = ["", self._words.say("ask.skip")]
        return {"text": self._said(f"ask.{fault}.question", fault), "options": [*options, skip]}

    def _said(self, key: str, fault: str) -> str:
        scene = self._scene
        shard = scene.hot_shard if fault == "hot_key" else scene.poison_shard
        return self._words.say(key, hot=HOT, ms=SLOW_MS, shard=shard)

    def summary(self) -> str:
        """What the room shows, in one text."""
        row = self._room.rows[-1]
        stream, time, notice = self._scene.application.stream, row["time"], row["notice"]
        return self._words.say("summary", stream=stream, time=time, notice=notice)

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._shown(), self._head(), self._words)

    # --- wishes from the browser --------------------------------------------------------------

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "advance", "seconds": int(seconds)} if 1 <= seconds <= LONGEST_S:
                self.advance(seconds)
            case {"kind": "jump"}:
                self.jump()
            case {"kind": "fault", "name": str(name)} if name in FAULTS:
                self._pressed(name)
            case {"kind": "cure", "name": str(name)} if name in CURES:
                self.cure(name)
            case {"kind": "restart"}:
                self.restart()
            case {"kind": "ask", "on": bool(on)}:
                self.ask(on)
            case {"kind": "guess", "option": str(option)}:
                self.guess(option, _counts(wish.get("votes")))

    def _pressed(self, fault: str) -> None:
        """Ask what a fault will do, or cause or undo it."""
        if not self._asks or fault in self._scene.faults:
            self.fault(fault)
            return
        self._asked = fault
        self._push()

    def _run(self, seconds: int) -> bool:
        """Move the clock; True when an event of note lies in what passed, or it did not move."""
        if hindrance := self._passed(self._scene.sim, seconds=seconds):
            self._reply = hindrance
            return True
        fresh = self._room.take()
        self._judge()
        return any(row["event"] for row in fresh)

    def _follow(self, *_: object) -> None:
        if self._room.take():
            self._judge()
            self._push()

    def _head(self) -> Json:
        return self._room.head() | {"cost": self._room.cost()}

    def _shown(self) -> list[Json]:
        return list(self._room.rows)[-SHOWN:]

    def _answer(self, *, more: bool = False) -> None:
        """Show what a wish for time brought. more: it found nothing and may be asked again."""
        self._answered += 1
        self._push(more=more)

    def _push(self, *, more: bool = False) -> None:
        """All that changed, at once: one message to the browser.

        Of seconds that it has shown already it needs the bars only.
        """
        rows = list(self._room.rows)[-SHOWN - LONGEST_S :]
        self.feed = {
            "rows": rows[-WHOLE:],
            "past": [_bars(row) for row in rows[:-WHOLE]],
            "faults": {name: name in self._scene.faults for name in FAULTS},
            "cures": {name: [name in self._scene.cures, self._scene.can(name)] for name in CURES},
            "asks": self._asks,
            "question": self._question(),
            "cost": self._room.cost(),
            "reply": self._reply,
            "answered": self._answered,
            "more": more,
            "manual": self._scene.sim.clock.is_manual,
        }


def _counts(votes: object) -> dict[str, int]:
    """Votes as a browser sends them: whole numbers up to ``MOST_VOTES``; anything else is none."""
    if not isinstance(votes, dict):
        return {}
    whole = {name: count for name, count in votes.items() if type(count) is int}
    return {name: count for name, count in whole.items() if 0 < count <= MOST_VOTES}


def _bars(row: Json) -> Json:
    shards = [{key: shard[key] for key in ("shard", "full", "refused")} for shard in row["shards"]]
    return {"n": row["n"], "shards": shards}


def _said(words: Words) -> dict[str, Any]:
    said: dict[str, Any] = {key: words.say(key) for key in _SAID}
    said |= {f"control.{name}": text for name, text in words.under("control").items()}
    faults = [(name, words.say(f"fault.{name}")) for name in FAULTS]
    cures = [(name, words.say(f"cure.{name}")) for name in CURES]
    return said | {"faults": faults, "cures": cures, "speeds": SPEEDS}
