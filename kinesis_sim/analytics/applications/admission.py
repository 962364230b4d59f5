"""What a configuration is refused for in AWS's own words, before anything is made of it.

The texts were recorded by stacks in ap-northeast-1 on 2026-09-06 (badmintoncryer/cdk-preflight,
``rules/kinesisanalytics``); stacks tell no codes: those are the model's, as is that an update is
refused as a creation is. Of Studio, which is not simulated, what AWS would refuse is refused alike.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.analytics.applications import refusals
from kinesis_sim.errors import ServiceError

FLINK, STUDIO = "FLINK-", "ZEPPELIN-"
ENDED = ("FLINK-1_6", "FLINK-1_8", "FLINK-1_11", "FLINK-1_13")
"""Runtimes that botocore's model still has, and of which AWS makes no application any more
(facts/analytics/9/versions-ended)."""
MOST_PER_KPU = 8
_NEWER = (
    "https://docs.aws.amazon.com/managed-flink/latest/apiv2/API_CreateApplication.html"
    "#APIReference-CreateApplication-request-RuntimeEnvironment"
)
_PARTS = ("checkpoint", "monitoring", "parallelism")
_DERIVED = frozenset({"ConfigurationType", "CurrentParallelism"})


def check_creation(request: Request, account: str, region: str) -> None:
    """Refuse what AWS refuses of a CreateApplication.

    Raises UnsupportedOperationException for a runtime that ended, InvalidArgumentException for a
    role of another account and for what does not go together.
    """
    runtime = request["RuntimeEnvironment"]
    asked = request.get("ApplicationConfiguration") or {}
    if runtime in ENDED:
        raise refusals.unsupported(
            f"Runtime {runtime} is deprecated. Please choose a valid version from: {_NEWER}"
        )
    check_role(request["ServiceExecutionRole"], account)
    _check_family(request, runtime, asked)
    for part in _PARTS:
        given = (asked.get("FlinkApplicationConfiguration") or {}).get(_member(part)) or {}
        _check_custom(part, given.get("ConfigurationType"), given)
    check_groups((asked.get("EnvironmentProperties") or {}).get("PropertyGroups") or [])
    check_key(asked.get("ApplicationEncryptionConfiguration") or {})
    parallelism = (asked.get("FlinkApplicationConfiguration") or {}).get(_member("parallelism"))
    check_per_kpu(request["ApplicationName"], parallelism or {})
    if runtime.startswith(STUDIO):
        for refusal in _of_studio(asked, runtime, region):
            raise refusal


def check_update(was: Request, update: Request) -> None:
    """Refuse values for a part that is DEFAULT, or becomes it. was, update: as described."""
    flink = "FlinkApplicationConfigurationDescription"
    for part in _PARTS:
        member = f"{_member(part)}Description"
        new = (update.get(flink) or {}).get(member) or {}
        standing = ((was.get(flink) or {}).get(member) or {}).get("ConfigurationType")
        _check_custom(part, new.get("ConfigurationType", standing), new)


def check_role(role: str, account: str) -> None:
    """Refuse a role of another account."""
    pieces = role.split(":")
    if len(pieces) > 5 and pieces[4] not in ("", account):
        raise refusals.invalid(
            f"Cross-account pass role is not allowed, The role should belong to account '{account}'"
        )


def check_groups(groups: list[Request]) -> None:
    """Refuse two property groups of one id."""
    counts = Counter(group["PropertyGroupId"] for group in groups)
    for name, times in counts.items():
        if times > 1:
            raise refusals.invalid(
                f"Found a duplicate PropertyGroupId : '{name}'. Please provide unique "
                "PropertyGroupIds."
            )


def check_key(part: Mapping[str, Any]) -> None:
    """Refuse a key's id that does not go with its type."""
    if part.get("KeyType") == "AWS_OWNED_KEY" and part.get("KeyId"):
        raise refusals.invalid("keyId cannot be provided with the AWS_OWNED_KEY keyType.")
    if part.get("KeyType") == "CUSTOMER_MANAGED_KEY" and not part.get("KeyId"):
        raise refusals.invalid(
            "You have selected CUSTOMER_MANAGED_KEY for keyType. Please provide a valid key id."
        )


def check_per_kpu(name: str, parallelism: Mapping[str, Any]) -> None:
    """Refuse more subtasks on a KPU than AWS puts there."""
    if parallelism.get("ParallelismPerKPU", 1) > MOST_PER_KPU:
        raise refusals.invalid(
            f"FlinkApplicationParallelismPerKPU provided for the application {name} should be a "
            "positive integer and should not be larger than the supported limit "
            f"{MOST_PER_KPU}"
        )


def check_log_stream(arn: str) -> None:
    """Refuse what is not the ARN of a log stream."""
    if ":log-stream:" not in arn:
        raise refusals.invalid(f"CloudWatch log stream ARN {arn} is invalid.")


def _member(part: str) -> str:
    return f"{part.capitalize()}Configuration"


def _check_custom(part: str, kind: str | None, given: Mapping[str, Any]) -> None:
    if kind == "DEFAULT" and given.keys() - _DERIVED:
        raise refusals.invalid(
            f"You are trying to provide custom values for the {part} configuration. Please use "
            f"ConfigurationType as CUSTOM if you intend to use custom values for {part} "
            "configuration."
        )


def _check_family(request: Request, runtime: str, asked: Request) -> None:
    """Refuse parts of a configuration that are for another family of runtimes."""
    mode = request.get("ApplicationMode")
    if runtime.startswith(FLINK):
        if asked.get("SqlApplicationConfiguration"):
            raise refusals.invalid(
                "SQLApplicationConfiguration is not valid with a FLINK runtime environment type. "
                "If you want to create a SQL application, please set the RunTimeEnvironmentType "
                "to SQL-1_0"
            )
        if mode == "INTERACTIVE":
            raise _not_for("ApplicationMode 'INTERACTIVE'", runtime)
        if "ZeppelinApplicationConfiguration" in asked:
            raise _not_for("ZeppelinApplicationConfiguration", runtime)
    if runtime.startswith(STUDIO) and mode == "STREAMING":
        raise _not_for("ApplicationMode 'STREAMING'", runtime)


def _not_for(what: str, runtime: str) -> ServiceError:
    return refusals.invalid(
        f"Invalid configuration provided. {what} is not applicable to runtime environment : "
        f"{runtime}"
    )


def _of_studio(asked: Request, runtime: str, region: str) -> Iterator[ServiceError]:
    if asked.get("ApplicationSnapshotConfiguration"):
        yield _not_for("SnapshotsEnabled", runtime)
    if asked.get("ApplicationSystemRollbackConfiguration"):
        yield _not_for("SystemRollbacksEnabled", runtime)
    studio = asked.get("ZeppelinApplicationConfiguration") or {}
    for artifact in studio.get("CustomArtifactsConfiguration") or []:
        if not artifact.get("S3ContentLocation") and not artifact.get("MavenReference"):
            yield refusals.invalid(
                "Must define S3ContentLocation or MavenReference for CustomArtifact."
            )
        if artifact.get("MavenReference") and artifact["ArtifactType"] != "DEPENDENCY_JAR":
            yield refusals.invalid(
                "MavenReference can only be used for ArtifactType: DEPENDENCY_JAR"
            )
    glue = (studio.get("CatalogConfiguration") or {}).get("GlueDataCatalogConfiguration") or {}
    database = glue.get("DatabaseARN", "").split(":")
    if len(database) > 3 and database[3] != region:
        yield refusals.invalid(
            f"Incorrect region in DatabaseArn, expecting '{region}' but found '{database[3]}'."
        )
    code = (asked.get("ApplicationCodeConfiguration") or {}).get("CodeContent") or {}
    if "TextContent" in code and not _is_note(code["TextContent"]):
        yield refusals.invalid(
            "Zeppelin application code provided in TextContent must be a valid Zeppelin note JSON "
            "object containing 'id' and 'name' fields"
        )


def _is_note(text: str) -> bool:
    try:
        note = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(note, dict) and {"id", "name"} <= note.keys()
