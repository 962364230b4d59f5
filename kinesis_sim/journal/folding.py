"""What a long row of entries comes to, in few: the way by which the next start gets shorter.

Two kinds of input are made by the thousand and leave little: reads that found nothing, and items
that are written over and over. Whoever takes such an input says what it came to (``Inputs.found``),
once it is done:

    ["idle", service, operation, row]
                                 nothing but a row counted: one event, which tells that nothing was
                                 found (``Service.found_nothing``)
    ["items", account, region, caller, seed, rows]
                                 items of moto's tables became what ``rows`` say, and nothing else
                                 changed; each is table, key, hash key, range key and image

Entries that have no such word stay as they are. Those that have become entries of three kinds:

    idle    reads in one stretch, between two other things that happened: [inputs, service, rows],
            each row with its instants (ms before the entry's own)
    items   the last image of each key, where somebody else may look at the tables next
    gap     so many inputs were here

``given`` begins with how many inputs an entry stands for. Laws:

1. What stays keeps its order, and its number.
2. A stretch ends where anything else came in, an action fired or another event was appended.
3. Images wait for the first entry that is not known to be blind to tables.
4. A key is where it would be in its table: it keeps its place while it is written over, and comes
   last when it was deleted in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kinesis_sim.journal.entry import SETTLED, Damaged, Entry

IDLE, ITEMS, GAP = "idle", "items", "gap"
FOLDED = frozenset({IDLE, ITEMS, GAP})
"""What only a folder holds; nobody sends it."""
_BLIND_SERVICES = frozenset({"cloudwatch", "firehose", "kinesis"})
"""Services whose calls look at no table."""
_BLIND = frozenset({IDLE, GAP, "move", "slot", "attempt", "next", "close"})
Effect = list[Any]
"""What an input came to."""


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
        if effect is not None and effect[0] == IDLE and _is_own(entry, effect):
            fold.idle(entry, effect)
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
        self._images = _Images()

    def keep(self, entry: Entry) -> None:
        """An entry that stays."""
        self._close()
        if not _is_blind(entry):
            self._show()
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
        self._images.add(entry, effect)

    def end(self) -> list[Entry]:
        """What came of all."""
        self._close()
        self._show()
        self._fill()
        return self._out

    def _show(self) -> None:
        """Give the images that wait."""
        self._out += self._images.entries()
        self._images = _Images()

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


def _is_blind(entry: Entry) -> bool:
    """Whether an entry, and all that comes of it, looks at no table."""
    if entry.kind == "call":
        return bool(entry.given) and entry.given[0] in _BLIND_SERVICES
    return entry.kind in _BLIND


class _Images:
    """The last images of items, in the order in which their tables have them."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str, str], dict[str, list[Any]]] = {}
        self._hashes: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._callers: dict[tuple[str, str, str], None] = {}
        self._seed = 0
        self._newest: Entry | None = None

    def add(self, entry: Entry, effect: Effect) -> None:
        """What one input came to."""
        _, account, region, caller, seed, rows = effect
        self._newest, self._seed = entry, max(self._seed, seed)
        self._callers.pop((account, region, caller), None)
        self._callers[account, region, caller] = None
        for name, key, at_hash, at_range, image in rows:
            table = account, region, name
            known = self._tables.setdefault(table, {})
            if at_range is not None:
                self._hashes.setdefault(table, {}).setdefault(repr(at_hash), at_hash)
            row = known.get(key)
            if row is None:
                known[key] = [at_hash, at_range, image is None, image]
            elif row[3] is None and image is not None:
                del known[key]  # it comes last now, wherever it was
                known[key] = [at_hash, at_range, True, image]
            else:
                row[3] = image

    def entries(self) -> Iterator[Entry]:
        """The entry for all of them, if there is any."""
        newest = self._newest
        if newest is None:
            return
        tables = [
            [*table, list(self._hashes.get(table, {}).values()), list(rows.values())]
            for table, rows in self._tables.items()
        ]
        callers = [list(caller) for caller in self._callers]
        yield newest._replace(kind=ITEMS, given=[0, self._seed, callers, tables], place="")
