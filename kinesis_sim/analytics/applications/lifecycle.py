"""What happens to applications in time: started, stopped, changed, scaled, rolled back, deleted.

Each call tells its status at once and the rest happens on the clock. A change of something that
runs is a restart: with snapshots it goes on where it was, without them it begins anew, and what it
had kept is lost (facts/analytics/9/snapshots-enabled-false).

What AWS does by itself is in ``upkeep``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.application import (
    AnalyticsApplication,
    ApplicationOperation,
    ApplicationSnapshot,
    ApplicationVersion,
)
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.events import ApplicationChanged, ApplicationSnapshotChanged
from kinesis_sim.analytics.states import APPLICATION, ApplicationStatus

STARTABLE = (ApplicationStatus.READY,)
CHANGEABLE = (ApplicationStatus.READY, ApplicationStatus.RUNNING)
ROLLABLE = (ApplicationStatus.UPDATING, ApplicationStatus.RUNNING)
STOPPABLE = (ApplicationStatus.RUNNING,)
FORCEABLE = (
    ApplicationStatus.STARTING,
    ApplicationStatus.RUNNING,
    ApplicationStatus.AUTOSCALING,
    ApplicationStatus.STOPPING,
    ApplicationStatus.UPDATING,
    ApplicationStatus.ROLLING_BACK,
)


class RunningCode(Protocol):
    """What runs in an application: it reads and writes on the clock until it is stopped."""

    def snapshot(self) -> Any:
        """A copy of its state, to begin from."""

    def left(self) -> Any:
        """What a restart without a snapshot goes on from; None: from the beginning."""

    def last(self) -> Any:
        """The last of what a failure would go back to; None: the beginning."""

    def stop(self) -> None:
        """Read no more."""


class Engine(Protocol):
    """What runs applications."""

    def check_code(
        self, application: AnalyticsApplication, version: ApplicationVersion | None = None
    ) -> None:
        """Raise CodeValidationException for text that is no SQL of its language."""

    def check(self, application: AnalyticsApplication) -> None:
        """Raise InvalidApplicationConfigurationException for an application that cannot run."""

    def begin(
        self,
        application: AnalyticsApplication,
        kept: Any,
        failed: Callable[[str], None],
        took: Callable[[int], None],
    ) -> RunningCode:
        """Run an application's code, from a state that was kept (None: from nothing).

        failed: called with the reason when it fails later; took: with how many rows it has read.
        What it raises tells why it cannot.
        """


class Lifecycle:
    """Moves the applications of a catalog."""

    startable = STARTABLE

    def __init__(self, catalog: ApplicationCatalog, engine: Engine) -> None:
        self.catalog, self.engine = catalog, engine
        self._clock, self._delays = catalog.clock, catalog.delays

    # --- calls --------------------------------------------------------------------------------

    def made(self, application: AnalyticsApplication) -> None:
        """A new application is READY."""
        self.catalog.applications[application.name] = application
        self._tell(application, None)

    def start(self, application: AnalyticsApplication, run: Request) -> ApplicationOperation:
        """Start an application. Raises ResourceInUseException unless it is READY."""
        self.need(application, STARTABLE)
        kept = self._restored(application, run)
        self.engine.check(application)
        application.scaled_to = None
        operation = self._begin(application, "StartApplication")
        self.step(application, "StartApplication")

        def started() -> None:
            if self._is(application, ApplicationStatus.STARTING):
                self._run(application, kept, operation, "started")

        self._after("analytics.start_application", started)
        return operation

    def stop(self, application: AnalyticsApplication, *, force: bool) -> ApplicationOperation:
        """Stop an application; unless forced, it takes a snapshot first where it has them."""
        self.need(application, FORCEABLE if force else STOPPABLE)
        operation = self._begin(application, "StopApplication")
        if not force and application.takes_snapshots:
            self.keep(application, f"stop-{self.catalog.now}", "SYSTEM", "STOP_APPLICATION")
        self._halt(application)
        self.step(application, "StopApplication Force" if force else "StopApplication")
        status = ApplicationStatus.FORCE_STOPPING if force else ApplicationStatus.STOPPING

        def stopped() -> None:
            if self._is(application, status):
                self.step(application, "stopped")
                self._end(operation)

        self._after(
            "analytics.force_stop_application" if force else "analytics.stop_application", stopped
        )
        return operation

    def change(
        self, application: AnalyticsApplication, version: ApplicationVersion
    ) -> ApplicationOperation:
        """Give an application a new version; one that runs is restarted with it."""
        operation = self._begin(application, "UpdateApplication")
        operation.was, operation.became = application.version.number, version.number
        runs = application.life.state is ApplicationStatus.RUNNING
        kept = None
        if runs:
            kept = self._taken(application, f"update-{self.catalog.now}", "UPDATE_APPLICATION")
            self._halt(application)
        before = application.version
        self.catalog.renew(application, version)
        self.step(application, "UpdateApplication")

        def updated() -> None:
            if not self._is(application, ApplicationStatus.UPDATING):
                return
            if not runs:
                self.step(application, "updated while it stood")
                self._end(operation)
            else:
                self._rerun(application, before, kept, operation)

        self._after(
            "analytics.update_application" if runs else "analytics.update_stopped_application",
            updated,
        )
        return operation

    def roll_back(
        self, application: AnalyticsApplication, to: ApplicationVersion
    ) -> ApplicationOperation:
        """Go back to what ran before: a new version with the older configuration."""
        operation = self._begin(application, "RollbackApplication")
        operation.was = application.version.number
        kept = self._taken(application, f"rollback-{self.catalog.now}", "ROLLBACK_APPLICATION")
        self._halt(application)
        self.step(application, "RollbackApplication")
        self._return(application, to, kept, operation)
        return operation

    def delete(self, application: AnalyticsApplication) -> None:
        """Delete an application."""
        self._halt(application)
        self.step(application, "DeleteApplication")

        def deleted() -> None:
            del self.catalog.applications[application.name]
            self.step(application, "deleted")

        self._after("analytics.delete_application", deleted)

    def keep(
        self, application: AnalyticsApplication, name: str, initiator: str, cause: str
    ) -> ApplicationSnapshot:
        """Take a snapshot, which is READY after a while."""
        now = self.catalog.now
        snapshot = ApplicationSnapshot(
            name=name,
            application=application.name,
            application_made=application.made,
            version=application.version.number,
            made=now,
            runtime=application.version.runtime,
            kept=None if application.running is None else application.running.snapshot(),
            initiator=initiator,
            cause=cause,
        )
        application.snapshots[name] = snapshot
        self._tell_snapshot(snapshot, None)
        self._after("analytics.create_snapshot", lambda: self._step_snapshot(snapshot, "created"))
        return snapshot

    def forget(self, application: AnalyticsApplication, snapshot: ApplicationSnapshot) -> None:
        """Delete a snapshot."""
        self._step_snapshot(snapshot, "DeleteApplicationSnapshot")

        def deleted() -> None:
            application.snapshots.pop(snapshot.name, None)
            self._step_snapshot(snapshot, "deleted")

        self._after("analytics.delete_snapshot", deleted)

    # --- steps --------------------------------------------------------------------------------

    def need(
        self, application: AnalyticsApplication, wanted: tuple[ApplicationStatus, ...]
    ) -> None:
        """Raise ResourceInUseException unless an application is in one of these states."""
        if application.life.state not in wanted:
            names = " or ".join(state.value for state in wanted)
            raise refusals.busy(application.name, application.status, names)

    def need_deletable(self, application: AnalyticsApplication) -> None:
        """Raise ResourceInUseException where DeleteApplication is no step."""
        state = application.life.state
        if state is None or "DeleteApplication" not in APPLICATION.transitions[state]:
            raise refusals.busy(application.name, application.status, "a state to delete it in")

    def step(self, application: AnalyticsApplication, why: str) -> None:
        """Take a step of an application's life."""
        was = application.status
        application.life.step(why)
        application.changed = self.catalog.now
        self._tell(application, was)

    def _rerun(
        self,
        application: AnalyticsApplication,
        before: ApplicationVersion,
        kept: Any,
        operation: ApplicationOperation,
    ) -> None:
        """Run what was changed. Where it fails, system rollback goes back, if it is on."""
        part = application.configuration.get(
            "ApplicationSystemRollbackConfigurationDescription", {}
        )
        try:
            application.running = self._code(application, kept)
        except Exception as error:  # as a look's: what fails is never the clock's
            operation.failure = str(error) or type(error).__name__
            self._end(operation, "FAILED")
            if not part.get("RollbackEnabled", False):
                self.step(application, "failed")
                return
            self.step(application, "failed to update")
            back = self._begin(application, "RollbackApplication")
            operation.rollback, back.was = back.id, application.version.number
            self._return(application, before, kept, back)
            return
        self.step(application, "updated")
        self._end(operation)

    def _return(
        self,
        application: AnalyticsApplication,
        to: ApplicationVersion,
        kept: Any,
        operation: ApplicationOperation,
    ) -> None:
        version = ApplicationVersion(
            number=application.version.number + 1,
            made=self.catalog.now,
            runtime=to.runtime,
            role=to.role,
            configuration=to.configuration,
            logging=to.logging,
            rolled_back_from=application.version.number,
            rolled_back_to=to.number,
        )
        operation.became = version.number
        self.catalog.renew(application, version)

        def rolled_back() -> None:
            if self._is(application, ApplicationStatus.ROLLING_BACK):
                self.step(application, "rolled back")
                self._run(application, kept, operation, "running again")

        self._after("analytics.rollback_application", rolled_back)

    def _run(
        self,
        application: AnalyticsApplication,
        kept: Any,
        operation: ApplicationOperation | None,
        why: str,
    ) -> None:
        """Run an application's code; one that cannot begin is READY again, with the reason kept."""
        try:
            application.running = self._code(application, kept)
        except Exception as error:  # as a look's: what fails is never the clock's
            if operation is not None:
                operation.failure = str(error) or type(error).__name__
                self._end(operation, "FAILED")
            self.step(application, "failed")
            return
        self.step(application, why)
        if operation is not None:
            self._end(operation)

    def _code(self, application: AnalyticsApplication, kept: Any) -> RunningCode:
        def failed(reason: str) -> None:
            self._halt(application)
            if application.life.state is ApplicationStatus.RUNNING:
                operation = self._begin(application, "FailedApplication")
                operation.failure = reason
                self._end(operation, "FAILED")
                self.step(application, "failed")

        return self.engine.begin(application, kept, failed, self._load_of(application))

    def _load_of(self, application: AnalyticsApplication) -> Callable[[int], None]:
        """What is told how many rows an application has read, from now on."""
        return lambda rows: None

    def _restored(self, application: AnalyticsApplication, run: Request) -> Any:
        """The state that a start is to go on from. Raises InvalidArgument or ResourceNotFound."""
        application.allow_non_restored = bool(
            run.get("FlinkRunConfiguration", {}).get("AllowNonRestoredState", False)
        )
        restore = run.get("ApplicationRestoreConfiguration") or {}
        kind = restore.get("ApplicationRestoreType", "RESTORE_FROM_LATEST_SNAPSHOT")
        application.restore = {"ApplicationRestoreType": kind}
        if kind == "SKIP_RESTORE_FROM_SNAPSHOT":
            return None
        ready = [s for s in application.snapshots.values() if s.life.name in ("READY", "CREATING")]
        if kind == "RESTORE_FROM_LATEST_SNAPSHOT":
            return ready[-1].kept if ready and application.takes_snapshots else None
        name = restore.get("SnapshotName") or str(restore.get("SnapshotArn", "")).rpartition("/")[2]
        if not name:
            raise refusals.invalid("RESTORE_FROM_CUSTOM_SNAPSHOT needs a SnapshotName.")
        found = application.snapshots.get(name) or self.catalog.standing.get(name)
        if found is None:
            raise refusals.not_there(f"The snapshot {name}")
        application.restore["SnapshotName"] = name
        return found.kept

    def _taken(self, application: AnalyticsApplication, name: str, cause: str) -> Any:
        """What a restart goes on from: a snapshot where there are any, else what is left."""
        if not application.takes_snapshots:
            return None if application.running is None else application.running.left()
        return self.keep(application, name, "SYSTEM", cause).kept

    def _halt(self, application: AnalyticsApplication) -> None:
        if application.running is not None:
            application.running.stop()
            application.running = None

    def _is(self, application: AnalyticsApplication, status: ApplicationStatus) -> bool:
        """Whether an application is still there, in this state."""
        same = self.catalog.applications.get(application.name) is application
        return same and application.life.state is status

    def _after(self, delay: str, action: Callable[[], object]) -> None:
        self._clock.after(self._delays[delay], action)  # type: ignore[arg-type]

    def _begin(self, application: AnalyticsApplication, name: str) -> ApplicationOperation:
        now = self.catalog.now
        operation = ApplicationOperation(self.catalog.drawn("operation"), name, now)
        application.operations.append(operation)
        return operation

    def _end(self, operation: ApplicationOperation, status: str = "SUCCESSFUL") -> None:
        operation.ended, operation.status = self.catalog.now, status

    def _tell(self, application: AnalyticsApplication, was: str | None) -> None:
        became = None if application.life.state is None else application.status
        self.catalog.events.append(
            ApplicationChanged(
                at=self.catalog.now,
                application=application.name,
                was=was,
                became=became,
                kpus=application.kpus,
                flink=not application.is_sql,
            )
        )

    def _step_snapshot(self, snapshot: ApplicationSnapshot, why: str) -> None:
        was = snapshot.life.name
        snapshot.life.step(why)
        self._tell_snapshot(snapshot, was)

    def _tell_snapshot(self, snapshot: ApplicationSnapshot, was: str | None) -> None:
        became = None if snapshot.life.state is None else snapshot.life.name
        self.catalog.events.append(
            ApplicationSnapshotChanged(
                at=self.catalog.now,
                application=snapshot.application,
                snapshot=snapshot.name,
                was=was,
                became=became,
            )
        )
