"""Every quota and limit the simulator enforces: value, unit, source, and when it was checked.

The rows lie with the services they belong to, one dated file a room (``quotas.toml``), as prices
lie in one file a Region. ``Simulator(limits={"streams.shards_per_account": 50})`` changes some for
a what-if; ``limits="off"`` turns the throttles off (what has ``rate`` in its name or unit), and
leaves the quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any

from kinesis_sim import facts
from kinesis_sim.account.units import unit_said, words
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.rooms import ROOMS, packages, rows
from kinesis_sim.words import Speaking

_LARGE = ("us-east-1", "us-west-2", "eu-west-1")


@dataclass(frozen=True, slots=True, repr=False)
class Quota(Speaking):
    """One limit.

    value: the default; unit: what it counts; source: the rows of facts it follows, as marks, and
    what is the model's choice in it; least: what it must not be set below, as nothing could ever be
    done then (``limits="off"`` has no end).
    """

    value: float
    unit: str
    source: str
    checked: str
    least: int = 0

    def said(self) -> str:
        """In words: 1,000 records/s per shard (checked 2026-11-22)."""
        texts = words()
        value, unit = texts.number(self.value), unit_said(self.unit, texts.lang)
        return texts.say("quota", value=value, unit=unit, checked=self.checked)

    @property
    def rows(self) -> tuple[facts.Row, ...]:
        """The rows of facts that say so."""
        return facts.cited(self.source)

    @property
    def remark(self) -> str:
        """What the source says beside the marks, e.g. what is the model's choice; or empty."""
        parts = self.source.split(";")
        return "; ".join(part.strip() for part in parts if not any(facts.marks(part)))

    def __repr__(self) -> str:
        pages = dict.fromkeys(cite.title for row in self.rows[:1] for cite in row.citations)
        said = f"value={self.value!r}, unit={self.unit!r}, source={'; '.join(pages)!r}"
        return f"Quota({said}, checked={self.checked!r})"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A rule between two rows.

    changed: the row whose change can break it; low: the one that must not be above ``high``; why:
    the rule as a sentence.
    """

    changed: str
    low: str
    high: str
    why: str


@dataclass(frozen=True, slots=True)
class Quotas:
    """The rows of several rooms. rates: over what a call rate is counted, by the row's name."""

    table: dict[str, Quota]
    rates: dict[str, str]
    contradictions: list[Contradiction]


@cache
def quotas(places: tuple[str, ...]) -> Quotas:
    """The rows of some packages, each named by its room: ``streams.shards_per_account``."""
    found = Quotas({}, {}, [])
    for room, content in rows(places, "quotas.toml").items():
        checked = content["checked"]
        for name, row in content.get("quotas", {}).items():
            found.table[f"{room}.{name}"] = Quota(**{"checked": checked, **row})
        for row in content.get("contradictions", ()):
            changed, low, high = (f"{room}.{row[part]}" for part in ("changed", "low", "high"))
            found.contradictions.append(Contradiction(changed, low, high, row["why"]))
        _read_rates(room, content.get("calls", {}), checked, found)
    return found


def _read_rates(room: str, calls: Mapping[str, Any], checked: str, found: Quotas) -> None:
    """``[calls]`` has a source, and a table of operations for each scope."""
    for scope in (name for name in calls if name != "source"):
        for operation, most in calls[scope].items():
            name = rate_name(room, operation)
            found.table[name] = Quota(most, f"calls/s per {scope}", calls["source"], checked)
            found.rates[name] = scope


def rate_name(room: str, operation: str) -> str:
    """The name of a row that limits how often an operation is called per second."""
    return f"{room}.calls.{operation}"


TABLE = quotas(packages(ROOMS)).table
"""The rows of every service that is simulated."""


class Limits:
    """The quotas of one simulator: the rows of its rooms with a learner's changes."""

    def __init__(
        self,
        changes: Mapping[str, float] | str | None = None,
        region: str = "us-east-1",
        rooms: Mapping[str, str] = ROOMS,
    ) -> None:
        self.throttling = changes != "off"
        if isinstance(changes, str):
            if changes not in ("off", "on"):
                raise UsageError(
                    f"limits={changes!r}: give 'on', 'off' or a dict of changed limits."
                )
            changes = None
        if changes is not None and not isinstance(changes, Mapping):
            raise UsageError(
                f"limits={said(changes)}: give 'on', 'off' or a dict of changed limits."
            )
        self._quotas = quotas(packages(rooms))
        self._changes = dict(changes or {})
        self._region = region
        for name in self._changes:
            if name not in self._quotas.table:
                known = ", ".join(sorted(self._quotas.table))
                raise UsageError(f"limits has no {name!r}; the names are: {known}.")
        self._values = {name: int(row.value) for name, row in self._quotas.table.items()}
        self._check()

    def _check(self) -> None:
        """Refuse numbers that are none, and limits of which one makes the other pointless."""
        for name, value in self._changes.items():
            if not (isinstance(value, int | float) and isfinite(value) and value >= 0):
                raise UsageError(f"limits {name}={value!r}: give a number of 0 or more.")
            least = self._quotas.table[name].least
            if value < least:
                raise UsageError(f"limits {name}={value}: give {least} or more, or limits='off'.")
            self._values[name] = int(value)
        for rule in self._quotas.contradictions:
            if rule.changed in self._changes and self[rule.low] > self[rule.high]:
                both = f"{rule.low}={self[rule.low]} and {rule.high}={self[rule.high]}"
                raise UsageError(f"limits {both} contradict each other: {rule.why}.")

    def __getitem__(self, name: str) -> int:
        return self._values[name]

    @property
    def rows(self) -> Mapping[str, Quota]:
        """Every quota by name, with the default that it has unless changed."""
        return self._quotas.table

    def of_region(self, name: str) -> int:
        """A quota with a row of its own for large Regions and one (``…_elsewhere``) for others."""
        if self._region in _LARGE or name in self._changes:
            return self[name]
        return self[f"{name}_elsewhere"]

    def call_rate(self, room: str, operation: str) -> tuple[int, str] | None:
        """Calls per second of an operation, and over what they are counted.

        ``account`` or ``stream``; None: no published rate, or off.
        """
        name = rate_name(room, operation)
        if not self.throttling or name not in self._quotas.rates:
            return None
        return self[name], self._quotas.rates[name]
