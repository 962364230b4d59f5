"""Snapshots that stand by themselves (ENHANCED_SNAPSHOTS): they outlive their application.

An export writes to S3 what a snapshot is, not its state: that stays in the simulator, and an import
finds it there (model's choice: Flink's own files are not written). So a snapshot of another place
cannot be brought in, and what a stranger's file says is only looked up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.analytics.applications.application import ApplicationSnapshot, SnapshotOperation
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.operations.labels import checked_tags
from kinesis_sim.analytics.operations.paging import page
from kinesis_sim.analytics.states import SNAPSHOT
from kinesis_sim.errors import ServiceError
from kinesis_sim.states import Life

_FORMAT = "CANONICAL"
_MANIFEST = "_metadata.json"
_MOST_BYTES = 65_536
"""Of a manifest that is read back; ours have some hundred."""


def create_snapshot(state: Applications, request: Request) -> Answer:
    """Take a snapshot of an application that runs.

    Raises ResourceInUse for a name that is taken, InvalidApplicationConfiguration for one that does
    not run or takes no such snapshots, LimitExceeded, TooManyTags, UnsupportedOperation for a SQL
    application, InvalidArgument for one that is not there.
    """
    catalog, name = state.catalog, request["SnapshotName"]
    application = catalog.applications.get(request["ApplicationName"])
    if application is None:
        raise refusals.invalid(f"The application {request['ApplicationName']} does not exist.")
    if application.is_sql:
        raise refusals.unsupported("A SQL application has no snapshots.")
    _free(state, name)
    part = application.configuration.get("ApplicationSnapshotConfigurationDescription", {})
    enhanced = part.get("SnapshotMode") == "ENHANCED_SNAPSHOTS"
    if application.status != "RUNNING" or not application.takes_snapshots or not enhanced:
        raise refusals.bad_configuration(
            f"The application {application.name} is {application.status}; a snapshot is of one "
            "that is RUNNING, with SnapshotsEnabled and the SnapshotMode ENHANCED_SNAPSHOTS."
        )
    snapshot = ApplicationSnapshot(
        name=name,
        application=application.name,
        application_made=application.made,
        version=application.version.number,
        made=catalog.now,
        runtime=application.version.runtime,
        kept=None if application.running is None else application.running.snapshot(),
        cause="CreateSnapshot",
        description=request.get("SnapshotDescription") or "",
        tags=checked_tags(catalog, request.get("Tags") or [], {}),
    )
    return _started(state, snapshot, "CreateSnapshot", {})


def import_snapshot(state: Applications, request: Request) -> Answer:
    """Bring in a snapshot that was exported to S3.

    What is not there, or was not exported from here, is an operation that FAILED and a snapshot
    that is. Raises ResourceInUse, LimitExceeded, TooManyTags.
    """
    catalog, name = state.catalog, request["SnapshotName"]
    _free(state, name)
    place = request["ImportSourceConfiguration"]["SourceS3PrefixLocation"]
    snapshot = ApplicationSnapshot(
        name=name,
        application="",
        application_made=catalog.now,
        version=0,
        made=catalog.now,
        runtime="",
        cause="ImportSnapshot",
        description=request.get("SnapshotDescription") or "",
        source={"S3PrefixLocation": dict(place)},
        tags=checked_tags(catalog, request.get("Tags") or [], {}),
    )
    failure = _read(state, snapshot, place)
    return _started(state, snapshot, "ImportSnapshot", place, failure)


def export_snapshot(state: Applications, request: Request) -> Answer:
    """Write what a snapshot is to S3. Raises ResourceNotFound, ResourceInUse unless it is READY."""
    snapshot = _found(state, request)
    _need(snapshot, "READY")
    place = request["ExportDestinationConfiguration"]["DestinationS3PrefixLocation"]
    told = {
        "SnapshotArn": state.catalog.snapshot_arn(snapshot.name),
        "SnapshotName": snapshot.name,
        "RuntimeEnvironment": snapshot.runtime,
        "ApplicationName": snapshot.application,
        "ApplicationVersionId": snapshot.version,
        "SnapshotFormat": _FORMAT,
    }
    failure = None
    try:
        body = json.dumps(told, indent=2).encode()
        state.catalog.around.store(_bucket(place), _key(place), body)
    except Undelivered as error:
        failure = (error.code, error.message)
    operation = _operation(state, snapshot, "ExportSnapshot", place)
    _later(state, "analytics.create_snapshot", lambda: _end(state, operation, failure))
    return _operation_told(operation)


def delete_snapshot(state: Applications, request: Request) -> Answer:
    """Delete a snapshot. Raises InvalidArgument unless the time is its own, to the second."""
    snapshot = _found(state, request)
    if request["SnapshotCreationTimestamp"] // 1_000 != snapshot.made // 1_000:
        raise refusals.invalid("SnapshotCreationTimestamp is not that of the snapshot.")
    _need(snapshot, "READY", "FAILED")
    snapshot.life.step("DeleteApplicationSnapshot")
    operation = _operation(state, snapshot, "DeleteSnapshot", {})

    def deleted() -> None:
        state.catalog.standing.pop(snapshot.name, None)
        snapshot.life.step("deleted")
        _end(state, operation, None)

    _later(state, "analytics.delete_snapshot", deleted)
    return {**_told(state, snapshot), **_operation_told(operation)}


def describe_snapshot(state: Applications, request: Request) -> Answer:
    """One snapshot."""
    snapshot = _found(state, request)
    answer = {**_listed(state, snapshot), "SnapshotSourceDescription": _source(snapshot)}
    answer.pop("SourceApplicationName", None)
    if snapshot.description:
        answer["SnapshotDescription"] = snapshot.description
    if snapshot.runtime:
        answer["RuntimeEnvironment"] = snapshot.runtime
    return {"SnapshotInfoDetails": answer}


def list_snapshots(state: Applications, request: Request) -> Answer:
    """Snapshots, oldest first, by where they come from and how they are."""
    rows = [_listed(state, each) for each in state.catalog.standing.values()]
    wanted = {
        "SourceApplicationName": request.get("SourceApplicationName"),
        "SnapshotInitiator": request.get("SnapshotInitiator"),
        "SnapshotInitiatorOperation": request.get("SnapshotInitiatorOperation"),
        "SnapshotStatus": request.get("SnapshotStatus"),
    }
    kept = [row for row in rows if _fits(row, wanted)]
    return page("SnapshotInfoList", kept, request, key="SnapshotName")


def list_snapshot_operations(state: Applications, request: Request) -> Answer:
    """What was done to a snapshot, newest first."""
    snapshot = _found(state, request)
    wanted = {
        "SnapshotOperation": request.get("SnapshotOperation"),
        "SnapshotOperationStatus": request.get("SnapshotOperationStatus"),
    }
    rows = [
        _operation_row(each)
        for each in reversed(state.catalog.snapshot_operations)
        if each.snapshot == snapshot.name
    ]
    kept = [row for row in rows if _fits(row, wanted)]
    return page("SnapshotOperationInfoList", kept, request, key="SnapshotOperationId")


def describe_snapshot_operation(state: Applications, request: Request) -> Answer:
    """One operation: its place in S3, and what went wrong."""
    snapshot, wanted = _found(state, request), request["SnapshotOperationId"]
    found = next((each for each in state.catalog.snapshot_operations if each.id == wanted), None)
    if found is None or found.snapshot != snapshot.name:
        raise refusals.not_there(f"The operation {wanted}")
    answer = {**_operation_row(found), "SnapshotArn": found.arn}
    if found.place:
        side = "Source" if found.name == "ImportSnapshot" else "Destination"
        where = {"LocationType": "S3", "S3PrefixLocation": dict(found.place)}
        answer[f"Snapshot{side}LocationDescription"] = where
    if found.failure is not None:
        code, text = found.failure
        answer["SnapshotOperationFailureDetails"] = {
            "ErrorInfo": {"ErrorCode": code, "ErrorString": text}
        }
    return {"SnapshotOperationInfoDetails": answer}


# --- what they share --------------------------------------------------------------------------


def _free(state: Applications, name: str) -> None:
    if name in state.catalog.standing:
        raise refusals.in_use(f"The snapshot {name} exists already.")
    most = state.catalog.limits["analytics.snapshots"]
    if len(state.catalog.standing) >= most:
        raise refusals.too_many("snapshots", most)


def _found(state: Applications, request: Request) -> ApplicationSnapshot:
    found = state.catalog.standing.get(request["SnapshotName"])
    if found is None:
        raise refusals.not_there(f"The snapshot {request['SnapshotName']}")
    return found


def _need(snapshot: ApplicationSnapshot, *wanted: str) -> None:
    if snapshot.life.name not in wanted:
        raise refusals.in_use(f"The snapshot {snapshot.name} is {snapshot.life.name}.")


def _read(
    state: Applications, snapshot: ApplicationSnapshot, place: Request
) -> tuple[str, str] | None:
    """Look up what S3 has under a prefix; why it cannot be brought in."""
    asked = {"Bucket": _bucket(place), "Key": _key(place)}
    try:
        body = state.catalog.around.elsewhere("s3", "GetObject", asked)["Body"]
        told = json.loads(bytes(body)[:_MOST_BYTES])
        name = str(told["SnapshotName"])
    except ServiceError as error:
        return error.code, error.message
    except (ValueError, TypeError, KeyError, RecursionError):
        return "InvalidSnapshot", f"{_key(place)} is no snapshot that was exported from here."
    source = state.catalog.standing.get(name)
    if source is None:
        return "InvalidSnapshot", f"The state of the snapshot {name} is not kept here any more."
    copy = replace(source)
    snapshot.kept, snapshot.runtime = copy.kept, copy.runtime
    snapshot.application, snapshot.version = copy.application, copy.version
    return None


def _started(
    state: Applications,
    snapshot: ApplicationSnapshot,
    name: str,
    place: Request,
    failure: tuple[str, str] | None = None,
) -> Answer:
    snapshot.life = Life(SNAPSHOT)
    state.catalog.standing[snapshot.name] = snapshot
    operation = _operation(state, snapshot, name, place)

    def done() -> None:
        snapshot.life.step("created" if failure is None else "failed")
        _end(state, operation, failure)

    _later(state, "analytics.create_snapshot", done)
    return {**_told(state, snapshot), **_operation_told(operation)}


def _operation(
    state: Applications, snapshot: ApplicationSnapshot, name: str, place: Request
) -> SnapshotOperation:
    catalog = state.catalog
    arn = catalog.snapshot_arn(snapshot.name)
    made = SnapshotOperation(
        catalog.drawn("operation"), snapshot.name, arn, name, catalog.now, place=dict(place)
    )
    catalog.snapshot_operations.append(made)
    return made


def _later(state: Applications, delay: str, action: Callable[[], None]) -> None:
    state.catalog.clock.after(state.catalog.delays[delay], action)


def _end(
    state: Applications, operation: SnapshotOperation, failure: tuple[str, str] | None
) -> None:
    operation.ended, operation.failure = state.catalog.now, failure
    operation.status = "SUCCESSFUL" if failure is None else "FAILED"


def _told(state: Applications, snapshot: ApplicationSnapshot) -> Answer:
    arn = state.catalog.snapshot_arn(snapshot.name)
    return {"SnapshotArn": arn, "SnapshotStatus": snapshot.life.name}


def _operation_told(operation: SnapshotOperation) -> Answer:
    return {
        "SnapshotOperationId": operation.id,
        "SnapshotOperationStatus": operation.status,
    }


def _operation_row(operation: SnapshotOperation) -> Answer:
    row: Answer = {
        **_operation_told(operation),
        "SnapshotOperation": operation.name,
        "StartTime": operation.began,
    }
    if operation.ended is not None:
        row["EndTime"] = operation.ended
    return row


def _listed(state: Applications, snapshot: ApplicationSnapshot) -> Answer:
    row: Answer = {
        "SnapshotName": snapshot.name,
        **_told(state, snapshot),
        "SnapshotCreationTimestamp": snapshot.made,
        "SnapshotInitiator": snapshot.initiator,
        "SnapshotInitiatorOperation": snapshot.cause,
        "SnapshotFormat": _FORMAT,
    }
    if snapshot.application:
        row["SourceApplicationName"] = snapshot.application
    return row


def _source(snapshot: ApplicationSnapshot) -> Request:
    if snapshot.source:
        return snapshot.source
    return {
        "SourceApplicationDescription": {
            "ApplicationName": snapshot.application,
            "ApplicationCreationTimestamp": snapshot.application_made,
            "ApplicationVersionId": snapshot.version,
        }
    }


def _fits(row: Answer, wanted: Request) -> bool:
    return all(value is None or row.get(name) == value for name, value in wanted.items())


def _bucket(place: Request) -> str:
    return str(place["BucketARN"]).rpartition(":")[2]


def _key(place: Request) -> str:
    prefix = str(place["KeyPrefix"]).rstrip("/")
    return f"{prefix}/{_MANIFEST}" if prefix else _MANIFEST
