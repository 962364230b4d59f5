"""The applications of one account in one Region, and how callers find them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.application import AnalyticsApplication, ApplicationVersion
from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.analytics.applications.application import (
        ApplicationSnapshot,
        SnapshotOperation,
    )


class ApplicationCatalog:
    """Everything the service knows of one account in one Region.

    ``catalog["name"]`` is the application, for native use.
    """

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.clock, self.events = around.clock, around.events
        self.limits, self.delays = around.limits, around.delays
        self.applications: dict[str, AnalyticsApplication] = {}
        self.standing: dict[str, ApplicationSnapshot] = {}
        self.snapshot_operations: list[SnapshotOperation] = []
        self._drawn = count()

    def __getitem__(self, name: str) -> AnalyticsApplication:
        found = self.applications.get(name)
        if found is None:
            known = ", ".join(sorted(self.applications)) or "none yet"
            raise UsageError(f"There is no application {name!r}; the applications are: {known}.")
        return found

    def __iter__(self) -> Iterator[AnalyticsApplication]:
        return iter(list(self.applications.values()))

    def __len__(self) -> int:
        return len(self.applications)

    @property
    def now(self) -> int:
        """Epoch ms."""
        return self.clock.now

    def arn(self, name: str) -> str:
        """The ARN of an application, whether it is there or not."""
        around = self.around
        return f"arn:aws:kinesisanalytics:{around.region}:{around.account}:application/{name}"

    def snapshot_arn(self, name: str) -> str:
        """The ARN of a snapshot that stands by itself."""
        around = self.around
        return f"arn:aws:kinesisanalytics:{around.region}:{around.account}:snapshot/{name}"

    def drawn(self, purpose: str) -> str:
        """Twelve characters by chance, for ids and tokens."""
        return (
            self.around.chance.random(f"analytics/{purpose}/{next(self._drawn)}")
            .randbytes(9)
            .hex()[:12]
        )

    def find(self, request: Request, sdk: int = 2) -> AnalyticsApplication:
        """The application that a request names.

        sdk: the API that asks; the older one is refused an application that the newer one made or
        changed. Raises ResourceNotFoundException, UnsupportedOperationException.
        """
        name = request["ApplicationName"]
        found = self.applications.get(name)
        if found is None:
            raise refusals.not_there(f"The application {name}")
        if sdk < found.sdk:
            raise refusals.other_sdk(name)
        return found

    def by_arn(self, request: Request, sdk: int = 2) -> AnalyticsApplication:
        """The application of an ARN. Raises ResourceNotFoundException."""
        arn = request["ResourceARN"]
        found = next((each for each in self if each.arn == arn), None)
        if found is None:
            raise refusals.not_there(f"The application {arn}")
        return found

    def held(self, application: AnalyticsApplication, request: Request) -> None:
        """Raise ConcurrentModificationException unless the caller knows the newest version.

        Raises InvalidArgumentException for a caller that names none, by number or by token.
        """
        given, token = request.get("CurrentApplicationVersionId"), request.get("ConditionalToken")
        if given is None and token is None:
            raise refusals.invalid("Give CurrentApplicationVersionId or ConditionalToken.")
        if given is not None and given != application.version.number:
            raise refusals.other_version(given, application.version.number)
        if token is not None and token != application.token:
            raise refusals.changed_meanwhile("ConditionalToken is of an older version.")

    def renew(self, application: AnalyticsApplication, version: ApplicationVersion) -> None:
        """Give an application its next version; another parallelism is taken as it says."""
        was = application.parallelism_part
        application.versions.append(version)
        if application.parallelism_part != was:
            application.scaled_to = None
        application.changed = self.now
        application.token = self.drawn(f"token/{application.name}")
