"""The readers' desk as a widget: time to move, workers to crash, a record to poison.

What the browser sends back is a wish. Places, lags and sentences are worked out here, a frame per
second; the browser draws the frame that its slider chooses.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.account.hashing import hash_key
from kinesis_sim.errors import KinesisSimError
from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit.widget import CourseWidget, after_every_cell, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.figure import figure
from kinesis_sim.show.readers.fold import Readers
from kinesis_sim.show.readers.rows import as_rows, summary
from kinesis_sim.workloads.scenes.audience import POISON_KEY, WORKERS

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.audience import Audience

SCRIPT = Path(__file__).with_name("widget.js")
SHOWN_S = 75
STEPS = {"second": 1, "ten": 10}
_SAID = ("now", "shown", "column.lag", "state.none", "legend.reader", "notice.title")


class ReaderDesk(CourseWidget):
    """Four readers on a stream: where each is, how far behind, and what befalls them.

    It follows the audience: after every notebook cell it shows what that cell changed; elsewhere
    ``refresh()`` does.
    """

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    reply = traitlets.Unicode().tag(sync=True)

    def __init__(self, audience: Audience, words: Words) -> None:
        self._audience, self._words = audience, words
        self._seen = -1
        said = {key: words.say(key) for key in _SAID}
        said |= {
            f"control.{name}": words.say(f"control.{name}") for name in ("slider", "time", *STEPS)
        }
        super().__init__(words=said)
        self.refresh()
        self.on_msg(self._heard)
        self._forget = after_every_cell(self._follow)

    def refresh(self) -> None:
        """Show the readers as they are now."""
        sim, name = self._audience.sim, self._audience.stream
        now = self._seen = sim.clock.now
        history = sim.show.history(name)
        begin = max(now - SHOWN_S * SECOND, history.begin)
        with sim.lock:
            readers = Readers(sim.streams[name], sim.events)
            instants = [*range(begin, now, SECOND), now]
            rows = as_rows(history, readers, (begin, now), instants, self._words)
        self.rows = rows | {"switches": self._switches(), "manual": sim.clock.is_manual}

    def advance(self, seconds: int) -> None:
        """Let simulated seconds pass, and show what they brought."""
        try:
            self._audience.sim.advance(seconds=seconds)
        except KinesisSimError as error:
            self.reply = self._words.say("reply.refused", error=error)
        else:
            self.reply = ""
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

    def summary(self) -> str:
        """What the picture shows, in one text."""
        return summary(self.rows, self._words)

    def close(self) -> None:
        """End the widget: it follows the audience no longer."""
        self._forget()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Beside the widget, a picture for places without a kernel: GitHub shows it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is not None:
            bundle[0].pop("text/html", None)
            bundle[0]["image/png"] = b64encode(figure(self.rows, self._words).png()).decode()
        return bundle

    # --- wishes from the browser --------------------------------------------------------------

    def _heard(self, _: object, wish: Any, __: object) -> None:
        match wish:
            case {"kind": "advance", "step": str(step)} if step in STEPS:
                self.advance(STEPS[step])
            case {"kind": "switch", "what": str(what)} if what in (*WORKERS, "poison"):
                self.switch(what)

    def _switches(self) -> list[dict[str, Any]]:
        """Names, labels and states of the buttons that break things."""
        rows = [
            {
                "what": worker,
                "on": not alive,
                "label": self._words.say(
                    f"control.{'crash' if alive else 'restart'}", worker=worker
                ),
            }
            for worker, alive in self._audience.alive.items()
        ]
        strict = self._audience.strict
        label = self._words.say(f"control.{'mend' if strict else 'poison'}")
        return [*rows, {"what": "poison", "on": strict, "label": label}]

    def _follow(self, *_: object) -> None:
        if self._seen != self._audience.sim.clock.now:
            self.refresh()
