"""What to notice at an instant of a stream's history, in sentences derived from its rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from kinesis_sim.show.kit.history import History
from kinesis_sim.show.kit.shares import Tally
from kinesis_sim.show.kit.timeline import Times
from kinesis_sim.show.kit.words import Words

HOT_PERCENT = 75
HOT_RECORDS = 10
"""One of several open shards that took this share of at least so many records is worth a word."""


class Notices:
    """The sentences of one history in one language."""

    def __init__(self, history: History, times: Times, words: Words) -> None:
        self._history = history
        self._times = times
        self._words = words
        self._all = Tally(history.shares)
        shards = sorted({share.shard for share in history.shares})
        self._of = {
            shard: Tally(share for share in history.shares if share.shard == shard)
            for shard in shards
        }

    def at(self, instant: int) -> str:
        """What to notice at an instant (epoch ms), most telling first."""
        said = (self._status, self._change, self._records, self._trouble)
        return " ".join(text for say in said for text in say(instant))

    # --- sentences ----------------------------------------------------------------------------

    def _status(self, instant: int) -> Iterator[str]:
        since = [row for row in self._history.statuses if row[0] <= instant]
        _, status, why = since[-1]
        if status in {"CREATING", "UPDATING", "DELETING"}:
            yield self._words.say(f"notice.{status.lower()}", why=why)

    def _change(self, instant: int) -> Iterator[str]:
        """The newest reshard or change of retention, and what has expired since."""
        history, words = self._history, self._words
        expired = [
            lane.shard
            for lane in history.lanes
            if lane.expires is not None and lane.expires <= instant
        ]
        if expired:
            yield words.count("notice.expired", len(expired), shards=words.listed(sorted(expired)))
        beats = [beat for beat in history.beats if beat.at <= instant]
        if beats and beats[-1].old[0] not in expired:
            beat = beats[-1]
            old, new = words.listed(sorted(beat.old)), words.listed(beat.new)
            time = self._times.short(beat.at)
            yield words.say(f"notice.{beat.kind}", old=old, new=new, time=time)
        changes = [change for change in history.retentions if change.at <= instant]
        if changes:
            last = changes[-1]
            time = self._times.short(last.at)
            yield words.say("notice.retention", was=last.was, became=last.became, time=time)

    def _records(self, instant: int) -> Iterator[str]:
        history, words = self._history, self._words
        total, _ = self._all.until(instant)
        gone = self._all.before(min(history.horizon.at(instant), instant))
        if not total:
            if any(lane.opened <= instant for lane in history.lanes):
                yield words.say("notice.empty")
            return
        hours = history.horizon.hours(instant)
        numbers = {"total": words.number(total), "gone": words.number(gone), "hours": hours}
        if not gone:
            yield words.count("notice.kept", total, **numbers)
        elif gone == total:
            yield words.say("notice.gone-one" if total == 1 else "notice.gone-all", **numbers)
        else:
            yield words.say("notice.gone-many", **numbers)

    def _trouble(self, instant: int) -> Iterator[str]:
        """The shard that refused most; else the one that takes more than its share."""
        if not self._of:
            return
        tallies = {shard: tally.until(instant) for shard, tally in self._of.items()}
        worst = max(tallies, key=lambda shard: tallies[shard][1])
        refused = tallies[worst][1]
        if refused:
            yield self._words.count("notice.throttled", refused, shard=worst)
            return
        total, busiest = sum(n for n, _ in tallies.values()), max(tallies, key=tallies.__getitem__)
        percent = 100 * tallies[busiest][0] // max(total, 1)
        several = len(self._history.open_at(instant)) > 1
        if several and percent >= HOT_PERCENT and total >= HOT_RECORDS:
            yield self._words.say("notice.hot", shard=busiest, percent=percent)


def next_instant(history: History, due: int | None) -> int | None:
    """When something happens next (epoch ms); None when nothing will.

    The clock's next action (``due``), a record or a closed shard trimmed.
    """
    horizon, now = history.horizon, history.now
    times = [share.at for share in history.shares if share.records]
    oldest = bisect_left(times, horizon.at(now))
    coming = [horizon.passes(times[oldest])] if oldest < len(times) else []
    coming += [
        horizon.passes(lane.closed)
        for lane in history.lanes
        if lane.closed is not None and lane.expires is None
    ]
    if due is not None:
        coming.append(due)
    return min((at for at in coming if at > now), default=None)
