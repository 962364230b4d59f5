"""CloudFormation's applications of streaming SQL and of Flink, made here: by either API.

Properties are those of AWS::KinesisAnalyticsV2::Application and AWS::KinesisAnalytics::Application
in CloudFormation's schemas (``schemas``); Ref gives the name. A stack makes an application and does
not start it, as AWS's; ``RunConfiguration`` counts for the update of one that runs only. A part of
the configuration that an updated template leaves out stays as it was (the model's choice), and a
changed description is refused by name, for no call of the API changes it. What belongs to an
application and has a type of its own is in ``application_parts``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from kinesis_sim.aws.bridges.delivery import ask
from kinesis_sim.aws.bridges.labels import APPLICATIONS, retag
from kinesis_sim.aws.bridges.settling import Step, patiently, unless_gone
from kinesis_sim.aws.bridges.updates import as_update
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

APPLICATION, OLDER = "AWS::KinesisAnalyticsV2::Application", "AWS::KinesisAnalytics::Application"
NEW, OLD = "kinesisanalyticsv2", "kinesisanalytics"
Properties = dict[str, Any]
_VPCS, _SQL = "VpcConfigurations", "SqlApplicationConfiguration"
_WINDOW, _UPDATE = "ApplicationMaintenanceConfiguration", "ApplicationConfigurationUpdate"
_INPUT_UPDATES = {
    NEW: (_UPDATE, f"{_SQL}Update", "InputUpdates"),
    OLD: ("ApplicationUpdate", "InputUpdates"),
}


# --- AWS::KinesisAnalyticsV2::Application ---------------------------------------------------------


def create(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Make an application: its name."""
    own = str(asked.get("ApplicationName") or name)
    members = (
        "ApplicationDescription",
        "ApplicationMode",
        "RuntimeEnvironment",
        "ServiceExecutionRole",
        "Tags",
    )
    request = {member: asked[member] for member in members if member in asked}
    configuration = _configuration(asked)
    if configuration:
        request["ApplicationConfiguration"] = configuration
    ask(NEW, "CreateApplication", {"ApplicationName": own, **request}, region)
    if asked.get(_WINDOW):
        _move_window(own, asked[_WINDOW], region)
    return own, {}


def update(name: str, before: Properties, after: Properties, region: str) -> list[Step]:
    """What changes an application, a step each."""
    _refuse_description(APPLICATION, before, after)
    steps: list[Step] = [
        lambda: retag(APPLICATIONS, described(NEW, name, region)["ApplicationARN"], before, after,
                      region)
    ]  # fmt: skip
    steps += _vpc_steps(name, before, after, region)
    window = after.get(_WINDOW)
    if window and window != before.get(_WINDOW):
        steps.append(lambda: _move_window(name, window, region))
    told = dict(_changes(before, after))
    if told:
        steps.append(lambda: _reconfigure(name, told, after.get("RunConfiguration"), region))
    return steps


def delete(name: str, _: Properties, region: str) -> None:
    """Delete an application with its snapshots; nothing where it is gone."""
    _delete(NEW, name, region)


def status(name: str, _: Properties, region: str) -> str | None:
    """UPDATING while it is on its way, else ACTIVE: READY and RUNNING are; None for none."""
    told = unless_gone(NEW, "DescribeApplication", {"ApplicationName": name}, region)
    if told is None:
        return None
    is_settled = told["ApplicationDetail"]["ApplicationStatus"] in ("READY", "RUNNING", "DELETING")
    return "ACTIVE" if is_settled else "UPDATING"


def described(service: str, name: str, region: str) -> dict[str, Any]:
    """An application's description by one of both APIs."""
    told = ask(service, "DescribeApplication", {"ApplicationName": name}, region)
    return dict(told["ApplicationDetail"])


def change(service: str, name: str, operation: str, told: Properties, region: str) -> Any:
    """Make a call for the version that an application has."""
    version = described(service, name, region)["ApplicationVersionId"]
    named = {"ApplicationName": name, "CurrentApplicationVersionId": version}
    return ask(service, operation, {**named, **told}, region)


def _configuration(asked: Properties) -> Properties:
    """The configuration as the API takes it: a template has the bytes of an archive in base64."""
    configuration = dict(asked.get("ApplicationConfiguration") or {})
    code = configuration.get("ApplicationCodeConfiguration")
    archive = ((code or {}).get("CodeContent") or {}).get("ZipFileContent")
    if code is not None and archive is not None:
        content = {**code["CodeContent"], "ZipFileContent": _bytes(archive)}
        configuration["ApplicationCodeConfiguration"] = {**code, "CodeContent": content}
    return configuration


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ServiceError(
            "InvalidArgumentException",
            "ZipFileContent is not base64: a template has an archive's bytes in base64.",
        ) from None


def _changes(before: Properties, after: Properties) -> Iterator[tuple[str, Any]]:
    """What UpdateApplication is asked for."""
    for member in ("ServiceExecutionRole", "RuntimeEnvironment"):
        if before.get(member) != after.get(member):
            yield f"{member}Update", after[member]
    had, wanted = _configuration(before), _configuration(after)
    changed = {
        member: value
        for member, value in wanted.items()
        if had.get(member) != value and member != _VPCS
    }
    if changed:
        yield _UPDATE, changed


def _reconfigure(name: str, told: Properties, run: Any, region: str) -> None:
    found = described(NEW, name, region)
    request = dict(told)
    if _UPDATE in request:
        configuration = dict(request[_UPDATE])
        inputs = (configuration.pop(_SQL, None) or {}).get("Inputs")
        request[_UPDATE] = as_update(NEW, (_UPDATE,), configuration)
        if inputs:
            rows = found["ApplicationConfigurationDescription"].get(f"{_SQL}Description", {})
            ids = [row["InputId"] for row in rows.get("InputDescriptions", ())]
            changed = {"InputUpdates": _input_updates(NEW, ids, inputs)}
            request[_UPDATE][f"{_SQL}Update"] = changed
    if run and found["ApplicationStatus"] == "RUNNING":
        request["RunConfigurationUpdate"] = run
    change(NEW, name, "UpdateApplication", request, region)


def _input_updates(service: str, ids: list[str], inputs: list[Properties]) -> list[Properties]:
    """A SQL application's inputs as changes of those that it has, in their order."""
    if len(inputs) != len(ids):
        raise ServiceError(
            CODE,
            f"Kinesis Lab changes the inputs that an application has: {len(ids)}, not "
            f"{len(inputs)}.",
        )
    path = _INPUT_UPDATES[service]
    return [
        {"InputId": own, **as_update(service, path, wanted)}
        for own, wanted in zip(ids, inputs, strict=True)
    ]


def _vpc_steps(name: str, before: Properties, after: Properties, region: str) -> list[Step]:
    had, wanted = (
        list((each.get("ApplicationConfiguration") or {}).get(_VPCS) or ())
        for each in (before, after)
    )
    if had == wanted:
        return []

    def leave() -> None:
        rows = described(NEW, name, region)["ApplicationConfigurationDescription"]
        for row in rows.get("VpcConfigurationDescriptions", ()):
            own = {"VpcConfigurationId": row["VpcConfigurationId"]}
            change(NEW, name, "DeleteApplicationVpcConfiguration", own, region)

    def enter() -> None:
        for row in wanted:
            told = {"VpcConfiguration": row}
            change(NEW, name, "AddApplicationVpcConfiguration", told, region)

    return [leave, enter]


def _move_window(name: str, window: Properties, region: str) -> None:
    start = window["ApplicationMaintenanceWindowStartTime"]
    told = {"ApplicationMaintenanceWindowStartTimeUpdate": start}
    request = {"ApplicationName": name, "ApplicationMaintenanceConfigurationUpdate": told}
    ask(NEW, "UpdateApplicationMaintenanceConfiguration", request, region)


def _refuse_description(kind: str, before: Properties, after: Properties) -> None:
    member = "ApplicationDescription"
    if before.get(member, "") != after.get(member, ""):
        raise ServiceError(CODE, f"Kinesis Lab does not change {member} of a {kind}.")


def _delete(service: str, name: str, region: str) -> None:
    told = unless_gone(service, "DescribeApplication", {"ApplicationName": name}, region)
    if told is not None and told["ApplicationDetail"]["ApplicationStatus"] != "DELETING":
        born = told["ApplicationDetail"]["CreateTimestamp"]
        request = {"ApplicationName": name, "CreateTimestamp": born}
        patiently(service, "DeleteApplication", request, region)


# --- AWS::KinesisAnalytics::Application -----------------------------------------------------------


def create_older(name: str, asked: Properties, region: str) -> tuple[str, Properties]:
    """Make a SQL application by the older API: its name."""
    own = str(asked.get("ApplicationName") or name)
    members = ("ApplicationDescription", "ApplicationCode", "Inputs")
    request = {member: asked[member] for member in members if member in asked}
    ask(OLD, "CreateApplication", {"ApplicationName": own, **request}, region)
    return own, {}


def update_older(name: str, before: Properties, after: Properties, region: str) -> list[Step]:
    """What changes a SQL application of the older API: one step, or none."""
    _refuse_description(OLDER, before, after)

    def step() -> None:
        told: Properties = {}
        if before.get("ApplicationCode") != after.get("ApplicationCode"):
            told["ApplicationCodeUpdate"] = after.get("ApplicationCode", "")
        if before.get("Inputs") != after["Inputs"]:
            rows = described(OLD, name, region).get("InputDescriptions", ())
            ids = [row["InputId"] for row in rows]
            told["InputUpdates"] = _input_updates(OLD, ids, after["Inputs"])
        change(OLD, name, "UpdateApplication", {"ApplicationUpdate": told}, region)

    same = all(before.get(each) == after.get(each) for each in ("ApplicationCode", "Inputs"))
    return [] if same else [step]


def delete_older(name: str, _: Properties, region: str) -> None:
    """Delete a SQL application of the older API; nothing where it is gone."""
    _delete(OLD, name, region)
