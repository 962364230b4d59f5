"""One application: what it is, its versions, and how far it is in its life."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.applications.scaling import LoadWatch
from kinesis_sim.analytics.states import APPLICATION, SNAPSHOT, ApplicationStatus
from kinesis_sim.states import Life


@dataclass(frozen=True)
class ApplicationVersion:
    """What was changed with a version, and since when. configuration: as it is described."""

    number: int
    made: int
    runtime: str
    role: str
    configuration: Request
    logging: tuple[Request, ...] = ()
    updated_from: int | None = None
    rolled_back_from: int | None = None
    rolled_back_to: int | None = None


@dataclass
class ApplicationOperation:
    """A call that took its time: what ListApplicationOperations tells. Times: epoch ms."""

    id: str
    name: str
    began: int
    ended: int | None = None
    status: str = "IN_PROGRESS"
    was: int | None = None
    became: int | None = None
    failure: str = ""
    rollback: str = ""


@dataclass
class ApplicationSnapshot:
    """A copy of an application's state.

    kept: what the engine gave, None for one whose application held none. initiator: USER or SYSTEM.
    """

    name: str
    application: str
    application_made: int
    version: int
    made: int
    runtime: str
    kept: Any = None
    initiator: str = "USER"
    cause: str = "CREATE_SNAPSHOT"
    description: str = ""
    source: Request = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    life: Life[Any] = field(default_factory=lambda: Life(SNAPSHOT))


@dataclass
class SnapshotOperation:
    """Something done to a snapshot that stands by itself. place: S3's, of an export or import."""

    id: str
    snapshot: str
    arn: str
    name: str
    began: int
    ended: int | None = None
    status: str = "IN_PROGRESS"
    place: Request = field(default_factory=dict)
    failure: tuple[str, str] | None = None


@dataclass
class AnalyticsApplication:
    """An application of either API; sdk: the newer of those that made or changed it, 1 or 2.

    running: what runs its code; watch: what watches the load of that. stopped_at: how far a SQL
    application had read when it stopped. scaled_to: CurrentParallelism, where the load made it
    another than Parallelism.
    """

    name: str
    arn: str
    made: int
    mode: str
    description: str
    sdk: int
    versions: list[ApplicationVersion]
    changed: int
    token: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    snapshots: dict[str, ApplicationSnapshot] = field(default_factory=dict)
    operations: list[ApplicationOperation] = field(default_factory=list)
    running: Any = None
    restore: Request = field(default_factory=dict)
    allow_non_restored: bool = False
    stopped_at: dict[str, Any] | None = None
    window_start: str = "03:00"
    scaled_to: int | None = None
    watch: LoadWatch | None = None
    life: Life[ApplicationStatus] = field(default_factory=lambda: Life(APPLICATION))

    @property
    def version(self) -> ApplicationVersion:
        """The newest version."""
        return self.versions[-1]

    @property
    def configuration(self) -> Request:
        """The newest configuration, as it is described."""
        return self.version.configuration

    @property
    def status(self) -> str:
        """As the API writes it."""
        return self.life.name

    @property
    def is_sql(self) -> bool:
        """Whether it runs Kinesis SQL rather than Flink."""
        return self.version.runtime.startswith("SQL")

    @property
    def is_studio(self) -> bool:
        """Whether it is a Studio notebook."""
        return self.mode == "INTERACTIVE"

    @property
    def takes_snapshots(self) -> bool:
        """Whether a stop or a change takes one by itself."""
        part = self.configuration.get("ApplicationSnapshotConfigurationDescription", {})
        return not self.is_sql and bool(part.get("SnapshotsEnabled", False))

    @property
    def kpus(self) -> int:
        """Kinesis Processing Units that it is allotted (facts/analytics/9/allocation).

        Of Kinesis SQL one per input in parallel (model's choice: AWS sizes them by load).
        """
        if self.is_sql:
            sql = self.configuration.get("SqlApplicationConfigurationDescription", {})
            counts = [
                part.get("InputParallelism", {}).get("Count", 1)
                for part in sql.get("InputDescriptions", [])
            ]
            return max(1, *counts) if counts else 1
        each: int = self.parallelism_part.get("ParallelismPerKPU", 1)
        return -(-self.parallelism // each)

    @property
    def parallelism_part(self) -> Request:
        """Its ParallelismConfigurationDescription; empty for Kinesis SQL."""
        flink = self.configuration.get("FlinkApplicationConfigurationDescription", {})
        part: Request = flink.get("ParallelismConfigurationDescription", {})
        return part

    @property
    def parallelism(self) -> int:
        """CurrentParallelism."""
        first: int = self.parallelism_part.get("Parallelism", 1)
        return self.scaled_to or first

    def parts(self, kind: str) -> list[Request]:
        """Inputs, outputs or reference sources of a SQL application, as they are described."""
        sql = self.configuration.get("SqlApplicationConfigurationDescription", {})
        found: list[Request] = sql.get(kind, [])
        return found

    def numbers(self) -> Iterator[int]:
        """The numbers of its versions, newest first."""
        return (version.number for version in reversed(self.versions))
