"""A query that is half planned: the operator whose changes it is, and what its columns are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kinesis_sim.analytics.operators.assigners import Assigner
from kinesis_sim.analytics.operators.operator import Operator
from kinesis_sim.analytics.sql.fields import Field, Fields
from kinesis_sim.analytics.types.sqltype import SqlType


@dataclass(frozen=True, slots=True)
class Bounds:
    """Windows that rows lie in: where their start and end stand, and by which time they close.

    assign: of windows that are not written into the rows yet; the columns are promised only.
    apart: how far apart they close, in ms; None for sessions. last: of a window's start and end,
    the end of the last window that a row of its last slice could be in.
    """

    start: int
    end: int
    time: str
    assign: Assigner | None = None
    apart: int | None = None
    last: Callable[[int, int], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """changing: whether rows may be taken back. uid: names its operators in a snapshot."""

    fields: Fields
    tail: Operator
    changing: bool = False
    bounds: Bounds | None = None


@dataclass(slots=True)
class Reference:
    """A table that stands still: reference data, or a table looked up; rows may be replaced."""

    fields: Fields
    rows: tuple[tuple[object, ...], ...] = field(default=())


def window_fields(kind: SqlType, time: str) -> Fields:
    """The three columns that a window adds."""
    return Fields(
        [
            Field("window_start", kind),
            Field("window_end", kind),
            Field("window_time", kind, time=time),
        ]
    )
