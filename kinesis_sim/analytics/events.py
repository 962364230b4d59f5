"""What can happen to an application. Metrics, bill and pictures are folds over these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from kinesis_sim.events import Event, Labels
from kinesis_sim.folded import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEvent(Event):
    """Something that happened to the application of this name."""

    application: str

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Counted per application."""
        yield (("application", self.application),), {"count": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationChanged(ApplicationEvent):
    """From one status to another; None before it was there, and after. kpus: while it runs."""

    was: str | None
    became: str | None
    kpus: int = 0
    flink: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLoaded(ApplicationEvent):
    """A minute in which rows came is over. percent: of the CPU of its KPUs."""

    chatter: ClassVar[bool] = True
    percent: float

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Minutes per application."""
        yield (("application", self.application),), {"count": 1, "percent": self.percent}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSnapshotChanged(ApplicationEvent):
    """A snapshot of its state went from one status to another."""

    snapshot: str
    was: str | None
    became: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRead(ApplicationEvent):
    """Rows came in from a table's stream. late: rows that operators dropped as late meanwhile.

    behind: ms behind the stream's newest record; watermark: epoch ms, None before the first.
    """

    chatter: ClassVar[bool] = True
    table: str
    rows: int
    late: int
    behind: int
    watermark: int | None

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Rows per application and table."""
        measures: dict[str, Number] = {"count": 1, "rows": self.rows, "late": self.late}
        yield (("application", self.application), ("table", self.table)), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWrote(ApplicationEvent):
    """Rows were taken by a table's sink."""

    chatter: ClassVar[bool] = True
    table: str
    rows: int

    def parts(self) -> Iterator[tuple[Labels, dict[str, Number]]]:
        """Rows per application and table."""
        measures: dict[str, Number] = {"count": 1, "rows": self.rows}
        yield (("application", self.application), ("table", self.table)), measures


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(ApplicationEvent):
    """A job failed; restarts: whether it goes on from its last checkpoint."""

    reason: str
    restarts: bool
