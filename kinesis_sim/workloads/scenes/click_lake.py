"""Pedala's clicks on their way into a data lake: what a lesson on Firehose needs around its stream.

A bucket, a Glue table, a transform that shapes clicks, and clicks of which some are not as they
should be. The stream itself is for the learner to create: ``settings()`` fills in what is the same
every time.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Request
from kinesis_sim.signatures import typed
from kinesis_sim.workloads.events.app_clicks import app_clicks

if TYPE_CHECKING:
    from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
    from kinesis_sim.simulator import Simulator

LAKE, RAW = "pedala-lake", "pedala-raw"
DATABASE, TABLE, FUNCTION, HASTY = "pedala", "clicks", "tidy-clicks", "hasty-clicks"
USUAL_ACCOUNT = "123456789012"
COLUMNS = {
    "session_id": "string",
    "rider_id": "string",
    "platform": "string",
    "action": "string",
    "station": "string",
    "build": "int",
    "event_time": "timestamp",
}
WAREHOUSE_COLUMNS = "session_id varchar(20), action varchar(10), platform varchar(10)"
NOISE = "map"
"""The action whose taps the transform drops: moving the map about says nothing."""
BUILD = 412
CUT, BETA, NAMELESS = (31, 9), (31, 19), (62, 29)
"""Which clicks are odd, not counting noise: every 31st is cut short by a broken connection, another
of every 31 comes from an app that sends its build as a word, one of 62 says no action."""
DURATION_MS = 200
SHAPING = (
    "Prefix",
    "ErrorOutputPrefix",
    "BufferingHints",
    "DynamicPartitioningConfiguration",
)
"""Members of a destination that say how records are laid down."""


class ClickLake:
    """The lake of ``sim``'s account.

    The bucket ``pedala-lake`` and a second one for raw records, the Glue table ``pedala.clicks``
    and the function ``tidy-clicks``.

    Bucket names are shared by all accounts, so in any but the usual account they end in its number.
    moto's buckets and tables outlive a simulator: what an earlier one left there is removed.

    partition: the column that the table is partitioned by.
    """

    @typed
    def __init__(self, sim: Simulator, partition: str = "action") -> None:
        self.sim, self.partition = sim, partition
        self.role = f"arn:aws:iam::{sim.account}:role/firehose"
        ending = "" if sim.account == USUAL_ACCOUNT else f"-{sim.account}"
        self.bucket, self.raw_bucket = LAKE + ending, RAW + ending
        for bucket in (self.bucket, self.raw_bucket):
            _empty_bucket(sim, bucket)
        self.function = sim.functions.register(FUNCTION, tidy_clicks, duration_ms=DURATION_MS)
        self._make_table()

    def settings(self, bucket: str = "", **more: Any) -> Request:
        """An S3 configuration: role, bucket (the lake's, unless given), and what else is wanted."""
        return {"RoleARN": self.role, "BucketARN": f"arn:aws:s3:::{bucket or self.bucket}", **more}

    @property
    def parquet(self) -> Request:
        """DataFormatConversionConfiguration: JSON to Parquet by the Glue table."""
        table = {"RoleARN": self.role, "DatabaseName": DATABASE, "TableName": TABLE}
        return {
            "SchemaConfiguration": table,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }

    @property
    def tidy(self) -> Request:
        """The Lambda processor that calls ``tidy-clicks``."""
        return processor("Lambda", LambdaArn=self.function)

    def create(self, name: str, steps: Sequence[Request] | None = None) -> None:
        """The whole pipeline as a stream: transform, partitions, Parquet, raw copy.

        steps: other processors instead of these.
        """
        key = self.partition
        wanted = [self.tidy, jq(**{key: f".{key}"})] if steps is None else list(steps)
        self.sim.client("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration=self.settings(
                Prefix=f"clicks/{key}=!{{partitionKeyFromQuery:{key}}}/",
                ErrorOutputPrefix="errors/!{firehose:error-output-type}/",
                BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 60},
                DynamicPartitioningConfiguration={"Enabled": True},
                DataFormatConversionConfiguration=self.parquet,
                S3BackupMode="Enabled",
                S3BackupConfiguration=self.settings(self.raw_bucket, **hints(5, 60)),
                **processing(*wanted),
            ),
        )
        self.wait(name)

    def create_broken(self, name: str) -> None:
        """The whole pipeline with two faults, one behind the other.

        A function that forgets recordIds, and a key that no click has.
        """
        hasty = self.sim.functions.register(HASTY, hasty_clicks, duration_ms=DURATION_MS)
        self.create(name, [processor("Lambda", LambdaArn=hasty), jq(**{self.partition: ".os"})])

    def search(self, name: str, *, retry_s: int = 300) -> None:
        """A stream with the transform into an OpenSearch domain of the same name."""
        domain = self.sim.receivers.opensearch(name)
        self.sim.client("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            AmazonopensearchserviceDestinationConfiguration={
                "RoleARN": self.role,
                "DomainARN": domain.arn,
                "IndexName": "clicks",
                "RetryOptions": {"DurationInSeconds": retry_s},
                "S3Configuration": self.settings(
                    ErrorOutputPrefix="errors/!{firehose:error-output-type}/", **hints(5, 60)
                ),
                **hints(5, 60),
                **processing(self.tidy),
            },
        )
        self.wait(name)

    def warehouse(self, name: str, *, columns: str = "", retry_s: int = 3_600) -> Warehouse:
        """A stream of raw clicks into a Redshift warehouse of the same name, its table included.

        columns: as in CREATE TABLE; unless given, a click's session, action and platform.
        """
        made = self.sim.receivers.warehouse(name)
        made.sql(f"create table {TABLE} ({columns or WAREHOUSE_COLUMNS})")
        self.sim.client("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            RedshiftDestinationConfiguration={
                "RoleARN": self.role,
                "ClusterJDBCURL": self.sim.receivers.jdbc_url(name),
                "CopyCommand": {"DataTableName": TABLE, "CopyOptions": "json 'auto'"},
                "Username": "firehose",
                "Password": "Pedala2026",
                "RetryOptions": {"DurationInSeconds": retry_s},
                "S3Configuration": self.settings(Prefix="staged/", **hints(5, 60)),
                **processing(processor("AppendDelimiterToRecord")),
            },
        )
        self.wait(name)
        return made

    def told(self, name: str) -> str:
        """What DescribeDeliveryStream says of a stream's shaping, a member and a value a line."""
        about = self.sim.client("firehose").describe_delivery_stream(DeliveryStreamName=name)
        [destination] = about["DeliveryStreamDescription"]["Destinations"]
        block = destination["ExtendedS3DestinationDescription"]
        told = {member: block[member] for member in SHAPING}
        for step in block["ProcessingConfiguration"]["Processors"]:
            told[step["Type"]] = {
                each["ParameterName"]: each["ParameterValue"] for each in step["Parameters"]
            }
        return "\n".join(_lines(told))

    def where_is(self, action: str) -> dict[str, int]:
        """How many clicks of an action lie in the error output, the lake, and the raw copy."""
        sim = self.sim
        raw = f"select from_utf8(from_base64(rawData)) as raw from 's3://{self.bucket}/errors/'"
        failed = sim.query(raw).raw
        there = sim.query(f"select * from {DATABASE}.{TABLE} where action = '{action}'")
        quoted = f'"{action}"'
        copies = sum(
            body.count(quoted.encode()) for _key, body in sim.buckets.objects(self.raw_bucket)
        )
        return {
            "errors": int(failed.str.contains(quoted).sum()),
            "lake": len(there),
            "copy": copies,
        }

    def riders(self, count: int) -> list[str]:
        """Let so many riders tap once, a partition each; the error codes of those left over."""
        firehose, name = self.sim.client("firehose"), "riders"
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration=self.settings(
                Prefix=f"{name}/!{{partitionKeyFromQuery:rider}}/",
                ErrorOutputPrefix=f"errors-by-{name}/!{{firehose:error-output-type}}/",
                DynamicPartitioningConfiguration={"Enabled": True},
                **hints(64, 60),
                **processing(jq(rider=".rider")),
            ),
        )
        self.wait(name)
        taps = [{"Data": b'{"rider": "%d"}' % number} for number in range(count)]
        for first in range(0, count, 500):
            firehose.put_record_batch(DeliveryStreamName=name, Records=taps[first : first + 500])
        self.sim.advance(minutes=3)
        place = f"s3://{self.bucket}/errors-by-{name}/activePartitionExceeded/"
        return [str(code) for code in self.sim.query(f"select errorCode from '{place}'").errorCode]

    def taps_through(self, *, before: int, after: int) -> int:
        """Taps in a data stream, before a Firehose stream on it is made and after; delivered."""
        sim, kinesis, name = self.sim, self.sim.client("kinesis"), "pedala-taps"
        tap = {"StreamName": name, "PartitionKey": "rider", "Data": b"tap\n"}
        kinesis.create_stream(StreamName=name, ShardCount=1)
        sim.advance(minutes=1)
        for _tap in range(before):
            kinesis.put_record(**tap)
        source = {"KinesisStreamARN": sim.streams[name].arn, "RoleARN": self.role}
        sim.client("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration=source,
            ExtendedS3DestinationConfiguration=self.settings(Prefix="taps/"),
        )
        self.wait(name)
        for _tap in range(after):
            kinesis.put_record(**tap)
        sim.advance(minutes=6)
        return sim.firehose[name].tally.delivered

    def paused_warehouse(self, *, hours: float, clicks: int) -> Warehouse:
        """A warehouse that is paused for some hours while clicks come, then resumed for one."""
        name = "pedala-dw"
        made = self.warehouse(name)
        made.state = "paused"
        records = self.entries(clicks)
        self.sim.client("firehose").put_record_batch(DeliveryStreamName=name, Records=records)
        self.sim.advance(hours=hours)
        made.state = "available"
        self.sim.advance(hours=1)
        return made

    def wait(self, name: str) -> None:
        """Let time pass until a stream is ACTIVE."""
        while self.sim.firehose[name].delivery is None:
            self.sim.advance(seconds=1)

    def entries(self, count: int, first: int = 0) -> list[dict[str, bytes]]:
        """Clicks as ``Records`` of PutRecordBatch takes them. first: how many to pass over."""
        return [{"Data": click} for click in islice(clicks(), first, first + count)]

    def _make_table(self) -> None:
        glue = self.sim.client("glue")
        if DATABASE in {row["Name"] for row in glue.get_databases()["DatabaseList"]}:
            for row in glue.get_tables(DatabaseName=DATABASE)["TableList"]:
                glue.delete_table(DatabaseName=DATABASE, Name=row["Name"])
        else:
            glue.create_database(DatabaseInput={"Name": DATABASE})
        kept = [(name, kind) for name, kind in COLUMNS.items() if name != self.partition]
        columns = [{"Name": name, "Type": kind} for name, kind in kept]
        glue.create_table(
            DatabaseName=DATABASE,
            TableInput={
                "Name": TABLE,
                "StorageDescriptor": {
                    "Columns": columns,
                    "Location": f"s3://{self.bucket}/clicks/",
                },
                "PartitionKeys": [{"Name": self.partition, "Type": "string"}],
            },
        )


@typed
def broken_pipeline(name: str = "clicks-broken") -> tuple[Simulator, ClickLake, Any]:
    """An account of its own with a pipeline of two faults, into which a hundred clicks have gone.

    Returns the account, its lake, and its client of Firehose.
    """
    from kinesis_sim.simulator import Simulator

    sim = Simulator(account="333344445555")
    lake, firehose = ClickLake(sim, partition="platform"), sim.client("firehose")
    lake.create_broken(name)
    firehose.put_record_batch(DeliveryStreamName=name, Records=lake.entries(100))
    sim.advance(minutes=5)
    return sim, lake, firehose


# --- parts of a request ---------------------------------------------------------------------------


def processor(kind: str, **parameters: str) -> Request:
    """One entry of ``Processors``."""
    given = [{"ParameterName": n, "ParameterValue": value} for n, value in parameters.items()]
    return {"Type": kind, "Parameters": given}


def jq(**keys: str) -> Request:
    """The processor that finds partition keys: ``jq(action=".action")``."""
    query = "{" + ", ".join(f"{name}: {path}" for name, path in keys.items()) + "}"
    return processor(
        "MetadataExtraction", MetadataExtractionQuery=query, JsonParsingEngine="JQ-1.6"
    )


def processing(*steps: Request) -> Request:
    """``ProcessingConfiguration`` of these processors, to be put into a configuration by ``**``."""
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": list(steps)}}


@typed
def hints(megabytes: int, seconds: int) -> Request:
    """``BufferingHints``, to be put into a configuration by ``**``."""
    return {"BufferingHints": {"SizeInMBs": megabytes, "IntervalInSeconds": seconds}}


# --- clicks ---------------------------------------------------------------------------------------


def clicks(seed: int = 0) -> Iterator[bytes]:
    """``pedala-clicks`` with the app's build number, and the odd ones among them (see ``CUT``)."""
    useful = 0
    for arrival in app_clicks(hours=24 * 30, seed=seed):
        click = {**arrival.event, "build": BUILD}
        if click["action"] != NOISE:
            useful += 1
        yield _odd(click, useful) if click["action"] != NOISE else _json(click)


def _odd(click: Request, number: int) -> bytes:
    every, place = CUT
    if number % every == place:
        return _json(click)[:60]
    every, place = BETA
    if number % every == place:
        return _json({**click, "build": "beta"})
    every, place = NAMELESS
    if number % every == place:
        return _json({**click, "action": None})
    return _json(click)


def _json(click: Request) -> bytes:
    return json.dumps(click).encode()


# --- the transform --------------------------------------------------------------------------------


def tidy_clicks(event: Request) -> Request:
    """The Lambda function: drops noise, calls the target a station, fails what is no JSON."""
    return {"records": [_tidied(row) for row in event["records"]]}


def hasty_clicks(event: Request) -> Request:
    """A Lambda function with a fault: it numbers its results itself, and no recordId comes back."""
    results = tidy_clicks(event)["records"]
    return {"records": [{**each, "recordId": str(n)} for n, each in enumerate(results)]}


def _tidied(row: Request) -> Request:
    try:
        click = json.loads(b64decode(row["data"]))
    except ValueError:
        return {"recordId": row["recordId"], "result": "ProcessingFailed", "data": row["data"]}
    if click["action"] == NOISE:
        return {"recordId": row["recordId"], "result": "Dropped", "data": row["data"]}
    click["station"] = click.pop("target")
    data = b64encode(json.dumps(click).encode()).decode()
    return {"recordId": row["recordId"], "result": "Ok", "data": data}


def _empty_bucket(sim: Simulator, bucket: str) -> None:
    s3 = sim.client("s3")
    if bucket not in {row["Name"] for row in s3.list_buckets()["Buckets"]}:
        sim.buckets.create(bucket)
    for key in sim.buckets.keys(bucket):
        s3.delete_object(Bucket=bucket, Key=key)


def _lines(told: Mapping[str, Any], margin: str = "") -> Iterator[str]:
    """Members with their values, those of a structure under its name."""
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield f"{margin}{name}"
            yield from _lines(value, f"{margin}  ")
        else:
            yield f"{margin}{name}: {value}"
