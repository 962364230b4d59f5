"""What the operations of both APIs are called with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.applications.lifecycle import Engine, Lifecycle


@dataclass(frozen=True)
class Applications:
    """The applications of an account, what moves them, and what runs them.

    ``sim.analytics["app"]`` is an application, for native use; what runs in it is its ``running``.
    """

    catalog: ApplicationCatalog
    lives: Lifecycle
    engine: Engine

    def __getitem__(self, name: str) -> AnalyticsApplication:
        """The application of a name. Raises UsageError."""
        return self.catalog[name]

    def __iter__(self) -> Iterator[AnalyticsApplication]:
        return iter(self.catalog)

    def __len__(self) -> int:
        return len(self.catalog)
