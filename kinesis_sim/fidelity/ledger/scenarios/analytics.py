"""Managed Service for Apache Flink and the API before it: what is not there, busy, or outdated."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises

NEWER: Book = {}
OLDER: Book = {}
NAME = "paradas"
NOBODY = "arn:aws:kinesisanalytics:us-east-1:123456789012:application/nobody"
ROLE = "arn:aws:iam::123456789012:role/analytics"
SELECT = "CREATE TABLE t (a INT) WITH ('connector' = 'datagen'); SELECT a FROM t"
TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
VERSIONED = (
    "AddApplicationCloudWatchLoggingOption",
    "AddApplicationInput",
    "AddApplicationInputProcessingConfiguration",
    "AddApplicationOutput",
    "AddApplicationReferenceDataSource",
    "DeleteApplicationCloudWatchLoggingOption",
    "DeleteApplicationInputProcessingConfiguration",
    "DeleteApplicationOutput",
    "DeleteApplicationReferenceDataSource",
    "UpdateApplication",
)
NETWORKS = ("AddApplicationVpcConfiguration", "DeleteApplicationVpcConfiguration")
LIVES = ("DeleteApplication", "StartApplication", "StopApplication")
HISTORY = (
    "DescribeApplicationOperation",
    "DescribeApplicationVersion",
    "ListApplicationOperations",
    "ListApplicationVersions",
)
OF_APPLICATION = (
    *("CreateApplicationPresignedUrl", "CreateApplicationSnapshot", "DeleteApplicationSnapshot"),
    *("DescribeApplication", "DescribeApplicationSnapshot", "RollbackApplication"),
    "UpdateApplicationMaintenanceConfiguration",
)
STANDING = (
    *("DeleteSnapshot", "DescribeSnapshot", "DescribeSnapshotOperation", "ExportSnapshot"),
    "ListSnapshotOperations",
)


def application(stage: Stage, **settings: Any) -> dict[str, Any]:
    """Create a Flink application, which is READY at once; its detail."""
    content = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": SELECT}}
    made: dict[str, Any] = stage.sim.client("kinesisanalyticsv2").create_application(
        **{
            "ApplicationName": NAME,
            "RuntimeEnvironment": "FLINK-1_20",
            "ServiceExecutionRole": ROLE,
            "ApplicationConfiguration": {"ApplicationCodeConfiguration": content},
            **settings,
        }
    )
    return dict(made["ApplicationDetail"])


def of_sql(stage: Stage) -> None:
    """Create a SQL application by the older API."""
    stage.sim.client("kinesisanalytics").create_application(ApplicationName=NAME)


def started(stage: Stage) -> None:
    """Create a Flink application and start it; it is STARTING."""
    application(stage)
    stage.sim.client("kinesisanalyticsv2").start_application(ApplicationName=NAME)


def asked(stage: Stage, operation: str, **params: Any) -> object:
    """A call about the application, with what botocore's smallest value would get wrong."""
    if operation == "CreateApplicationPresignedUrl":
        params.setdefault("UrlType", "FLINK_DASHBOARD_URL")
    if stage.service == "kinesisanalyticsv2" and operation == "UpdateApplication":
        params.setdefault("CurrentApplicationVersionId", 1)
    if operation in NETWORKS or "LoggingOption" in operation:
        params.setdefault("CurrentApplicationVersionId", 1)
    if operation in TAGS:
        return stage.call(operation, **{"ResourceARN": NOBODY, **params})
    return stage.call(operation, **{"ApplicationName": NAME, **params})


@raises(
    NEWER,
    "ResourceNotFoundException",
    *(*VERSIONED, *NETWORKS, *LIVES, *HISTORY, *OF_APPLICATION, *TAGS),
)
@raises(OLDER, "ResourceNotFoundException", *VERSIONED, *LIVES, "DescribeApplication", *TAGS)
def nobody(stage: Stage, operation: str) -> object:
    """An application that is not there."""
    return asked(stage, operation)


@raises(NEWER, "ResourceNotFoundException", *STANDING)
def no_snapshot(stage: Stage, operation: str) -> object:
    """A snapshot that is not there."""
    return stage.call(operation, SnapshotName="nobody")


@raises(NEWER, "ResourceInUseException", "CreateApplication")
def taken(stage: Stage, operation: str) -> object:
    """A name that an application has already."""
    application(stage)
    return stage.call(
        operation,
        ApplicationName=NAME,
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
    )


@raises(OLDER, "ResourceInUseException", "CreateApplication")
def taken_before(stage: Stage, operation: str) -> object:
    """A name that an application has already."""
    of_sql(stage)
    return stage.call(operation, ApplicationName=NAME)


@raises(
    NEWER,
    "ResourceInUseException",
    *VERSIONED,
    *NETWORKS,
    "StartApplication",
    "StopApplication",
    "RollbackApplication",
    "UpdateApplicationMaintenanceConfiguration",
    "CreateApplicationPresignedUrl",
)
def not_yet(stage: Stage, operation: str) -> object:
    """An application that is still STARTING."""
    started(stage)
    return asked(stage, operation, **_version(operation, 1))


def _version(operation: str, number: int) -> dict[str, int]:
    known = operation in (*VERSIONED, *NETWORKS, "RollbackApplication")
    return {"CurrentApplicationVersionId": number} if known else {}


@raises(NEWER, "ResourceInUseException", "DeleteApplication")
def twice(stage: Stage, operation: str) -> object:
    """An application that is being deleted."""
    made = application(stage)
    stage.call(operation, ApplicationName=NAME, CreateTimestamp=made["CreateTimestamp"])
    return stage.call(operation, ApplicationName=NAME, CreateTimestamp=made["CreateTimestamp"])


@raises(NEWER, "ConcurrentModificationException", *VERSIONED, *NETWORKS, "RollbackApplication")
def outdated(stage: Stage, operation: str) -> object:
    """A version that is not the present one."""
    application(stage)
    return asked(stage, operation, CurrentApplicationVersionId=7)


@raises(OLDER, "ConcurrentModificationException", *VERSIONED)
def outdated_before(stage: Stage, operation: str) -> object:
    """A version that is not the present one."""
    of_sql(stage)
    return asked(stage, operation, CurrentApplicationVersionId=7)


@raises(OLDER, "UnsupportedOperationException", *VERSIONED, *LIVES, "DescribeApplication")
def newer(stage: Stage, operation: str) -> object:
    """An application that the newer API has made."""
    application(stage)
    return asked(stage, operation)


@raises(NEWER, "UnsupportedOperationException", "CreateApplication")
def ended(stage: Stage, operation: str) -> object:
    """A runtime that AWS has ended."""
    return stage.call(
        operation, ApplicationName=NAME, RuntimeEnvironment="FLINK-1_8", ServiceExecutionRole=ROLE
    )


@raises(
    NEWER,
    "UnsupportedOperationException",
    *HISTORY,
    "CreateApplicationSnapshot",
    "CreateSnapshot",
    "DeleteApplicationSnapshot",
    "DescribeApplicationSnapshot",
    "ListApplicationSnapshots",
    "RollbackApplication",
    "UpdateApplicationMaintenanceConfiguration",
)
def of_flink_alone(stage: Stage, operation: str) -> object:
    """Something that a SQL application has not."""
    of_sql(stage)
    return asked(stage, operation)


@raises(NEWER, "TooManyTagsException", "TagResource")
@raises(OLDER, "TooManyTagsException", "TagResource")
def too_many_tags(stage: Stage, operation: str) -> object:
    """Fifty tags, and one more."""
    made = application(stage, Tags=[{"Key": f"a{number}"} for number in range(50)])
    return stage.call(operation, ResourceARN=made["ApplicationARN"], Tags=[{"Key": "b"}])


@raises(NEWER, "TooManyTagsException", "CreateApplication")
def born_with_too_many(stage: Stage, operation: str) -> object:
    """Fifty-one tags."""
    return stage.call(
        operation,
        ApplicationName=NAME,
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
        Tags=[{"Key": f"a{number}"} for number in range(51)],
    )


@raises(OLDER, "TooManyTagsException", "CreateApplication")
def born_before_with_too_many(stage: Stage, operation: str) -> object:
    """Fifty-one tags."""
    tags = [{"Key": f"a{number}"} for number in range(51)]
    return stage.call(operation, ApplicationName=NAME, Tags=tags)


@raises(NEWER, "InvalidArgumentException", "TagResource")
@raises(OLDER, "InvalidArgumentException", "TagResource")
def of_aws(stage: Stage, operation: str) -> object:
    """A tag whose key is AWS's own."""
    arn = application(stage)["ApplicationARN"]
    return stage.call(operation, ResourceARN=arn, Tags=[{"Key": "aws:cloudformation"}])


@raises(NEWER, "InvalidArgumentException", "UpdateApplication", *NETWORKS)
@raises(
    NEWER,
    "InvalidArgumentException",
    "AddApplicationCloudWatchLoggingOption",
    "DeleteApplicationCloudWatchLoggingOption",
)
def of_no_version(stage: Stage, operation: str) -> object:
    """Neither a version nor a token."""
    application(stage)
    return stage.call(operation, ApplicationName=NAME)


@raises(NEWER, "InvalidArgumentException", "CreateApplication")
def wide(stage: Stage, operation: str) -> object:
    """More parallel tasks than an application may have."""
    part = {"ConfigurationType": "CUSTOM", "Parallelism": 257}
    flink = {"FlinkApplicationConfiguration": {"ParallelismConfiguration": part}}
    return stage.call(
        operation,
        ApplicationName=NAME,
        RuntimeEnvironment="FLINK-1_20",
        ServiceExecutionRole=ROLE,
        ApplicationConfiguration=flink,
    )


@raises(NEWER, "InvalidArgumentException", "DeleteApplication")
def another_time(stage: Stage, operation: str) -> object:
    """A time at which no application of the name was made."""
    application(stage)
    return stage.call(operation, ApplicationName=NAME, CreateTimestamp=0)


@raises(NEWER, "InvalidArgumentException", "CreateSnapshot")
def of_nobody(stage: Stage, operation: str) -> object:
    """A snapshot of an application that is not there."""
    return stage.call(operation, ApplicationName="nobody", SnapshotName="s")


@raises(NEWER, "InvalidApplicationConfigurationException", "CreateSnapshot")
def of_one_that_stands(stage: Stage, operation: str) -> object:
    """A snapshot of an application that does not run."""
    application(stage)
    return stage.call(operation, ApplicationName=NAME, SnapshotName="s")


@raises(NEWER, "InvalidRequestException", "CreateApplicationSnapshot")
def of_nothing(stage: Stage, operation: str) -> object:
    """A snapshot of an application that does not run."""
    application(stage)
    return stage.call(operation, ApplicationName=NAME, SnapshotName="s")


@raises(NEWER, "InvalidApplicationConfigurationException", "StartApplication")
def a_jar(stage: Stage, operation: str) -> object:
    """Code in a ZIP file, which is described and not run."""
    content = {"CodeContentType": "ZIPFILE", "CodeContent": {"ZipFileContent": b"PK"}}
    application(stage, ApplicationConfiguration={"ApplicationCodeConfiguration": content})
    return stage.call(operation, ApplicationName=NAME)


@raises(
    NEWER,
    "InvalidRequestException",
    "AddApplicationInput",
    "AddApplicationInputProcessingConfiguration",
    "AddApplicationOutput",
    "AddApplicationReferenceDataSource",
    "DeleteApplicationInputProcessingConfiguration",
    "DeleteApplicationOutput",
    "DeleteApplicationReferenceDataSource",
)
def of_sql_alone(stage: Stage, operation: str) -> object:
    """A part that only a SQL application has."""
    application(stage)
    return stage.call(operation, ApplicationName=NAME, CurrentApplicationVersionId=1)


@raises(
    NEWER, "InvalidArgumentException", "ListApplicationSnapshots", "ListSnapshots", *HISTORY[2:]
)
def strange_page(stage: Stage, operation: str) -> object:
    """A token that no answer gave."""
    application(stage)
    more = {} if operation == "ListSnapshots" else {"ApplicationName": NAME}
    return stage.call(operation, NextToken="nosuchtoken", **more)


@raises(NEWER, "UnableToDetectSchemaException", "DiscoverInputSchema")
@raises(OLDER, "UnableToDetectSchemaException", "DiscoverInputSchema")
def of_an_empty_stream(stage: Stage, operation: str) -> object:
    """A stream that holds nothing."""
    stage.sim.client("kinesis").create_stream(StreamName="vazio", ShardCount=1)
    stage.sim.advance(minutes=1)
    arn = stage.sim.streams["vazio"].arn
    more = {"ServiceExecutionRole": ROLE} if stage.service == "kinesisanalyticsv2" else {}
    return stage.call(operation, ResourceARN=arn, **more)
