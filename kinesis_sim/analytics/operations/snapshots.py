"""Snapshots of an application's state, as savepoints of Flink are."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import describing, refusals
from kinesis_sim.analytics.applications.application import AnalyticsApplication, ApplicationSnapshot
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.operations.paging import page


def create_application_snapshot(state: Applications, request: Request) -> Answer:
    """Take a snapshot of an application that runs.

    Raises ResourceInUse for a name that is taken, InvalidRequest for one that does not run or takes
    no snapshots, LimitExceeded, UnsupportedOperation for a SQL application.
    """
    application, name = _flink(state, request), request["SnapshotName"]
    if name in application.snapshots:
        raise refusals.in_use(f"The snapshot {name} exists already.")
    if application.status != "RUNNING" or not application.takes_snapshots:
        raise refusals.bad_request(
            f"The application {application.name} is {application.status}; a snapshot is of one "
            "that is RUNNING with SnapshotsEnabled."
        )
    most = state.catalog.limits["analytics.snapshots"]
    if len(application.snapshots) >= most:
        raise refusals.too_many("snapshots", most)
    state.lives.keep(application, name, "USER", "CREATE_SNAPSHOT")
    return {}


def describe_application_snapshot(state: Applications, request: Request) -> Answer:
    """One snapshot."""
    application = _flink(state, request)
    return {"SnapshotDetails": describing.snapshot(_found(application, request["SnapshotName"]))}


def list_application_snapshots(state: Applications, request: Request) -> Answer:
    """All snapshots, oldest first; nothing for an application that is not there."""
    application = state.catalog.applications.get(request["ApplicationName"])
    if application is not None and application.is_sql:
        raise refusals.unsupported("A SQL application has no snapshots.")
    kept = [] if application is None else list(application.snapshots.values())
    rows = [describing.snapshot(each) for each in kept]
    return page("SnapshotSummaries", rows, request, key="SnapshotName")


def delete_application_snapshot(state: Applications, request: Request) -> Answer:
    """Delete a snapshot. Raises InvalidArgument unless the time is its own, to the second."""
    application = _flink(state, request)
    found = _found(application, request["SnapshotName"])
    if request["SnapshotCreationTimestamp"] // 1_000 != found.made // 1_000:
        raise refusals.invalid("SnapshotCreationTimestamp is not that of the snapshot.")
    if found.life.name not in ("READY", "FAILED"):
        raise refusals.in_use(f"The snapshot {found.name} is {found.life.name}.")
    state.lives.forget(application, found)
    return {}


def _found(application: AnalyticsApplication, name: str) -> ApplicationSnapshot:
    found = application.snapshots.get(name)
    if found is None:
        raise refusals.not_there(f"The snapshot {name}")
    return found


def _flink(state: Applications, request: Request) -> AnalyticsApplication:
    application = state.catalog.find(request)
    if application.is_sql:
        raise refusals.unsupported("A SQL application has no snapshots.")
    return application
