"""What AWS does to applications by itself: another parallelism for their load, and maintenance.

A load that lasts makes another CurrentParallelism (``scaling``). A fault of kind ``maintenance``
says that AWS has something to patch: then a Flink application is restarted when its window begins,
each day as long as the fault is in force. AWS picks the day; that it comes at the window's first
instant, and not to an application that is just being changed, is the model's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kinesis_sim.analytics.applications import maintenance
from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.applications.flink_code import lab_properties
from kinesis_sim.analytics.applications.lifecycle import Engine, Lifecycle, RunningCode
from kinesis_sim.analytics.applications.ports import ApplicationPorts
from kinesis_sim.analytics.applications.scaling import LoadWatch, capacity, most_parallel
from kinesis_sim.analytics.events import ApplicationLoaded
from kinesis_sim.analytics.states import ApplicationStatus
from kinesis_sim.clock import ScheduledAction
from kinesis_sim.instants import HOUR


class TendedLifecycle(Lifecycle):
    """Moves the applications of a catalog, also by itself."""

    def __init__(
        self, catalog: ApplicationCatalog, engine: Engine, ports: ApplicationPorts
    ) -> None:
        super().__init__(catalog, engine)
        self._ports = ports
        self._windows: dict[str, ScheduledAction] = {}
        self._over: dict[str, int] = {}

    def scale(self, application: AnalyticsApplication, to: int) -> None:
        """Restart it with another CurrentParallelism, from a snapshot where it has them.

        The operation's name, and that no version is made of it, are the model's choice.
        """
        operation = self._begin(application, "AutoScaling")
        kept = self._taken(application, f"scale-{self.catalog.now}", "AUTOSCALING")
        self._halt(application)
        self.step(application, "the load wants another parallelism")

        def scaled() -> None:
            if self._is(application, ApplicationStatus.AUTOSCALING):
                application.scaled_to = to
                self._run(application, kept, operation, "scaled")

        self._after("analytics.scale_application", scaled)

    def maintain(self, application: AnalyticsApplication) -> None:
        """Restart it, from a snapshot, or its last checkpoint where it has no snapshots."""
        operation = self._begin(application, "ApplicationMaintenance")
        # its window lasts, so that one that is moved meanwhile is no other of this day
        self._over[application.arn] = self.catalog.now + maintenance.HOURS * HOUR
        if application.takes_snapshots:
            kept = self.keep(
                application, f"maintenance-{self.catalog.now}", "SYSTEM", "MAINTENANCE"
            ).kept
        else:
            kept = None if application.running is None else application.running.last()
        self._halt(application)
        self.step(application, "ApplicationMaintenance")

        def maintained() -> None:
            if self._is(application, ApplicationStatus.MAINTENANCE):
                self._run(application, kept, operation, "maintained")

        self._after("analytics.maintain_application", maintained)

    def move_window(self, application: AnalyticsApplication, start: str) -> None:
        """Have its maintenance window begin at ``hh:mm``; what is planned keeps its time."""
        application.window_start = start
        planned = self._ports.is_planned(application.name, application.arn)
        if application.running is not None and not planned:
            self._await_window(application)

    def _await_window(self, application: AnalyticsApplication) -> None:
        """Look at the beginning of its next window whether there is maintenance to do."""
        self._forget_window(application)

        def begins() -> None:
            self._await_window(application)
            if self._is(application, ApplicationStatus.RUNNING) and self._ports.is_due(
                application.name, application.arn
            ):
                self.maintain(application)

        since = max(self.catalog.now, self._over.get(application.arn, 0))
        at = maintenance.next_window(application.window_start, since)
        self._windows[application.name] = self._clock.schedule(at, begins)

    def _forget_window(self, application: AnalyticsApplication) -> None:
        planned = self._windows.pop(application.name, None)
        if planned is not None:
            planned.cancel()

    # --- from its start to its end --------------------------------------------------------------

    def _code(self, application: AnalyticsApplication, kept: Any) -> RunningCode:
        running = super()._code(application, kept)
        if application.watch is not None:
            application.watch.start()
            self._await_window(application)
        return running

    def _load_of(self, application: AnalyticsApplication) -> Callable[[int], None]:
        """Raises SqlValidationError for a capacity that is none."""
        if application.is_sql:
            return super()._load_of(application)
        part = application.parallelism_part
        application.watch = LoadWatch(
            self._clock,
            part,
            now=application.parallelism,
            most=most_parallel(part, self.catalog.limits["analytics.kpus"]),
            rows_per_kpu_second=capacity(lab_properties(application)),
            scale=lambda to: self.scale(application, to),
            told=lambda percent: self._tell_load(application, percent),
        )
        return application.watch.took

    def _tell_load(self, application: AnalyticsApplication, percent: float) -> None:
        now, name = self.catalog.now, application.name
        self.catalog.events.append(ApplicationLoaded(at=now, application=name, percent=percent))

    def _halt(self, application: AnalyticsApplication) -> None:
        self._forget_window(application)
        if application.watch is not None:
            application.watch.stop()
            application.watch = None
        super()._halt(application)
