"""What a long row of entries comes to, in few: the way by which the next start gets shorter.

Three kinds of input are made by the thousand and leave little: reads that found nothing, items that
are written over and over, and metrics that are published, of which a minute is kept. Whoever takes
such an input says what it came to (``Inputs.found``), once it is done:

    ["idle", service, operation, row]
                                 nothing but a row counted: one event, which tells that nothing was
                                 found (``Service.found_nothing``)
    ["items", account, region, caller, seed, rows]
                                 items of moto's tables became what ``rows`` say, and nothing else
                                 changed; each is table, key, hash key, range key and image
    ["minutes", service, operation, rows]
                                 minutes of metrics became what ``rows`` say, and nothing else
                                 changed; each is metric, minute (epoch ms) and image

Entries that have no such word stay as they are. Those that have become entries of four kinds:

    idle    reads in one stretch, between two other things that happened: [inputs, service, rows],
            each row with its instants (ms before the entry's own)
    items   the last image of each key, where somebody else may look at the tables next
    minutes the last image of each minute, where somebody else may look at the metrics next:
            [0, service, rows], each row with its minutes and a column for each of their numbers
    gap     so many inputs were here

``given`` begins with how many inputs an entry stands for. Laws:

1. What stays keeps its order, and its number.
2. A stretch ends where anything else came in, an action fired or another event was appended.
3. Images of items wait for the first entry that is not known to be blind to tables; those of
   minutes for the first that is not known to be blind to metrics, or the first action: an alarm may
   look at them.
4. A key is where it would be in its table: it keeps its place while it is written over, and comes
   last when it was deleted in between.
5. An image is what was there, not what came in: numbers added in another order are other numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kinesis_sim.journal.entry import SETTLED, Damaged, Entry
from kinesis_sim.journal.images import Effect, ItemImages, MinuteImages

IDLE, ITEMS, MINUTES, GAP = "idle", "items", "minutes", "gap"
FOLDED = frozenset({IDLE, ITEMS, MINUTES, GAP})
"""What only a folder holds; nobody sends it."""
WAITED = frozenset({ITEMS, MINUTES})
"""What came in at many places, all of them before the one where it is."""
_NO_TABLES = frozenset({"cloudwatch", "firehose", "kinesis"})
"""Services whose calls look at no table."""
_NO_METRICS = frozenset({"firehose", "kinesis"})
"""Services whose calls look at no metric."""
_BLIND = frozenset({IDLE, GAP, "move", "slot", "attempt", "next", "close"})


def weight(entry: Entry) -> int:
    """How many inputs an entry stands for. Raises Damaged."""
    if entry.kind not in FOLDED:
        return 1
    count = entry.given[0] if entry.given else None
    if type(count) is not int or count < 0:
        raise Damaged("An entry does not say how many inputs it stands for.")
    return count


def folded(entries: Iterable[Entry], effects: Mapping[int, Effect], first: int) -> list[Entry]:
    """Entries, shorter. effects: what inputs came to, by number; first: the number of the first."""
    fold, number = _Fold(), first
    for entry in entries:
        effect = effects.get(number) if entry.slot == SETTLED else None
        number += weight(entry)
        fold.go_to(entry)
        if effect is not None and effect[0] == IDLE and _is_own(entry, effect):
            fold.idle(entry, effect)
        elif effect is not None and effect[0] == MINUTES and _is_own(entry, effect):
            fold.minutes(entry, effect)
        elif effect is not None and effect[0] == ITEMS and entry.kind == "neighbour":
            fold.items(entry, effect)
        else:
            fold.keep(entry)
    return fold.end()


def _is_own(entry: Entry, effect: Effect) -> bool:
    """Whether a call came to that itself, and not by another that it made."""
    return entry.kind == "call" and entry.given[:2] == effect[1:3]


class _Fold:
    """A fold under way."""

    def __init__(self) -> None:
        self._out: list[Entry] = []
        self._stretch: list[tuple[Entry, Effect]] = []
        self._inside = 0  # inputs between those of the stretch that left nothing themselves
        self._gap: list[Entry] = []  # such inputs behind it, the last of them alone; how many
        self._gaps = 0
        self._items, self._minutes = ItemImages(), MinuteImages()
        self._item: Entry | None = None  # the newest write to tables, whose images wait
        self._minute: Entry | None = None  # that to metrics

    def go_to(self, entry: Entry) -> None:
        """The next is this one; actions that fired before it may have looked at metrics."""
        if self._minute is not None and entry.steps != self._minute.steps:
            self._close()
            self._show_minutes()

    def keep(self, entry: Entry) -> None:
        """An entry that stays."""
        self._close()
        if not _is_blind(entry, _NO_TABLES):
            self._show_items()
        if not _is_blind(entry, _NO_METRICS):
            self._show_minutes()
        self._fill()
        self._out.append(entry)

    def idle(self, entry: Entry, effect: Effect) -> None:
        """A read that found nothing."""
        if self._stretch and not _follows(self._stretch[-1], entry, effect):
            self._close()
        self._inside, self._gaps = self._inside + self._gaps, 0
        self._stretch.append((entry, effect))

    def items(self, entry: Entry, effect: Effect) -> None:
        """A write to tables."""
        self._gap, self._gaps = [entry], self._gaps + 1
        self._item = entry
        self._items.add(effect)

    def minutes(self, entry: Entry, effect: Effect) -> None:
        """A write to metrics."""
        self._gap, self._gaps = [entry], self._gaps + 1
        self._minute = entry
        self._minutes.add(entry.place, effect)

    def end(self) -> list[Entry]:
        """What came of all."""
        self._close()
        self._show_items()
        self._show_minutes()
        self._fill()
        return self._out

    def _show_items(self) -> None:
        """Give the images of items that wait."""
        if self._item is not None:
            self._out.append(self._item._replace(kind=ITEMS, given=self._items.given(), place=""))
        self._item, self._items = None, ItemImages()

    def _show_minutes(self) -> None:
        """Give those of minutes."""
        newest = self._minute
        if newest is not None:
            for place, given in self._minutes.given():
                self._out.append(newest._replace(kind=MINUTES, given=given, place=place))
        self._minute, self._minutes = None, MinuteImages()

    def _close(self) -> None:
        """The end of a stretch."""
        stretch, inside = self._stretch, self._inside
        if not stretch:
            return
        self._stretch, self._inside = [], 0
        last = stretch[-1][0]
        if len(stretch) == 1 and not inside:
            self._out.append(last)
            return
        rows: dict[tuple[Any, ...], list[int]] = {}
        for entry, (*_, row) in stretch:
            rows.setdefault(tuple(row), []).append(last.at - entry.at)
        given = [len(stretch) + inside, stretch[0][1][1], [[*row, ms] for row, ms in rows.items()]]
        self._out.append(last._replace(kind=IDLE, appended=stretch[0][0].appended, given=given))

    def _fill(self) -> None:
        """Say how many inputs were here that left nothing in their place."""
        if self._gaps:
            self._out.append(self._gap[0]._replace(kind=GAP, given=[self._gaps]))
            self._gaps = 0


def _follows(before: tuple[Entry, Effect], entry: Entry, effect: Effect) -> bool:
    """Whether a read belongs to the stretch that another one ends."""
    last, (_, service, *_) = before
    return (
        (entry.place, entry.steps, effect[1]) == (last.place, last.steps, service)
        and entry.appended == last.appended + 1
        and entry.at >= last.at
    )


def _is_blind(entry: Entry, services: frozenset[str]) -> bool:
    """Whether an entry, and all that comes of it, looks at nothing that services are blind to."""
    if entry.kind == "call":
        return bool(entry.given) and entry.given[0] in services
    return entry.kind in _BLIND
