"""What the fragment timeline says: sentences from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kinesis_sim.instants import HOUR
from kinesis_sim.show.fragments.fold import Footage, Shot
from kinesis_sim.show.kit.numbers import lag_said
from kinesis_sim.show.kit.timeline import duration, full
from kinesis_sim.show.kit.words import Words

STATES = ("stored", "held", "waiting", "gone", "lost", "failed")


class Told:
    """One set of rows in one language."""

    def __init__(self, rows: Footage, words: Words) -> None:
        self._rows, self._words = rows, words

    def notice(self, at: int) -> str:
        """What to notice at an instant (epoch ms), most telling first."""
        return " ".join((*self._counts(at), *self._trouble(at), *self._delay(at), *self._kept(at)))

    def counts(self, at: int) -> Counter[str]:
        """How many fragments are in each state."""
        return Counter(filter(None, (self._rows.state(shot, at) for shot in self._rows.shots)))

    def kept(self, at: int) -> str:
        """The retention in a few words."""
        hours = self._rows.hours(at)
        return self._words.say("kept.some", hours=hours) if hours else self._words.say("kept.none")

    def _counts(self, at: int) -> Iterator[str]:
        counts = self.counts(at)
        if not counts:
            yield self._words.say("notice.none")
            return
        said = [self._words.say(f"count.{s}", count=counts[s]) for s in STATES if counts[s]]
        yield ", ".join(said).capitalize() + "."

    def _trouble(self, at: int) -> Iterator[str]:
        """What went wrong with the fragment that came last."""
        newest = self._newest(at)
        if newest is None or newest.lost is None or newest.lost > at:
            return
        refusal = self._rows.refusal(at)
        if newest.error and refusal is not None:
            number = "" if refusal.error_id is None else f"{refusal.error_id} "
            key = f"error.{refusal.error}"
            known = self._words.under("error")
            why = self._words.say(key if refusal.error in known else "error.other")
            yield self._words.say("notice.error", error=f"{number}{refusal.error}", why=why)
        elif not newest.error:
            yield self._words.say("notice.cut")

    def _delay(self, at: int) -> Iterator[str]:
        newest = self._newest(at)
        if newest is None:
            return
        delay = newest.began - newest.produced
        if delay < 0:
            yield self._words.say("notice.ahead", delay=lag_said(-delay, self._words))
        else:
            yield self._words.say("notice.delay", delay=lag_said(delay, self._words))

    def _kept(self, at: int) -> Iterator[str]:
        hours = self._rows.hours(at)
        if not hours:
            buffer = duration(self._rows.buffer_ms)
            yield self._words.say("notice.nothing-kept", buffer=buffer)
            return
        oldest = [shot for shot in self._rows.shots if self._rows.state(shot, at) == "stored"]
        if oldest:
            time = full(oldest[0].began + hours * HOUR)
            yield self._words.say("notice.kept", hours=hours, time=time)

    def _newest(self, at: int) -> Shot | None:
        return next((shot for shot in reversed(self._rows.shots) if shot.began <= at), None)
