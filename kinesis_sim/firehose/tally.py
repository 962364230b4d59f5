"""Where every accepted record of a Firehose stream is: nothing is ever silently gone."""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.words import Speaking, spoken


@dataclass(slots=True)
class Tally(Speaking):
    """Records by what became of them. The conservation law, at every instant:

    ``accepted == delivered + dropped + errors + lost + buffered``, where buffered is what is still
    in a buffer or under way. A record that de-aggregation splits counts as its parts.

    dropped: by a transform's ``Dropped``; errors: in the error output in S3; lost: expired after
    the documented window, or refused for good by an HTTP endpoint.
    """

    accepted: int = 0
    delivered: int = 0
    dropped: int = 0
    errors: int = 0
    lost: int = 0

    @property
    def buffered(self) -> int:
        """Records that Firehose still holds."""
        return self.accepted - self.delivered - self.dropped - self.errors - self.lost

    def said(self) -> str:
        """The law with its numbers."""
        words = spoken("firehose")
        names = ("accepted", "delivered", "dropped", "errors", "lost")
        numbers = {name: words.number(getattr(self, name)) for name in names}
        return words.say("tally", held=words.number(self.buffered), **numbers)
