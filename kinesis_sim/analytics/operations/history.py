"""Versions of an application, operations that took their time, and the way back."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import describing, refusals
from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.lifecycle import ROLLABLE
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.operations.paging import page


def list_application_versions(state: Applications, request: Request) -> Answer:
    """All versions, newest first; each has the status of the application."""
    application = _flink(state, request)
    rows: list[Answer] = [
        {"ApplicationVersionId": number, "ApplicationStatus": application.status}
        for number in application.numbers()
    ]
    return page("ApplicationVersionSummaries", rows, request, key="ApplicationVersionId")


def describe_application_version(state: Applications, request: Request) -> Answer:
    """The application as a version has it."""
    application, wanted = _flink(state, request), request["ApplicationVersionId"]
    found = next((each for each in application.versions if each.number == wanted), None)
    if found is None:
        raise refusals.not_there(f"Version {wanted} of the application {application.name}")
    return {"ApplicationVersionDetail": describing.detail(application, found)}


def rollback_application(state: Applications, request: Request) -> Answer:
    """Go back to the version before: a new version with its configuration, from a snapshot.

    Raises ResourceInUse unless it is RUNNING or UPDATING, InvalidRequest for a first
    version, ConcurrentModification for a caller who knows an older one.
    """
    application = _flink(state, request)
    state.catalog.held(application, request)
    state.lives.need(application, ROLLABLE)
    if len(application.versions) < 2:
        raise refusals.bad_request(f"The application {application.name} has no version before.")
    operation = state.lives.roll_back(application, application.versions[-2])
    return {"ApplicationDetail": describing.detail(application), "OperationId": operation.id}


def list_application_operations(state: Applications, request: Request) -> Answer:
    """What was done to an application, newest first; by its name or its status."""
    application = _flink(state, request)
    name, status = request.get("Operation"), request.get("OperationStatus")
    rows = [
        describing.operation(each)
        for each in reversed(application.operations)
        if name in (None, each.name) and status in (None, each.status)
    ]
    return page("ApplicationOperationInfoList", rows, request, key="OperationId")


def describe_application_operation(state: Applications, request: Request) -> Answer:
    """One operation: its versions, how it ended, what went wrong."""
    application, wanted = _flink(state, request), request["OperationId"]
    found = next((each for each in application.operations if each.id == wanted), None)
    if found is None:
        raise refusals.not_there(f"The operation {wanted}")
    return {"ApplicationOperationInfoDetails": describing.operation_details(found)}


def _flink(state: Applications, request: Request) -> AnalyticsApplication:
    """The application. Raises UnsupportedOperation for a SQL one, which has no history."""
    application = state.catalog.find(request)
    if application.is_sql:
        raise refusals.unsupported("This is for Flink applications.")
    return application
