"""The player as a widget: the browser decodes what the session serves, segment by segment.

The page asks for one segment after the other, as any HLS player does; the kernel fetches it at the
session's address. Nothing is loaded from the internet, and no codec is needed but the browser's.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.widget import CourseWidget, script, style
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.player.figure import figure
from kinesis_sim.show.player.fold import fetch, screening
from kinesis_sim.show.player.words import Told

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

SCRIPT = Path(__file__).with_name("widget.js")
INIT = -1
"""Asks for what stands before all segments."""
_SAID = ("play", "again", "playlist", "fetched", "undecodable", "no-source", "failed", "list")


class HlsPlayer(CourseWidget):
    """Plays an HLS session of a video stream; its playlist is read again after every cell."""

    _esm = script(SCRIPT)
    _css = style(SCRIPT)

    rows = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    segment = traitlets.Dict().tag(sync=True)

    def __init__(self, sim: Simulator, address: str, words: Words) -> None:
        self._sim, self._address, self._words = sim, str(address), words
        super().__init__(words={key: words.say(key) for key in _SAID})
        self.refresh()
        self._follows(self._follow)

    def refresh(self) -> None:
        """Fetch the playlists again."""
        self._screening = found = screening(self._sim, self._address)
        self._seen = self._sim.clock.now
        self._told = told = Told(found, self._words)
        self.rows = {
            "title": told.title,
            "notice": told.notice,
            "codecs": found.codecs,
            "playlist": found.playlist,
            "over": found.over,
            "first": found.first,
            "fragments": [[told.time(each), told.length(each)] for each in found.segments],
        }

    def summary(self) -> str:
        """What the session shows, in one text."""
        return self._told.summary

    def drawn(self) -> Sheet:
        """Its fragments, for places without a kernel: GitHub shows it."""
        return figure(self._screening, self._told)

    def _wished(self, wish: Any) -> None:
        match wish:
            case {"kind": "segment", "number": int(number)} if self._lists(number):
                self._hand_over(number)
            case {"kind": "again"}:
                self.refresh()

    def _lists(self, number: int) -> bool:
        """Whether the playlist has a segment of this number, or an init for them."""
        found = self._screening
        return number == INIT or 0 <= number - found.first < len(found.segments)

    def _hand_over(self, number: int) -> None:
        """Fetch a segment and hand it over: its bytes, or why there are none."""
        found = self._screening
        segment = None if number == INIT else found.segments[number - found.first]
        page = fetch(self._sim, found.init if segment is None else segment.address)
        seconds = 0 if segment is None else segment.seconds
        if page.status == 200:
            data, why = b64encode(page.body).decode(), ""
        else:
            data = ""
            why = self._words.say("refused", status=page.status, why=page.body.decode())
        self.segment = {"number": number, "seconds": seconds, "data": data, "why": why}

    def _follow(self, *_: object) -> None:
        if self._seen != self._sim.clock.now:
            self.refresh()
