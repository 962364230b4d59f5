"""What the player says: of a session, and of the fragments that its playlist lists."""

from __future__ import annotations

from kinesis_sim.show.kit.numbers import decimal
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.player.fold import Screening, Segment


class Told:
    """One session in one language."""

    def __init__(self, screening: Screening, words: Words) -> None:
        self._screening, self._words = screening, words

    @property
    def title(self) -> str:
        """What it is."""
        return self._words.say("title")

    @property
    def notice(self) -> str:
        """What the playlist says now, or why there is none."""
        found, say = self._screening, self._words.say
        if found.status != 200:
            return say("refused", status=found.status, why=found.why)
        seconds = sum(segment.seconds for segment in found.segments)
        said = self._words.count(
            "notice", len(found.segments), seconds=decimal(seconds, self._words)
        )
        begins = self.time(found.segments[0]) if found.segments else ""
        if begins:
            said += " " + say("begins", time=begins)
        return f"{said} {say('over' if found.over else 'grows')}"

    @property
    def summary(self) -> str:
        """All of it in one text."""
        return f"{self.title}. {self.notice}"

    def time(self, segment: Segment) -> str:
        """The time of day that the playlist gives a fragment, or ""."""
        return segment.said.partition("T")[2][:8]

    def length(self, segment: Segment) -> str:
        """How long a fragment lasts."""
        return f"{decimal(segment.seconds, self._words)} s"
