"""The control room as a widget: a scene that plays, and buttons that break it.

The browser asks for a stretch of simulated time; the scene runs it here, on the simulator's clock,
and its rows go back. The browser lays rows out and moves dots along lines: rates, lags, leases and
sentences are worked out here and nowhere else. No wish takes longer than ``LONGEST_S`` simulated
seconds, so that the kernel stays free for cells.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.errors import KinesisSimError
from kinesis_sim.show.control_room.figure import figure
from kinesis_sim.show.control_room.fold import SHOWN, ControlRows, Json
from kinesis_sim.show.kit.widget import CourseWidget, after_every_cell, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.workloads.scenes.scene import FAULTS, HOT, SLOW_MS, PedalaScene

SCRIPT = Path(__file__).with_name("widget.js")
SPEEDS = (1, 2, 5, 10)
"""Simulated seconds per second of watching."""
LONGEST_S = 10
JUMP_S = 60
WHOLE = 2 * LONGEST_S  # rows of which the browser gets everything
_SAID = (
    *("notice.title", "column.senders", "column.shards", "column.lag", "column.readers"),
    *("column.now", "legend.stored", "legend.limit", "legend.refused", "legend.reader"),
)


class ControlRoom(CourseWidget):
    """Producers, shards and consumers of a scene, live, with five faults to cause and to mend.

    It follows the scene: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    feed = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, scene: PedalaScene, words: Words) -> None:
        self._scene, self._words = scene, words
        self._room = ControlRows(scene, words)
        self._reply, self._answered = "", 0
        self._sought = 0
        super().__init__(words=_said(words) | self._room.head())
        self._push()
        self.on_msg(self._heard)
        self._forget = after_every_cell(self._follow)

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
        shard = self._scene.hot_shard if name == "hot_key" else self._scene.poison_shard
        key = f"{'on' if on else 'undone'}.{name}"
        self._reply = self._words.say(key, hot=HOT, ms=SLOW_MS, shard=shard)
        self._push()

    def summary(self) -> str:
        """What the room shows, in one text."""
        row = self._room.rows[-1]
        stream, time, notice = self._scene.application.stream, row["time"], row["notice"]
        return self._words.say("summary", stream=stream, time=time, notice=notice)

    def close(self) -> None:
        """End the widget: it follows the scene no longer."""
        self._forget()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Beside the widget, a picture for places without a kernel: GitHub shows it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0].pop("text/html", None)
            drawn = figure(self._shown(), self._room.head(), self._words)
            bundle[0]["image/png"] = b64encode(drawn.png()).decode()
        return bundle

    # --- wishes from the browser --------------------------------------------------------------

    def _heard(self, _: object, wish: Any, __: object) -> None:
        match wish:
            case {"kind": "advance", "seconds": int(seconds)} if 1 <= seconds <= LONGEST_S:
                self.advance(seconds)
            case {"kind": "jump"}:
                self.jump()
            case {"kind": "fault", "name": str(name)} if name in FAULTS:
                self.fault(name)

    def _run(self, seconds: int) -> bool:
        """Move the clock; True when an event of note lies in what passed, or it did not move."""
        try:
            self._scene.sim.advance(seconds=seconds)
        except KinesisSimError as error:
            self._reply = self._words.say("reply.refused", error=error)
            return True
        return any(row["event"] for row in self._room.take())

    def _follow(self, *_: object) -> None:
        if self._room.take():
            self._push()

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
            "reply": self._reply,
            "answered": self._answered,
            "more": more,
            "manual": self._scene.sim.clock.is_manual,
        }


def _bars(row: Json) -> Json:
    shards = [{key: shard[key] for key in ("shard", "full", "refused")} for shard in row["shards"]]
    return {"n": row["n"], "shards": shards}


def _said(words: Words) -> dict[str, Any]:
    said: dict[str, Any] = {key: words.say(key) for key in _SAID}
    said |= {f"control.{name}": text for name, text in words.under("control").items()}
    faults = [(name, words.say(f"fault.{name}")) for name in FAULTS]
    return said | {"faults": faults, "speeds": SPEEDS}
