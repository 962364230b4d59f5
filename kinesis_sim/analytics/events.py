"""What can happen to an application. Metrics, bill and pictures are folds over these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
class ApplicationSnapshotChanged(ApplicationEvent):
    """A snapshot of its state went from one status to another."""

    snapshot: str
    was: str | None
    became: str | None
