"""Applications: what both APIs tell of them, how they live, and what runs in them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.analytics.on_clock.reader import StreamReader
from tests.flink.feed import rows

ROLE = "arn:aws:iam::123456789012:role/analytics"
FEED = rows()[:300]
SQL = """
CREATE TABLE feed (
  id BIGINT, dock STRING, minutes DOUBLE, `at` TIMESTAMP(3),
  shard STRING METADATA FROM 'shard-id' VIRTUAL,
  WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND
) WITH ('connector' = 'kinesis', 'stream' = 'feed', 'scan.stream.initpos' = 'TRIM_HORIZON',
  'format' = 'json');
CREATE TABLE totals (dock STRING, until TIMESTAMP(3), n BIGINT) PARTITIONED BY (dock)
WITH ('connector' = 'kinesis', 'stream' = 'totals', 'format' = 'json');
INSERT INTO totals
SELECT dock, window_end, COUNT(*)
FROM TABLE(TUMBLE(TABLE feed, DESCRIPTOR(`at`), INTERVAL '30' SECOND))
GROUP BY window_start, window_end, dock;
"""
COPY = SQL.split("INSERT")[0].replace("until TIMESTAMP(3), n", "id") + (
    "INSERT INTO totals SELECT dock, id FROM feed;"
)


class World:
    """A stream that is read, one that is written, and an application between them."""

    def __init__(self, shards: int = 1, **settings: Any) -> None:
        self.sim = Simulator(latency=None, limits="off", **settings)
        self.kinesis = self.sim.client("kinesis")
        for name, count in (("feed", shards), ("totals", 1)):
            self.kinesis.create_stream(StreamName=name, ShardCount=count)
        self.sim.advance(minutes=1)
        self.api = self.sim.client("kinesisanalyticsv2")

    def create(self, sql: str = SQL, **more: Any) -> dict[str, Any]:
        content = {"CodeContentType": "PLAINTEXT", "CodeContent": {"TextContent": sql}}
        return dict(
            self.api.create_application(
                ApplicationName="app",
                RuntimeEnvironment="FLINK-1_20",
                ServiceExecutionRole=f"arn:aws:iam::{self.sim.account}:role/analytics",
                ApplicationConfiguration={"ApplicationCodeConfiguration": content, **more},
            )["ApplicationDetail"]
        )

    def start(self, **run: Any) -> None:
        self.api.start_application(ApplicationName="app", RunConfiguration=run)
        self.sim.advance(minutes=1)

    def stop(self) -> None:
        self.api.stop_application(ApplicationName="app")
        self.sim.advance(minutes=1)

    def put(self, feed: list[dict[str, Any]]) -> None:
        entries = [{"Data": json.dumps(r).encode(), "PartitionKey": r["dock"]} for r in feed]
        self.kinesis.put_records(StreamName="feed", Records=entries)
        self.sim.advance(seconds=2)

    def written(self) -> list[dict[str, Any]]:
        shard = self.sim.streams["totals"].shards[0]
        found = self.kinesis.get_records(
            ShardIterator=self.kinesis.get_shard_iterator(
                StreamName="totals", ShardId=shard.id, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )
        return [json.loads(record["Data"]) for record in found["Records"]]

    @property
    def detail(self) -> dict[str, Any]:
        return dict(self.api.describe_application(ApplicationName="app")["ApplicationDetail"])

    @property
    def status(self) -> str:
        return str(self.detail["ApplicationStatus"])


def sums(told: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for row in told:
        found[row["dock"], row["until"]] += row["n"]
    return found


def refused(code: str, match: str = "") -> Any:
    return pytest.raises(ClientError, match=rf"\({code}\).*{match}")


def test_what_nobody_said_is_filled_in() -> None:
    told = World().create()
    flink = told["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"]
    assert flink["CheckpointConfigurationDescription"] == {
        "ConfigurationType": "DEFAULT",
        "CheckpointingEnabled": True,
        "CheckpointInterval": 60_000,
        "MinPauseBetweenCheckpoints": 5_000,
    }
    assert flink["ParallelismConfigurationDescription"] == {
        "ConfigurationType": "DEFAULT",
        "Parallelism": 1,
        "ParallelismPerKPU": 1,
        "CurrentParallelism": 1,
        "AutoScalingEnabled": True,
    }
    assert (told["ApplicationStatus"], told["ApplicationVersionId"]) == ("READY", 1)


def test_rows_are_counted_from_one_stream_into_the_other() -> None:
    world = World()
    world.create()
    world.start()
    assert world.status == "RUNNING"
    for at in range(0, len(FEED), 50):
        world.put(FEED[at : at + 50])
    told = world.written()
    assert told[0].keys() == {"dock", "until", "n"}
    app = world.sim.analytics.applications["app"].running.job
    assert sum(row["n"] for row in told) + app.late <= len(FEED)
    assert app.late > 0
    assert max(row["until"] for row in told) <= "2026-01-01 00:04:30"


def test_a_stop_keeps_the_state_and_a_start_goes_on_from_it() -> None:
    """Windows that were open when it stopped close with all their rows."""
    whole, halved = World(), World()
    for world in (whole, halved):
        world.create()
        world.start()
        world.put(FEED[:150])
        if world is halved:
            world.stop()
            assert [s["SnapshotStatus"] for s in snapshots(world)] == ["READY"]
            world.start()
        world.put(FEED[150:])
    assert sums(halved.written()) == sums(whole.written())


def snapshots(world: World) -> list[dict[str, Any]]:
    return list(world.api.list_application_snapshots(ApplicationName="app")["SnapshotSummaries"])


def test_a_start_without_a_snapshot_reads_all_again() -> None:
    world = World()
    world.create(COPY)
    world.start()
    world.put(FEED[:50])
    world.stop()
    world.start(
        ApplicationRestoreConfiguration={"ApplicationRestoreType": "SKIP_RESTORE_FROM_SNAPSHOT"}
    )
    world.sim.advance(seconds=5)
    assert Counter(row["id"] for row in world.written()) == Counter(
        {row["id"]: 2 for row in FEED[:50]}
    )


def test_a_forced_stop_takes_no_snapshot() -> None:
    world = World()
    world.create(COPY)
    world.start()
    world.api.stop_application(ApplicationName="app", Force=True)
    assert world.status == "FORCE_STOPPING"
    world.sim.advance(minutes=1)
    assert (world.status, snapshots(world)) == ("READY", [])


def test_after_a_crash_state_is_exactly_once_and_the_sink_at_least_once() -> None:
    """The job goes on from its last checkpoint and writes again what came since."""
    world = World()
    world.create(COPY)
    world.start()
    world.put(FEED[:50])
    world.sim.advance(minutes=2)
    running = world.sim.analytics.applications["app"].running.job
    assert len(running.checkpoints) == 1
    world.put(FEED[50:100])
    running.fail()
    world.put(FEED[100:150])
    counts = Counter(row["id"] for row in world.written())
    assert counts.keys() == {row["id"] for row in FEED[:150]}
    assert {n for n, count in counts.items() if count == 2} == {r["id"] for r in FEED[50:100]}
    assert (running.restarts, world.status) == (1, "RUNNING")


def test_one_watermark_over_two_shards_loses_rows_of_the_one_behind() -> None:
    """A backfill from TRIM_HORIZON: the SQL connector has one watermark, the DataStream API two."""
    late = {}
    for name in ("shared", "per-shard"):
        world = World(shards=2)
        group = {"PropertyGroupId": "kinesis-lab", "PropertyMap": {"watermarks": name}}
        world.create(EnvironmentProperties={"PropertyGroups": [group]})
        world.put(FEED)
        world.start()
        late[name] = world.sim.analytics.applications["app"].running.job.late
        assert sum(row["n"] for row in world.written()) <= len(FEED) - late[name]
    assert late["shared"] > 3 * late["per-shard"] > 0


def test_a_record_that_is_no_row_fails_the_application_with_its_name() -> None:
    world = World()
    world.create()
    world.start()
    world.kinesis.put_record(StreamName="feed", Data=b"no row", PartitionKey="k")
    world.sim.advance(seconds=5)
    assert world.status == "READY"
    (failed,) = (each for each in operations(world) if each["OperationStatus"] == "FAILED")
    told = world.api.describe_application_operation(
        ApplicationName="app", OperationId=failed["OperationId"]
    )["ApplicationOperationInfoDetails"]
    assert "Flink fails the job" in told["OperationFailureDetails"]["ErrorInfo"]["ErrorString"]


def operations(world: World) -> list[dict[str, Any]]:
    answer = world.api.list_application_operations(ApplicationName="app")
    return list(answer["ApplicationOperationInfoList"])


def test_a_stream_that_is_not_there_is_a_start_that_failed() -> None:
    world = World()
    world.create(SQL.replace("'stream' = 'feed'", "'stream' = 'nobody'"))
    world.start()
    assert world.status == "READY"
    assert operations(world)[0]["OperationStatus"] == "FAILED"


def test_a_sink_takes_no_row_back() -> None:
    world = World()
    changing = SQL.split("INSERT")[0].replace("until TIMESTAMP(3), ", "") + (
        "INSERT INTO totals SELECT dock, COUNT(*) FROM feed GROUP BY dock;"
    )
    world.create(changing)
    world.start()
    assert world.status == "READY"


def test_text_that_is_no_sql_is_refused_with_its_place() -> None:
    world = World()
    with refused("CodeValidationException", "Line 2"):
        world.create("SELECT 1;\nSELECT FROM WHERE")


def test_an_update_is_a_version_and_a_restart_and_can_be_taken_back() -> None:
    world = World()
    world.create(COPY)
    world.start()
    part = {
        "ConfigurationTypeUpdate": "CUSTOM",
        "ParallelismUpdate": 8,
        "ParallelismPerKPUUpdate": 4,
    }
    update = {"FlinkApplicationConfigurationUpdate": {"ParallelismConfigurationUpdate": part}}
    world.api.update_application(
        ApplicationName="app", CurrentApplicationVersionId=1, ApplicationConfigurationUpdate=update
    )
    assert world.status == "UPDATING"
    with refused("ConcurrentModificationException"):
        world.api.update_application(
            ApplicationName="app",
            CurrentApplicationVersionId=1,
            ApplicationConfigurationUpdate=update,
        )
    world.sim.advance(minutes=1)
    app = world.sim.analytics.applications["app"]
    assert (world.status, app.kpus, app.version.number) == ("RUNNING", 2, 2)
    world.api.rollback_application(ApplicationName="app", CurrentApplicationVersionId=2)
    assert world.status == "ROLLING_BACK"
    world.sim.advance(minutes=1)
    told = world.detail
    assert (app.kpus, told["ApplicationVersionId"]) == (1, 3)
    assert (told["ApplicationVersionRolledBackFrom"], told["ApplicationVersionRolledBackTo"]) == (
        2,
        1,
    )
    assert (
        world.api.describe_application_version(ApplicationName="app", ApplicationVersionId=2)[
            "ApplicationVersionDetail"
        ]["ApplicationVersionUpdatedFrom"]
        == 1
    )


def test_an_update_that_cannot_run_rolls_itself_back_where_it_may() -> None:
    world = World()
    world.create(COPY, ApplicationSystemRollbackConfiguration={"RollbackEnabled": True})
    world.start()
    broken = COPY.replace("'stream' = 'feed'", "'stream' = 'nobody'")
    world.api.update_application(
        ApplicationName="app",
        CurrentApplicationVersionId=1,
        ApplicationConfigurationUpdate={
            "ApplicationCodeConfigurationUpdate": {
                "CodeContentUpdate": {"TextContentUpdate": broken}
            }
        },
    )
    world.sim.advance(minutes=2)
    assert world.status == "RUNNING"
    assert world.detail["ApplicationVersionRolledBackTo"] == 1
    world.put(FEED[:10])
    assert len(world.written()) == 10


def test_a_run_is_billed_by_the_second_ten_minutes_at_least() -> None:
    """2 KPUs for 20 min 10 s are 1.0083 KPU-hours, orchestration included (facts/analytics/10)."""
    world = World()
    part = {"ConfigurationType": "CUSTOM", "Parallelism": 2, "ParallelismPerKPU": 1}
    world.create(COPY, FlinkApplicationConfiguration={"ParallelismConfiguration": part})
    world.start()
    began = world.sim.clock.now
    world.sim.clock.run_until(began - 30_000 + 1_210_000)
    world.api.stop_application(ApplicationName="app")
    lines = {line.item: line for line in world.sim.bill().rows if line.resource == "app"}
    assert round(float(lines["analytics.kpu_hour"].quantity), 4) == 1.0083
    world.sim.advance(minutes=1)
    world.start()
    world.stop()
    lines = {line.item: line for line in world.sim.bill().rows if line.resource == "app"}
    assert round(float(lines["analytics.kpu_hour"].quantity), 4) == 1.5083


def test_short_runs_cost_what_the_guides_example_says() -> None:
    """4 KPUs for 30, 5 and 2 minutes: 4.167 KPU-hours (facts/analytics/10/example-short-runs)."""
    world = World()
    part = {"ConfigurationType": "CUSTOM", "Parallelism": 4, "ParallelismPerKPU": 1}
    world.create(COPY, FlinkApplicationConfiguration={"ParallelismConfiguration": part})
    for minutes in (30, 5, 2):
        world.start()
        world.sim.clock.run_until(world.sim.clock.now - 30_000 + minutes * 60_000)
        world.stop()
    lines = {line.item: line for line in world.sim.bill().rows if line.resource == "app"}
    kpus, storage = lines["analytics.kpu_hour"], lines["analytics.storage"]
    assert (round(float(kpus.quantity), 3), round(float(kpus.amount), 2)) == (4.167, 0.46)
    assert round(float(storage.quantity), 3) == 0.231  # the page rounds up to 0.232
    assert not kpus.unverified
    assert not storage.unverified


def test_a_month_in_which_nothing_comes_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    look = StreamReader.look

    def counted(reader: StreamReader) -> int:
        looks.append(reader.stream)
        return look(reader)

    monkeypatch.setattr(StreamReader, "look", counted)
    world = World()
    world.create()
    world.start()
    world.sim.advance(days=30)
    assert len(looks) < 5


def test_the_older_api_sees_its_own_applications_alone() -> None:
    world = World()
    world.create()
    older = world.sim.client("kinesisanalytics")
    with refused("UnsupportedOperationException", "Please use kinesisanalyticsv2 SDK"):
        older.describe_application(ApplicationName="app")
    older.create_application(
        ApplicationName="sql", ApplicationCode='CREATE STREAM "D" (x INTEGER);'
    )
    assert [a["ApplicationName"] for a in older.list_applications()["ApplicationSummaries"]] == [
        "sql"
    ]
    told = world.api.describe_application(ApplicationName="sql")["ApplicationDetail"]
    assert told["RuntimeEnvironment"] == "SQL-1_0"


def test_snapshots_that_stand_by_themselves_outlive_their_application() -> None:
    world = World()
    made = world.create(
        COPY,
        ApplicationSnapshotConfiguration={
            "SnapshotsEnabled": True,
            "SnapshotMode": "ENHANCED_SNAPSHOTS",
        },
    )
    world.start()
    world.put(FEED[:20])
    world.api.create_snapshot(ApplicationName="app", SnapshotName="kept")
    world.sim.advance(seconds=10)
    place = {"BucketARN": "arn:aws:s3:::snapshots-app", "KeyPrefix": "a/"}
    world.sim.buckets.create("snapshots-app")
    told = world.api.export_snapshot(
        SnapshotName="kept",
        ExportDestinationConfiguration={
            "DestinationType": "S3",
            "ExportRoleArn": ROLE,
            "DestinationS3PrefixLocation": place,
        },
    )
    world.api.delete_application(ApplicationName="app", CreateTimestamp=made["CreateTimestamp"])
    world.sim.advance(minutes=1)
    assert world.sim.buckets.keys("snapshots-app") == ["a/_metadata.json"]
    ended = world.api.describe_snapshot_operation(
        SnapshotName="kept", SnapshotOperationId=told["SnapshotOperationId"]
    )["SnapshotOperationInfoDetails"]
    assert ended["SnapshotOperationStatus"] == "SUCCESSFUL"
    source = {"SourceType": "S3", "ImportRoleArn": ROLE, "SourceS3PrefixLocation": place}
    world.api.import_snapshot(SnapshotName="again", ImportSourceConfiguration=source)
    world.sim.advance(minutes=1)
    world.create(COPY)
    world.start(
        ApplicationRestoreConfiguration={
            "ApplicationRestoreType": "RESTORE_FROM_CUSTOM_SNAPSHOT",
            "SnapshotName": "again",
        }
    )
    world.put(FEED[20:30])
    assert Counter(row["id"] for row in world.written()) == Counter(r["id"] for r in FEED[:30])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"SnapshotName": 5}', b"{" * 50_000, b"\xff"])
def test_a_strangers_file_is_no_snapshot(body: bytes) -> None:
    world = World()
    world.sim.buckets.create("strange-snapshots")
    world.sim.client("s3").put_object(Bucket="strange-snapshots", Key="a/_metadata.json", Body=body)
    place = {"BucketARN": "arn:aws:s3:::strange-snapshots", "KeyPrefix": "a"}
    source = {"SourceType": "S3", "ImportRoleArn": ROLE, "SourceS3PrefixLocation": place}
    world.api.import_snapshot(SnapshotName="x", ImportSourceConfiguration=source)
    world.sim.advance(minutes=1)
    told = world.api.describe_snapshot(SnapshotName="x")["SnapshotInfoDetails"]
    assert told["SnapshotStatus"] == "FAILED"
    world.sim.client("s3").delete_object(Bucket="strange-snapshots", Key="a/_metadata.json")
    world.sim.client("s3").delete_bucket(Bucket="strange-snapshots")


def test_a_manifest_has_65536_bytes_at_most() -> None:
    world = World()
    world.create(
        COPY,
        ApplicationSnapshotConfiguration={
            "SnapshotsEnabled": True,
            "SnapshotMode": "ENHANCED_SNAPSHOTS",
        },
    )
    world.start()
    world.api.create_snapshot(ApplicationName="app", SnapshotName="kept")
    world.sim.advance(seconds=10)
    bucket, s3 = "long-manifests", world.sim.client("s3")
    world.sim.buckets.create(bucket)
    said = json.dumps({"SnapshotName": "kept"})
    for name, size in (("fits", 65_536), ("longer", 65_537)):
        s3.put_object(Bucket=bucket, Key=f"{name}/_metadata.json", Body=said.rjust(size).encode())
        place = {"BucketARN": f"arn:aws:s3:::{bucket}", "KeyPrefix": name}
        source = {"SourceType": "S3", "ImportRoleArn": ROLE, "SourceS3PrefixLocation": place}
        world.api.import_snapshot(SnapshotName=name, ImportSourceConfiguration=source)
    world.sim.advance(minutes=1)
    rows = world.api.list_snapshots()["SnapshotInfoList"]
    assert {row["SnapshotName"]: row["SnapshotStatus"] for row in rows} == {
        "kept": "READY",
        "fits": "READY",
        "longer": "FAILED",
    }


SCHEMA = {
    "RecordFormat": {"RecordFormatType": "JSON"},
    "RecordColumns": [
        {"Name": "dock", "SqlType": "VARCHAR(16)", "Mapping": "$.dock"},
        {"Name": "minutes", "SqlType": "DOUBLE", "Mapping": "$.minutes"},
    ],
}
PUMP = """
CREATE OR REPLACE STREAM "LONG" ("dock" VARCHAR(16), "city" VARCHAR(16), "minutes" DOUBLE);
CREATE OR REPLACE PUMP "P" AS INSERT INTO "LONG"
SELECT STREAM s."dock", c."city", s."minutes" FROM "RIDES_001" AS s
LEFT JOIN "CITIES" AS c ON s."dock" = c."dock" WHERE s."minutes" > 10;
"""


def of_sql(world: World, **output: Any) -> Any:
    """A SQL application of the older API with reference data, and what it reads and writes."""
    older, account = world.sim.client("kinesisanalytics"), world.sim.account
    arn = f"arn:aws:kinesis:us-east-1:{account}:stream"
    bucket = f"cities-{account}"
    world.sim.buckets.create(bucket)
    world.sim.client("s3").put_object(Bucket=bucket, Key="c.csv", Body=b"Porto,Recife\nLapa,Rio\n")
    older.create_application(
        ApplicationName="sql",
        ApplicationCode=PUMP,
        Inputs=[
            {
                "NamePrefix": "RIDES",
                "KinesisStreamsInput": {"ResourceARN": f"{arn}/feed", "RoleARN": ROLE},
                "InputSchema": SCHEMA,
            }
        ],
        Outputs=[
            {
                "Name": "LONG",
                "DestinationSchema": {"RecordFormatType": "JSON"},
                **(
                    output
                    or {"KinesisStreamsOutput": {"ResourceARN": f"{arn}/totals", "RoleARN": ROLE}}
                ),
            }
        ],
    )
    columns = [{"Name": name, "SqlType": "VARCHAR(16)"} for name in ("dock", "city")]
    older.add_application_reference_data_source(
        ApplicationName="sql",
        CurrentApplicationVersionId=1,
        ReferenceDataSource={
            "TableName": "CITIES",
            "S3ReferenceDataSource": {
                "BucketARN": f"arn:aws:s3:::{bucket}",
                "FileKey": "c.csv",
                "ReferenceRoleARN": ROLE,
            },
            "ReferenceSchema": {
                "RecordFormat": {"RecordFormatType": "CSV"},
                "RecordColumns": columns,
            },
        },
    )
    world.sim.advance(minutes=1)
    return older


def begin(world: World, older: Any) -> None:
    told = older.describe_application(ApplicationName="sql")["ApplicationDetail"]
    position = {"InputStartingPosition": "TRIM_HORIZON"}
    first = {
        "Id": told["InputDescriptions"][0]["InputId"],
        "InputStartingPositionConfiguration": position,
    }
    older.start_application(ApplicationName="sql", InputConfigurations=[first])
    world.sim.advance(minutes=1)


def test_kinesis_sql_runs_as_an_application_of_the_older_api() -> None:
    world = World(account="121212121212")
    older = of_sql(world)
    begin(world, older)
    assert (
        older.describe_application(ApplicationName="sql")["ApplicationDetail"]["ApplicationStatus"]
        == "RUNNING"
    )
    world.put(FEED[:100])
    world.sim.advance(seconds=5)
    cities = {"Porto": "Recife", "Lapa": "Rio"}
    assert [tuple(row.values()) for row in world.written()] == [
        (row["dock"], cities.get(row["dock"]), row["minutes"])
        for row in FEED[:100]
        if row["minutes"] is not None and row["minutes"] > 10
    ]
    older.stop_application(ApplicationName="sql")
    world.sim.advance(minutes=1)
    assert older.list_applications()["HasMoreApplications"] is False


def test_a_function_takes_what_kinesis_sql_gives() -> None:
    from base64 import b64decode

    taken: list[dict[str, Any]] = []

    def take(event: dict[str, Any]) -> dict[str, Any]:
        taken.extend(json.loads(b64decode(one["data"])) for one in event["records"])
        return {"records": [{"recordId": r["recordId"], "result": "Ok"} for r in event["records"]]}

    world = World(account="131313131313")
    world.sim.functions.register("alarm", take)
    arn = world.sim.functions.arn("alarm")
    begin(world, of_sql(world, LambdaOutput={"ResourceARN": arn, "RoleARN": ROLE}))
    world.put(FEED[:40])
    world.sim.advance(seconds=5)
    assert taken
    assert all(row["minutes"] > 10 for row in taken)


def test_a_schema_is_discovered_from_what_a_stream_holds() -> None:
    world = World()
    world.put(FEED[:20])
    arn = world.sim.streams["feed"].arn
    told = world.api.discover_input_schema(
        ResourceARN=arn,
        ServiceExecutionRole=ROLE,
        InputStartingPositionConfiguration={"InputStartingPosition": "TRIM_HORIZON"},
    )
    kinds = {row["Name"]: row["SqlType"] for row in told["InputSchema"]["RecordColumns"]}
    assert kinds["id"] == "INTEGER"
    assert kinds["minutes"] == "DOUBLE"
    assert kinds["dock"].startswith("VARCHAR(")
    assert len(told["ParsedInputRecords"]) == len(told["RawInputRecords"]) == 20
    with refused("UnableToDetectSchemaException"):
        world.api.discover_input_schema(
            ResourceARN=world.sim.streams["totals"].arn, ServiceExecutionRole=ROLE
        )
    with refused("InvalidArgumentException"):
        world.api.discover_input_schema(ResourceARN=f"{arn}-nobody", ServiceExecutionRole=ROLE)


def test_a_page_has_fifty_applications_unless_told_otherwise() -> None:
    world = World()
    for number in range(51):
        world.sim.gate.call(
            "kinesisanalyticsv2",
            "CreateApplication",
            {
                "ApplicationName": f"app-{number}",
                "RuntimeEnvironment": "FLINK-1_20",
                "ServiceExecutionRole": ROLE,
            },
        )
    told = world.api.list_applications()
    assert len(told["ApplicationSummaries"]) == 50
    rest = world.api.list_applications(NextToken=told["NextToken"])
    assert len(rest["ApplicationSummaries"]) == 1


def test_a_hundred_records_of_a_shard_are_looked_at() -> None:
    world = World(shards=2)
    for shard in world.sim.streams["feed"].shards:
        entry = {
            "Data": b'{"a": 1}',
            "PartitionKey": "k",
            "ExplicitHashKey": str(shard.hashes.start),
        }
        world.kinesis.put_records(StreamName="feed", Records=[entry] * 101)
    told = world.api.discover_input_schema(
        ResourceARN=world.sim.streams["feed"].arn,
        ServiceExecutionRole=ROLE,
        InputStartingPositionConfiguration={"InputStartingPosition": "TRIM_HORIZON"},
    )
    assert len(told["RawInputRecords"]) == 200
    assert len(told["ParsedInputRecords"]) == 100


def test_code_that_is_no_kinesis_sql_is_refused() -> None:
    older = World().sim.client("kinesisanalytics")
    with refused("CodeValidationException"):
        older.create_application(ApplicationName="sql", ApplicationCode="CREATE STREAM")


def test_a_function_that_fails_gets_its_rows_again_and_none_is_lost() -> None:
    from base64 import b64decode

    calls: list[int] = []
    taken: list[float] = []

    def take(event: dict[str, Any]) -> dict[str, Any]:
        hint = event["records"][0]["lambdaDeliveryRecordMetadata"]["retryHint"]
        calls.append(hint)
        if len(calls) <= 4:
            raise RuntimeError("out of order")
        results = []
        for at, one in enumerate(event["records"]):
            if len(calls) == 5 and at % 2:
                results.append({"recordId": one["recordId"], "result": "DeliveryFailed"})
                continue
            taken.append(json.loads(b64decode(one["data"]))["minutes"])
            results.append({"recordId": one["recordId"], "result": "Ok"})
        return {"records": results}

    world = World(account="141414141414")
    world.sim.functions.register("alarm", take)
    arn = world.sim.functions.arn("alarm")
    begin(world, of_sql(world, LambdaOutput={"ResourceARN": arn, "RoleARN": ROLE}))
    world.put(FEED[:40])
    world.sim.advance(seconds=20)
    long_ones = [r["minutes"] for r in FEED[:40] if r["minutes"] is not None and r["minutes"] > 10]
    assert sorted(taken) == sorted(long_ones)
    assert calls[:6] == [0, 1, 2, 3, 4, 5]


def test_a_sql_application_goes_on_where_it_was_stopped_and_rests_in_between() -> None:
    world = World(account="151515151515")
    older = of_sql(world)
    begin(world, older)
    world.put(FEED[:50])
    world.sim.advance(seconds=5)
    before = len(world.written())
    older.stop_application(ApplicationName="sql")
    world.sim.advance(minutes=1)
    world.put(FEED[50:100])
    told = older.describe_application(ApplicationName="sql")["ApplicationDetail"]
    last = {
        "Id": told["InputDescriptions"][0]["InputId"],
        "InputStartingPositionConfiguration": {"InputStartingPosition": "LAST_STOPPED_POINT"},
    }
    older.start_application(ApplicationName="sql", InputConfigurations=[last])
    world.sim.advance(minutes=1)
    minutes = [r["minutes"] for r in FEED[:100] if r["minutes"] is not None and r["minutes"] > 10]
    assert before < len(world.written()) == len(minutes)
    assert [row["minutes"] for row in world.written()] == minutes
    job = world.sim.analytics.applications["sql"].running.job
    looked = job.reader.look
    looks: list[int] = []
    job.reader.look = lambda: looks.append(1) or looked()
    world.sim.advance(days=20)
    assert len(looks) < 3


def test_a_stream_that_goes_away_fails_the_application_and_not_the_clock() -> None:
    world = World(account="161616161616")
    older = of_sql(world)
    begin(world, older)
    world.kinesis.delete_stream(StreamName="feed")
    world.sim.advance(minutes=5)
    told = older.describe_application(ApplicationName="sql")["ApplicationDetail"]
    assert told["ApplicationStatus"] == "READY"
    world.create(COPY)
    world.sim.advance(minutes=5)


def test_a_saved_simulator_goes_on_with_its_applications(tmp_path: Any) -> None:
    world = World(account="171717171717")
    world.create(COPY)
    world.start()
    world.put(FEED[:30])
    world.sim.save(tmp_path / "app.lab")
    again = Simulator.load(tmp_path / "app.lab")
    entries = [{"Data": json.dumps(r).encode(), "PartitionKey": r["dock"]} for r in FEED[30:50]]
    again.client("kinesis").put_records(StreamName="feed", Records=entries)
    again.advance(seconds=5)
    assert again.streams["totals"].shards[0].log.end == 50


@pytest.mark.parametrize("tag", [{"Key": "AWS:own"}, {"Key": "a\tb"}, {"Key": "a", "Value": "b#"}])
def test_tags_have_the_characters_of_tags(tag: dict[str, str]) -> None:
    world = World()
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        world.api.create_application(
            ApplicationName="tagged",
            RuntimeEnvironment="FLINK-1_20",
            ServiceExecutionRole=ROLE,
            Tags=[tag],
        )
    arn = world.create(COPY)["ApplicationARN"]
    with pytest.raises(ClientError, match="InvalidArgumentException"):
        world.api.tag_resource(ResourceARN=arn, Tags=[tag])
    assert world.api.list_tags_for_resource(ResourceARN=arn)["Tags"] == []
