"""MATCH_RECOGNIZE: patterns of rows in a row, found by trying the preferred way first.

Rows wait for the watermark and are then matched in the order of their times, each key by itself. A
match is told as soon as no preferred way is open any more; where the next row decides, it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kinesis_sim.analytics.changelog import INSERT, Row
from kinesis_sim.analytics.operators.operator import NEVER, Operator

Assigned = tuple[tuple[str, Row], ...]
"""Rows of a match so far, each with the variable that it stands for."""
Evaluation = Callable[[Assigned], Any]


@dataclass(frozen=True, slots=True)
class PatternStep:
    """A variable of a pattern, and how often it comes; most None: without end."""

    name: str
    least: int = 1
    most: int | None = 1
    greedy: bool = True


@dataclass(frozen=True, slots=True)
class MatchRules:
    """within: a match has to end before so many ms have passed; None: whenever.

    skip: "PAST LAST ROW", "TO NEXT ROW", or ("FIRST" or "LAST", variable).
    """

    pattern: tuple[PatternStep, ...]
    conditions: dict[str, Evaluation]
    within: int | None
    skip: str | tuple[str, str]


class PatternMatch(Operator):
    """Gives keys and measures of each match."""

    title = "match"

    def __init__(
        self,
        when: Callable[[Row], Any],
        order: Callable[[Row], Any],
        keys: Sequence[Callable[[Row], Any]],
        measures: Sequence[Evaluation],
        rules: MatchRules,
        time: str,
    ) -> None:
        super().__init__()
        self.when = when
        self.order = order
        self.keys = list(keys)
        self.measures = list(measures)
        self.rules = rules
        self.time = time
        self.waiting: list[Row] = []
        self.partitions: dict[Row, list[Row]] = {}
        self.mark = NEVER

    kept = ("waiting", "partitions", "mark")

    def take(self, kind: int, row: Row) -> None:
        """Keep a row until the watermark reaches it, or drop it as late."""
        if self.when(row) <= self.mark:
            self.drop()
            return
        self.budget.keep()
        self.waiting.append(row)

    def advance(self, time: str, at: int) -> None:
        """Match the rows that the watermark has reached."""
        if time == self.time and at > self.mark:
            self.mark = at
            due = [row for row in self.waiting if self.when(row) <= at]
            self.waiting = [row for row in self.waiting if self.when(row) > at]
            for row in sorted(due, key=self.order):
                key = tuple([key(row) for key in self.keys])
                rows = self.partitions.setdefault(key, [])
                rows.append(row)
                self._match(key, rows)
        self.next.advance(time, at)

    def _match(self, key: Row, rows: list[Row]) -> None:
        """Find what can be found, and forget the rows that no match can begin at."""
        start = 0
        while start < len(rows):
            found = self._from(rows, start)
            if found is None:
                break  # the next row decides
            if not found:
                start += 1
                continue
            self.emit(INSERT, key + tuple([measure(found) for measure in self.measures]))
            start = max(start + 1, self._after(found, start))
        del rows[:start]
        self.budget.used_state -= start

    def _after(self, found: Assigned, start: int) -> int:
        skip = self.rules.skip
        if skip == "PAST LAST ROW":
            return start + len(found)
        if skip == "TO NEXT ROW":
            return start + 1
        places = [at for at, (name, _) in enumerate(found) if name == skip[1]]
        if not places:
            return start + 1
        return start + (places[0] if skip[0] == "FIRST" else places[-1])

    def _from(self, rows: list[Row], start: int) -> Assigned | None:
        """The preferred match that begins at a row; () for none, None: the next row decides."""
        pattern = self.rules.pattern
        begun = self.when(rows[start])
        ways: list[tuple[int, int, Assigned, bool]] = []
        self._choices(ways, 0, 0, ())
        while ways:
            step, count, assigned, takes = ways.pop()
            self.budget.toil(1)
            if step == len(pattern):
                return assigned
            if takes:
                at = start + len(assigned)
                if at >= len(rows):
                    return None
                row = rows[at]
                if not self._fits(pattern[step].name, row, assigned, begun):
                    continue
                assigned = (*assigned, (pattern[step].name, row))
                self._choices(ways, step, count + 1, assigned)
            else:
                self._choices(ways, step + 1, 0, assigned)
        return ()

    def _choices(
        self, ways: list[tuple[int, int, Assigned, bool]], step: int, count: int, assigned: Assigned
    ) -> None:
        """The ways to go on, the preferred one last."""
        if step == len(self.rules.pattern):
            ways.append((step, 0, assigned, False))
            return
        one = self.rules.pattern[step]
        takes = one.most is None or count < one.most
        leaves = count >= one.least
        order = (False, True) if one.greedy else (True, False)
        for take in order:
            if takes if take else leaves:
                ways.append((step, count, assigned, take))

    def _fits(self, name: str, row: Row, assigned: Assigned, begun: int) -> bool:
        within = self.rules.within
        if within is not None and assigned and self.when(row) - begun >= within:
            return False
        condition = self.rules.conditions.get(name)
        return condition is None or condition((*assigned, (name, row))) is True
