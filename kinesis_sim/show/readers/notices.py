"""What to notice in the readers' picture, in one or two sentences."""

from __future__ import annotations

from collections.abc import Sequence

from kinesis_sim.instants import SECOND
from kinesis_sim.show.kit.numbers import lag_said
from kinesis_sim.show.kit.words import Words
from kinesis_sim.show.readers.fold import Readers, Spot

TOLD_MS = 15 * SECOND
"""How long a lease that moved, or a batch that was given up, is news."""
CALM_MS = 20 * SECOND


class Notices:
    """Sentences about instants of one history; names and shards are those that are drawn."""

    def __init__(
        self, readers: Readers, names: Sequence[str], shards: Sequence[int], words: Words
    ) -> None:
        self._readers, self._words = readers, words
        self._names, self._shards = set(names), set(shards)

    def of(self, spots: Sequence[Spot], at: int) -> str:
        """What to notice at an instant (epoch ms), at most two things."""
        if not spots:
            return self._words.say("notice.nobody")
        found = [
            *self._crashed(spots, at),
            *self._failing(spots),
            *self._moved(at),
            *self._gone(at),
        ]
        return " ".join(found[:2]) or self._plain(spots)

    def _crashed(self, spots: Sequence[Spot], at: int) -> list[str]:
        found = []
        for worker in sorted({s.worker for s in spots if s.state == "crashed" and s.worker}):
            own = [spot for spot in spots if spot.worker == worker and spot.state == "crashed"]
            since = self._readers.crashed_at(worker, at)
            found.append(
                self._words.say(
                    "notice.crashed",
                    worker=worker,
                    seconds=0 if since is None else (at - since) // SECOND,
                    shards=shards_said([spot.shard for spot in own], self._words),
                    reader=own[0].reader,
                )
            )
        return found

    def _failing(self, spots: Sequence[Spot]) -> list[str]:
        found = []
        for reader in sorted({spot.reader for spot in spots if spot.state == "failing"}):
            own = [spot for spot in spots if spot.reader == reader and spot.state == "failing"]
            lag = lag_said(max(spot.lag for spot in own), self._words)
            shards = shards_said([spot.shard for spot in own], self._words)
            said = self._words.say("notice.failing", reader=reader, lag=lag, shards=shards)
            alone = all(spot.reader == reader for spot in spots)
            found.append(said if alone else f"{said} {self._words.say('notice.beside')}")
        return found

    def _moved(self, at: int) -> list[str]:
        news = [
            move
            for move in self._readers.moves
            if move.was is not None and move.shard in self._shards and 0 <= at - move.at < TOLD_MS
        ]
        found = []
        for worker, was in sorted({(move.became, move.was or "") for move in news}):
            own = [move for move in news if (move.became, move.was) == (worker, was)]
            since = self._readers.crashed_at(was, own[-1].at)
            found.append(
                self._words.say(
                    "notice.stolen" if since is None else "notice.moved",
                    worker=worker,
                    was=was,
                    shards=shards_said([move.shard for move in own], self._words),
                    seconds=0 if since is None else (own[-1].at - since) // SECOND,
                )
            )
        return found

    def _gone(self, at: int) -> list[str]:
        news = [gone for gone in self._readers.given_up if 0 <= at - gone.at < TOLD_MS]
        return [
            self._words.say(
                "notice.given-up",
                reader=news[-1].function.rpartition(":")[2],
                count=sum(gone.records for gone in news),
                shards=shards_said(
                    [int(gone.shard.rpartition("-")[2]) for gone in news], self._words
                ),
            )
        ] if news else []  # fmt: skip

    def _plain(self, spots: Sequence[Spot]) -> str:
        worst = max(spots, key=lambda spot: spot.lag)
        lag = lag_said(worst.lag, self._words)
        kinds = {kind: name for name, kind in self._readers.kinds.items() if name in self._names}
        if worst.lag <= CALM_MS and len(kinds) > 1:
            habits = [self._words.say(f"habit.{k}", reader=name) for k, name in kinds.items()]
            return self._words.say("notice.calm", lag=lag, readers=", ".join(habits))
        return self._words.say(
            "notice.furthest",
            reader=worst.reader,
            lag=lag,
            shards=shards_said([worst.shard], self._words),
            count=self._words.number(worst.waiting),
        )


def shards_said(shards: Sequence[int], words: Words) -> str:
    """ "shard 1", "shards 0 and 2"."""
    numbers = sorted(set(shards))
    form = "one" if len(numbers) == 1 else "many"
    return words.say(f"shards.{form}", list=words.listed(numbers))
