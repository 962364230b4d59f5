"""The older API in terms of the newer one: other names, no answers to speak of."""

from __future__ import annotations

from collections.abc import Callable

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics import operations as newer
from kinesis_sim.analytics.applications import configuring, describing
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.operations.applications import made, start_input
from kinesis_sim.analytics.operations.discovery import discover_input_schema
from kinesis_sim.analytics.operations.labels import (
    list_tags_for_resource,
    tag_resource,
    untag_resource,
)

__all__ = ["discover_input_schema", "list_tags_for_resource", "tag_resource", "untag_resource"]
_SQL = ("InputDescriptions", "OutputDescriptions", "ReferenceDataSourceDescriptions")
Newer = Callable[[Applications, Request], Answer]


def create_application(state: Applications, request: Request) -> Answer:
    """Make a SQL application.

    Raises ResourceInUse for a name that is taken, CodeValidation for code that does not parse,
    InvalidArgument, LimitExceeded, TooManyTags.
    """
    sql = {name: request[name] for name in ("Inputs", "Outputs") if request.get(name)}
    configuration: Request = {"SqlApplicationConfiguration": sql} if sql else {}
    if request.get("ApplicationCode"):
        content = {"TextContent": request["ApplicationCode"]}
        code = {"CodeContentType": "PLAINTEXT", "CodeContent": content}
        configuration["ApplicationCodeConfiguration"] = code
    application = made(
        state,
        {
            **request,
            "RuntimeEnvironment": configuring.SQL,
            "ServiceExecutionRole": "",
            "ApplicationConfiguration": configuration,
        },
        sdk=1,
    )
    summary = describing.summary(application)
    names = ("ApplicationName", "ApplicationARN", "ApplicationStatus")
    return {"ApplicationSummary": {name: summary[name] for name in names}}


def describe_application(state: Applications, request: Request) -> Answer:
    """An application as it is now. Raises UnsupportedOperation for one of the newer API's."""
    application = state.catalog.find(request, sdk=1)
    told = describing.detail(application)
    configuration = told["ApplicationConfigurationDescription"]
    sql = configuration.get("SqlApplicationConfigurationDescription") or {}
    content = configuration.get("ApplicationCodeConfigurationDescription", {})
    code = content.get("CodeContentDescription", {}).get("TextContent")
    kept = (
        "ApplicationARN",
        "ApplicationName",
        "ApplicationDescription",
        "ApplicationStatus",
        "ApplicationVersionId",
        "CreateTimestamp",
        "LastUpdateTimestamp",
        "CloudWatchLoggingOptionDescriptions",
    )
    answer = {name: told[name] for name in kept if name in told}
    answer |= {name: sql[name] for name in _SQL if sql.get(name)}
    if code is not None:
        answer["ApplicationCode"] = code
    return {"ApplicationDetail": answer}


def list_applications(state: Applications, request: Request) -> Answer:
    """SQL applications by name, after one of them."""
    after, size = request.get("ExclusiveStartApplicationName") or "", request.get("Limit") or 50
    rows = sorted(
        (each for each in state.catalog if each.is_sql and each.name > after),
        key=lambda each: each.name,
    )
    names = ("ApplicationName", "ApplicationARN", "ApplicationStatus")
    told = [{name: describing.summary(each)[name] for name in names} for each in rows[:size]]
    return {"ApplicationSummaries": told, "HasMoreApplications": len(rows) > size}


def update_application(state: Applications, request: Request) -> Answer:
    """Change a SQL application; it is UPDATING for a while."""
    update = dict(request["ApplicationUpdate"])
    asked: Request = {}
    code = update.pop("ApplicationCodeUpdate", None)
    if code is not None:
        asked["ApplicationCodeConfigurationUpdate"] = {
            "CodeContentTypeUpdate": "PLAINTEXT",
            "CodeContentUpdate": {"TextContentUpdate": code},
        }
    logging = update.pop("CloudWatchLoggingOptionUpdates", [])
    if update:
        asked["SqlApplicationConfigurationUpdate"] = update
    return _asked(
        state,
        newer.update_application,
        {
            **request,
            "ApplicationConfigurationUpdate": asked,
            "CloudWatchLoggingOptionUpdates": logging,
        },
    )


def delete_application(state: Applications, request: Request) -> Answer:
    """Delete a SQL application."""
    return _asked(state, newer.delete_application, request)


def start_application(state: Applications, request: Request) -> Answer:
    """Start a SQL application, each input from where it is said."""
    application = state.catalog.find(request, sdk=1)
    state.lives.need(application, state.lives.startable)
    for each in request["InputConfigurations"]:
        start_input(application, each["Id"], each["InputStartingPositionConfiguration"])
    state.lives.start(application, {})
    return {}


def stop_application(state: Applications, request: Request) -> Answer:
    """Stop a SQL application."""
    return _asked(state, newer.stop_application, request)


def add_application_input(state: Applications, request: Request) -> Answer:
    """Give it its streaming source."""
    return _asked(state, newer.add_application_input, request)


def add_application_output(state: Applications, request: Request) -> Answer:
    """Give it a destination."""
    return _asked(state, newer.add_application_output, request)


def delete_application_output(state: Applications, request: Request) -> Answer:
    """Take a destination away."""
    return _asked(state, newer.delete_application_output, request)


def add_application_reference_data_source(state: Applications, request: Request) -> Answer:
    """Give it a table that is read from S3 once."""
    return _asked(state, newer.add_application_reference_data_source, request)


def delete_application_reference_data_source(state: Applications, request: Request) -> Answer:
    """Take that table away."""
    return _asked(state, newer.delete_application_reference_data_source, request)


def add_application_input_processing_configuration(state: Applications, request: Request) -> Answer:
    """Have a function see an input's records first."""
    return _asked(state, newer.add_application_input_processing_configuration, request)


def delete_application_input_processing_configuration(
    state: Applications, request: Request
) -> Answer:
    """Have no function see them."""
    return _asked(state, newer.delete_application_input_processing_configuration, request)


def add_application_cloud_watch_logging_option(state: Applications, request: Request) -> Answer:
    """Say where it logs to."""
    return _asked(state, newer.add_application_cloud_watch_logging_option, request)


def delete_application_cloud_watch_logging_option(state: Applications, request: Request) -> Answer:
    """Have it log nowhere."""
    return _asked(state, newer.delete_application_cloud_watch_logging_option, request)


def _asked(state: Applications, operation: Newer, request: Request) -> Answer:
    """What the newer API does, for an application that it has not touched; no answer."""
    application = state.catalog.find(request, sdk=1)
    operation(state, request)
    application.sdk = 1
    return {}
