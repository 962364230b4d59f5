"""What may stand in a configuration, when it is made and when it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import md5
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.applications import admission, defaults, refusals, shapes
from kinesis_sim.analytics.applications.application import AnalyticsApplication, ApplicationVersion
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog

SQL, FLINK, STUDIO = "SQL-1_0", admission.FLINK, admission.STUDIO
_SQL_PART = "SqlApplicationConfigurationDescription"
_CODE_PART = "ApplicationCodeConfigurationDescription"
_FLINK_PART = "FlinkApplicationConfigurationDescription"
_LISTS = {
    "InputDescriptions": ("inputs", "analytics.inputs"),
    "OutputDescriptions": ("outputs", "analytics.outputs"),
    "ReferenceDataSourceDescriptions": ("reference sources", "analytics.reference_sources"),
}
_ONE_OF = {
    "InputDescriptions": ("KinesisStreamsInputDescription", "KinesisFirehoseInputDescription"),
    "OutputDescriptions": (
        "KinesisStreamsOutputDescription",
        "KinesisFirehoseOutputDescription",
        "LambdaOutputDescription",
    ),
}


def first(catalog: ApplicationCatalog, request: Request, asked: Request) -> ApplicationVersion:
    """The first version of an application. asked: its configuration.

    Raises InvalidArgumentException for what contradicts its runtime, CodeValidationException for
    code without a place.
    """
    runtime = request["RuntimeEnvironment"]
    configuration = whole(
        catalog, runtime, shapes.described(asked), request["ServiceExecutionRole"]
    )
    return ApplicationVersion(
        number=1,
        made=catalog.now,
        runtime=runtime,
        role=request["ServiceExecutionRole"],
        configuration=configuration,
        logging=tuple(with_ids(catalog, request.get("CloudWatchLoggingOptions") or [], "1")),
    )


def whole(catalog: ApplicationCatalog, runtime: str, given: Request, role: str) -> Request:
    """A description with its ids, its defaults and what is derived of it, checked."""
    made = dict(given)
    if runtime == SQL:
        made[_SQL_PART] = _sql(catalog, given.get(_SQL_PART) or {})
        made.pop(_FLINK_PART, None)
    elif runtime.startswith(FLINK):
        made[_FLINK_PART] = defaults.flink(given.get(_FLINK_PART) or {})
        made.setdefault("ApplicationSnapshotConfigurationDescription", {"SnapshotsEnabled": True})
        _check_parallelism(catalog, made[_FLINK_PART]["ParallelismConfigurationDescription"])
    if _CODE_PART in made:
        made[_CODE_PART] = _code(made[_CODE_PART], runtime)
    parts = made.get("VpcConfigurationDescriptions")
    if parts:
        made["VpcConfigurationDescriptions"] = [_vpc(catalog, part) for part in parts]
        if len(parts) > 1:
            raise refusals.invalid("An application has one VpcConfiguration at most.")
    return made


def changed(
    catalog: ApplicationCatalog, application: AnalyticsApplication, request: Request
) -> ApplicationVersion:
    """The version that an UpdateApplication makes.

    Raises InvalidArgumentException for an id that is not there, and as ``first`` does.
    """
    was = application.version
    update = shapes.described(shapes.asked(request.get("ApplicationConfigurationUpdate") or {}))
    admission.check_update(was.configuration, update)
    made = shapes.merged(was.configuration, update, _missing)
    runtime = request.get("RuntimeEnvironmentUpdate") or was.runtime
    if runtime.partition("-")[0] != was.runtime.partition("-")[0]:
        raise refusals.invalid(f"An application of {was.runtime} cannot become one of {runtime}.")
    role = request.get("ServiceExecutionRoleUpdate") or was.role
    admission.check_role(role, catalog.around.account)
    groups = made.get("EnvironmentPropertyDescriptions") or {}
    admission.check_groups(groups.get("PropertyGroupDescriptions") or [])
    admission.check_key(made.get("ApplicationEncryptionConfigurationDescription") or {})
    flink = made.get(_FLINK_PART) or {}
    parallelism = flink.get("ParallelismConfigurationDescription") or {}
    admission.check_per_kpu(application.name, parallelism)
    logging = {"CloudWatchLoggingOptionDescriptions": list(was.logging)}
    changes = [shapes.asked(each) for each in request.get("CloudWatchLoggingOptionUpdates") or []]
    told = shapes.merged(logging, {"CloudWatchLoggingOptionDescriptions": changes}, _missing)
    return next_version(
        catalog,
        application,
        configuration=whole(catalog, runtime, made, role),
        runtime=runtime,
        role=role,
        logging=tuple(told["CloudWatchLoggingOptionDescriptions"]),
    )


def next_version(
    catalog: ApplicationCatalog, application: AnalyticsApplication, **changes: Any
) -> ApplicationVersion:
    """A version after the newest one, with changes."""
    was = application.version
    return replace(
        was,
        number=was.number + 1,
        made=catalog.now,
        updated_from=was.number,
        rolled_back_from=None,
        rolled_back_to=None,
        **changes,
    )


def with_ids(catalog: ApplicationCatalog, options: list[Request], purpose: str) -> list[Request]:
    """Logging options with an id each, where they have none."""
    made = []
    for at, option in enumerate(options):
        told = {"CloudWatchLoggingOptionId": f"{purpose}.{at + 1}", **option}
        made.append(told)
        admission.check_log_stream(told["LogStreamARN"])
    if len(made) > 1:
        raise refusals.invalid("An application has one CloudWatchLoggingOption at most.")
    return made


def _missing(member: str, value: str) -> Exception:
    return refusals.invalid(f"The application has no {member} {value}.")


def _check_parallelism(catalog: ApplicationCatalog, part: Mapping[str, Any]) -> None:
    most = catalog.limits["analytics.parallelism"]
    if part["Parallelism"] > most:
        raise refusals.invalid(f"Parallelism {part['Parallelism']} is more than {most}.")
    if part["ParallelismPerKPU"] > part["Parallelism"]:
        raise refusals.invalid("ParallelismPerKPU cannot be more than Parallelism.")


def _sql(catalog: ApplicationCatalog, given: Request) -> Request:
    made = dict(given)
    for kind, (words, quota) in _LISTS.items():
        parts = [dict(part) for part in given.get(kind) or []]
        most = catalog.limits[quota]
        if len(parts) > most:
            raise refusals.invalid(f"A SQL application has at most {most} {words}.")
        for at, part in enumerate(parts):
            part.setdefault(shapes.WITH_IDS[kind], f"{catalog.drawn(kind)[:4]}.{at + 1}")
            if kind in _ONE_OF and sum(name in part for name in _ONE_OF[kind]) != 1:
                names = ", ".join(name.removesuffix("Description") for name in _ONE_OF[kind])
                raise refusals.invalid(f"Each of the {words} names exactly one of {names}.")
            if kind == "InputDescriptions":
                _named_input(part)
        if parts or kind in made:
            made[kind] = parts
    return made


def _named_input(part: Request) -> None:
    """An input's streams are called by its prefix, 001 and so on (facts/analytics/2)."""
    parallel = part.setdefault("InputParallelism", {"Count": 1}).get("Count", 1)
    prefix = part["NamePrefix"]
    part["InAppStreamNames"] = [f"{prefix}_{number:03d}" for number in range(1, parallel + 1)]
    part.setdefault("InputStartingPositionConfiguration", {"InputStartingPosition": "NOW"})


def _code(given: Request, runtime: str) -> Request:
    """Code as it is described: its text, or the size and sum of a ZIP file that is kept apart."""
    made = {"CodeContentType": given["CodeContentType"]}
    content = dict(given.get("CodeContentDescription") or {})
    ways = ("TextContent", "ZipFileContent", "S3ApplicationCodeLocationDescription")
    named = [name for name in ways if name in content]
    if len(named) != 1 and not {"CodeMD5", "CodeSize"} & set(content):
        raise refusals.invalid(
            "CodeContent names exactly one of TextContent, ZipFileContent, S3ContentLocation."
        )
    if made["CodeContentType"] == "ZIPFILE" and "TextContent" in content:
        raise refusals.invalid(
            "You have provided ZIPFILE code content type, but have provided other code contents. "
            "Please specify either ZipFileContent or S3ContentLocation."
        )
    if runtime == SQL and "TextContent" not in content:
        raise refusals.invalid("The code of a SQL application is TextContent.")
    archive = content.pop("ZipFileContent", None)
    if archive is not None:
        content |= {
            "CodeMD5": md5(archive, usedforsecurity=False).hexdigest(),
            "CodeSize": len(archive),
        }
    made["CodeContentDescription"] = content
    return made


def _vpc(catalog: ApplicationCatalog, part: Request) -> Request:
    """A VPC configuration with its id. The VPC is told by its first subnet (model's choice)."""
    made = {"VpcConfigurationId": f"{catalog.drawn('vpc')[:4]}.1", **part}
    made.setdefault("VpcId", "vpc-" + str(part["SubnetIds"][0]).partition("-")[2][:8])
    return made


Change = Callable[[list[Request]], list[Request]]


def with_parts(
    catalog: ApplicationCatalog, application: AnalyticsApplication, kind: str, change: Change
) -> ApplicationVersion:
    """The version that has other inputs, outputs or reference sources."""
    if not application.is_sql:
        raise refusals.bad_request("You cannot add sql configuration to a Flink application.")
    sql = dict(application.configuration.get(_SQL_PART) or {})
    sql[kind] = change([dict(part) for part in sql.get(kind, [])])
    configuration = {**application.configuration, _SQL_PART: sql}
    made = whole(catalog, application.version.runtime, configuration, application.version.role)
    return next_version(catalog, application, configuration=made)
