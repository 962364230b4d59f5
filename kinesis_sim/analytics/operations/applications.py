"""Making, telling, changing, starting, stopping and deleting applications."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import (
    admission,
    configuring,
    describing,
    maintenance,
    refusals,
)
from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.lifecycle import CHANGEABLE
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.operations.labels import checked_tags
from kinesis_sim.analytics.operations.paging import page

STUDIO_TEXT = (
    "Studio notebooks are not simulated: make a STREAMING application of a FLINK runtime, whose "
    "code is the SQL text, or run the statements in a notebook of the course."
)


def create_application(state: Applications, request: Request) -> Answer:
    """Make an application, READY at once.

    Its first version is 1. Raises ResourceInUse for a name that is taken, LimitExceeded,
    InvalidArgument for a configuration that contradicts itself, CodeValidation for SQL that does
    not parse, TooManyTags, UnsupportedOperation for a runtime that AWS ended and for Studio.
    """
    application = made(state, request, sdk=2)
    return {"ApplicationDetail": describing.detail(application)}


def made(state: Applications, request: Request, sdk: int) -> AnalyticsApplication:
    """A new application of either API."""
    catalog, name = state.catalog, request["ApplicationName"]
    runtime = request["RuntimeEnvironment"]
    if name in catalog.applications:
        raise refusals.exists(name)
    most = catalog.limits["analytics.applications"]
    if len(catalog) >= most:
        raise refusals.too_many("applications", most)
    admission.check_creation(request, catalog.around.account, catalog.around.region)
    mode = request.get("ApplicationMode") or "STREAMING"
    if mode == "INTERACTIVE" or runtime.startswith(configuring.STUDIO):
        raise refusals.unsupported(STUDIO_TEXT)
    tags = checked_tags(catalog, request.get("Tags") or [], {})
    version = configuring.first(catalog, request, request.get("ApplicationConfiguration") or {})
    application = AnalyticsApplication(
        name=name,
        arn=catalog.arn(name),
        made=catalog.now,
        changed=catalog.now,
        mode=mode,
        description=request.get("ApplicationDescription") or "",
        sdk=sdk,
        versions=[version],
        token=catalog.drawn(f"token/{name}"),
        tags=tags,
        window_start=maintenance.first_window(catalog.around.region),
    )
    state.engine.check_code(application)
    state.lives.made(application)
    return application


def describe_application(state: Applications, request: Request) -> Answer:
    """An application as it is now; IncludeAdditionalDetails adds the plan of its job."""
    application = state.catalog.find(request)
    return {"ApplicationDetail": describing.detail(application)}


def list_applications(state: Applications, request: Request) -> Answer:
    """All applications by name."""
    rows = sorted(map(describing.summary, state.catalog), key=lambda row: row["ApplicationName"])
    return page("ApplicationSummaries", rows, request, key="ApplicationName")


def update_application(state: Applications, request: Request) -> Answer:
    """Change a configuration: a new version at once, a restart where it runs.

    Raises ConcurrentModification for a caller who knows an older version, ResourceInUse while it is
    neither READY nor RUNNING, InvalidArgument, CodeValidation.
    """
    application = state.catalog.find(request)
    state.catalog.held(application, request)
    state.lives.need(application, CHANGEABLE)
    version = configuring.changed(state.catalog, application, request)
    state.engine.check_code(application, version)
    _run_update(application, request.get("RunConfigurationUpdate") or {})
    application.sdk = 2
    operation = state.lives.change(application, version)
    return {"ApplicationDetail": describing.detail(application), "OperationId": operation.id}


def _run_update(application: AnalyticsApplication, update: Request) -> None:
    flink = update.get("FlinkRunConfiguration")
    if flink is not None:
        application.allow_non_restored = bool(flink.get("AllowNonRestoredState", False))


def delete_application(state: Applications, request: Request) -> Answer:
    """Delete an application with its snapshots.

    Raises InvalidArgument unless CreateTimestamp is its own, to the second, ResourceInUse for one
    that is scaled, maintained or being deleted.
    """
    application = state.catalog.find(request)
    if request["CreateTimestamp"] // 1_000 != application.made // 1_000:
        raise refusals.invalid("CreateTimestamp is not that of the application: describe it.")
    state.lives.need_deletable(application)
    state.lives.delete(application)
    return {}


def start_application(state: Applications, request: Request) -> Answer:
    """Start an application from its latest snapshot, another one, or nothing.

    Raises ResourceInUse unless it is READY, InvalidApplicationConfiguration for code that cannot
    run, ResourceNotFound for a snapshot that is not there, InvalidArgument.
    """
    application = state.catalog.find(request)
    run = request.get("RunConfiguration") or {}
    state.lives.need(application, state.lives.startable)
    for each in run.get("SqlRunConfigurations") or []:
        start_input(application, each["InputId"], each["InputStartingPositionConfiguration"])
    operation = state.lives.start(application, run)
    return {"OperationId": operation.id}


def start_input(application: AnalyticsApplication, input_id: str, position: Request) -> None:
    """Say where an input is read from. Raises InvalidArgument for an input that is not there."""
    for part in application.parts("InputDescriptions"):
        if part["InputId"] == input_id:
            part["InputStartingPositionConfiguration"] = dict(position)
            return
    raise refusals.invalid(f"The application has no InputId {input_id}.")


def stop_application(state: Applications, request: Request) -> Answer:
    """Stop an application, with a snapshot where it has them; Force leaves that out.

    Raises ResourceInUse for one that does not run, InvalidArgument for Force of a SQL application.
    """
    application, force = state.catalog.find(request), bool(request.get("Force"))
    if force and application.is_sql:
        raise refusals.invalid("Force is for Flink applications.")
    operation = state.lives.stop(application, force=force)
    return {"OperationId": operation.id}


def update_application_maintenance_configuration(state: Applications, request: Request) -> Answer:
    """Say when the eight hours begin in which AWS may restart it.

    Maintenance that is planned already comes at the time that was. Raises ResourceInUse while it is
    neither READY nor RUNNING, UnsupportedOperation for a SQL application.
    """
    application = state.catalog.find(request)
    state.lives.need(application, CHANGEABLE)
    if application.is_sql:
        raise refusals.unsupported("A SQL application has no maintenance window.")
    update = request["ApplicationMaintenanceConfigurationUpdate"]
    start = update["ApplicationMaintenanceWindowStartTimeUpdate"]
    state.lives.move_window(application, start)
    return {
        "ApplicationARN": application.arn,
        "ApplicationMaintenanceConfigurationDescription": describing.window(application),
    }


def create_application_presigned_url(state: Applications, request: Request) -> Answer:
    """The address of a running application's dashboard; nothing is served there.

    Raises ResourceInUse for one that does not run, InvalidArgument for a Studio's address.
    """
    application = state.catalog.find(request)
    if request["UrlType"] != "FLINK_DASHBOARD_URL":
        raise refusals.invalid(STUDIO_TEXT)
    if application.status != "RUNNING":
        raise refusals.busy(application.name, application.status, "RUNNING")
    region = state.catalog.around.region
    token = state.catalog.drawn(f"url/{application.name}")
    return {"AuthorizedUrl": f"https://{token}.{region}.flink.example.invalid/dashboard"}
