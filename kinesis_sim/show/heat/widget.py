"""The load mixer as a widget: controls, and the heat map of what that load does to a stream.

What the browser sends back is a wish, the places of the controls. The load is played here, and its
rows and sentences are worked out here; the browser only draws them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from kinesis_sim.instants import SECOND
from kinesis_sim.show.heat.figure import figure, opacity
from kinesis_sim.show.heat.fold import Cell, HeatMap
from kinesis_sim.show.heat.mix import Mix, mixed
from kinesis_sim.show.heat.notices import mixed_notice, percent, setting, settings, takes
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.timeline import duration
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words

SCRIPT = Path(__file__).with_name("widget.js")
TICK_S = 5
_SAID = (
    *("now", "quiet", "column.refused", "legend.full", "legend.refused", "notice.title"),
    *("mixer.title", "mixer.subtitle", "mixer.running"),
)


class LoadMixer(CourseWidget):
    """Rate, size, hot key, shards, rhythm and retry as controls over a heat map, shard by time."""

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, mix: Mix, words: Words) -> None:
        self._words = words
        said = {key: words.say(key) for key in _SAID}
        controls = Mix.controls(
            words, lambda name, step: setting(Mix.of({name: step}), name, words)
        )
        super().__init__(words=said, controls=controls)
        self.play(mix)

    def play(self, mix: Mix) -> None:
        """Play a mix and show what it did."""
        self.mix, self._result = mix, mixed(mix)
        self._said = mixed_notice(mix, self._result, self._words)
        drawn = as_rows(self._result.heat, self._words)
        self.rows = drawn | {"places": mix.places, "notice": self._said}

    def summary(self) -> str:
        """What the mixer shows, in one text."""
        chosen = settings(self.mix, self._words)
        return self._words.say("mixer.summary", setting=chosen, notice=self._said)

    def drawn(self) -> Sheet:
        """What it shows now, for places without a kernel: GitHub shows it."""
        return figure(self._result.heat, self._words, self._said)

    def _wished(self, wish: Any) -> None:
        """Play what the controls ask for; anything that is no mix is not heard."""
        if (mix := Mix.wished(wish)) is not None:
            self.play(mix)


def as_rows(heat: HeatMap, words: Words) -> dict[str, Any]:
    """A heat map as JSON: only what is laid out, nothing to compute but places on the page."""
    return {
        "takes": takes(heat.limits, words),
        "caption": words.say("caption", width=duration(heat.width)),
        "columns": heat.columns,
        "ticks": _ticks(heat),
        "lanes": _lanes(heat, words),
        "cells": [_cell_row(cell, heat, words) for cell in heat.cells],
        "scale": [opacity(step / 4) for step in range(5)],
    }


def _ticks(heat: HeatMap) -> list[tuple[float, str]]:
    """(place from 0 to 1, label): seconds since the first column."""
    seconds = heat.columns * heat.width // SECOND
    return [(second / seconds, f"{second} s") for second in range(0, seconds + 1, TICK_S)]


def _lanes(heat: HeatMap, words: Words) -> list[dict[str, Any]]:
    return [
        {
            "shard": row.shard,
            "name": words.say("shard", number=row.shard),
            "hue": theme.shard_hue(row.shard),
            "full": words.say("fullest", percent=percent(row.fullest.full))
            if row.fullest is not None
            else words.say("quiet"),
            "refused": words.number(row.throttled),
            "throttled": row.throttled > 0,
        }
        for row in heat.sums
    ]


def _cell_row(cell: Cell, heat: HeatMap, words: Words) -> list[Any]:
    """Shard, column, opacity of what was stored, part that was refused, and both in words."""
    said = words.say(
        "cell.refused" if cell.throttled else "cell.calm",
        shard=words.say("shard", number=cell.shard),
        time=duration(cell.column * heat.width),
        records=words.number(cell.records),
        throttled=words.number(cell.throttled),
        percent=percent(cell.full),
    )
    strength = round(opacity(cell.full / heat.top), 3) if cell.records else 0
    return [cell.shard, cell.column, strength, round(cell.refused, 3), said]
