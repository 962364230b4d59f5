"""A SQL application's code that runs: its input, reference data, outputs and preprocessing."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Surroundings
from kinesis_sim.analytics.applications.application import AnalyticsApplication
from kinesis_sim.analytics.applications.input_schema import schema_of
from kinesis_sim.analytics.kinesis_sql.session import KinesisSession
from kinesis_sim.analytics.on_clock.kinesis_job import Deliver, KinesisSqlJob, as_csv, as_json
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.errors import UsageError

_STARTS = {"NOW": "LATEST", "TRIM_HORIZON": "TRIM_HORIZON", "LAST_STOPPED_POINT": "TRIM_HORIZON"}
"""LAST_STOPPED_POINT of an application that never ran is the oldest record (model's choice)."""
_INPUT, _OUTPUT = "KinesisStreamsInputDescription", "KinesisStreamsOutputDescription"
_FIREHOSE, _FUNCTION = "KinesisFirehoseOutputDescription", "LambdaOutputDescription"


class SqlCode:
    """What a SQL application runs.

    Raises UsageError for an application without an input or of a Firehose stream as one, which is
    not simulated, SqlError for code that does not fit, ServiceError for what is not there.
    """

    def __init__(
        self,
        around: Surroundings,
        application: AnalyticsApplication,
        code: str,
        kept: dict[str, Any] | None,
        failed: Callable[[str], None],
    ) -> None:
        self._around, self._application = around, application
        given = next(iter(application.parts("InputDescriptions")), None)
        if given is None or _INPUT not in given:
            raise UsageError(
                f"The application {application.name} reads no data stream: give it an input of "
                "KinesisStreamsInput. A Firehose stream as input is not simulated."
            )
        session = KinesisSession()
        for part in application.parts("ReferenceDataSourceDescriptions"):
            self._refer(session, part)
        position = given["InputStartingPositionConfiguration"]["InputStartingPosition"]
        self.job = KinesisSqlJob(
            AnalyticsPorts.of(around),
            session,
            code,
            _name(given[_INPUT]["ResourceARN"]),
            schema_of(given["InputSchema"]),
            {part["Name"]: self._target(part) for part in application.parts("OutputDescriptions")},
            start=_STARTS[position],
            prefix=given["NamePrefix"],
            parallelism=given["InputParallelism"]["Count"],
            preprocess=self._preprocess(given),
            encode=_encoding(application),
            failed=failed,
        )
        last = application.stopped_at if position == "LAST_STOPPED_POINT" else None
        self.job.start(kept or last)

    def snapshot(self) -> None:
        """A SQL application has no snapshots: what its streams hold is lost when it stops."""

    def left(self) -> dict[str, Any]:
        """How far the stream was read."""
        return self.job.reader.positions()

    def last(self) -> dict[str, Any] | None:
        """Kinesis SQL goes on where it had read to."""
        return self.left()

    def stop(self) -> None:
        """Read no more; LAST_STOPPED_POINT is here."""
        self._application.stopped_at = self.left()
        self.job.stop()

    def _target(self, part: Request) -> Any:
        if _OUTPUT in part:
            return f"kinesis:{_name(part[_OUTPUT]['ResourceARN'])}"
        if _FIREHOSE in part:
            return f"firehose:{_name(part[_FIREHOSE]['ResourceARN'])}"
        return self._to_function(part[_FUNCTION]["ResourceARN"])

    def _to_function(self, arn: str) -> Deliver:
        """A function gets rows in one call, and says of each whether it took it."""
        hint = 0

        def deliver(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            nonlocal hint
            records = [
                {
                    "recordId": str(at),
                    "lambdaDeliveryRecordMetadata": {"retryHint": hint},
                    "data": b64encode(as_json(row)).decode(),
                }
                for at, row in enumerate(rows)
            ]
            hint += 1
            event = {"applicationArn": self._application.arn, "records": records}
            answer = self._around.functions.invoke(arn, event)
            taken = {one["recordId"] for one in answer["records"] if one["result"] == "Ok"}
            left = [row for at, row in enumerate(rows) if str(at) not in taken]
            hint = hint if left else 0
            return left

        return deliver

    def _preprocess(self, given: Request) -> Callable[[bytes], tuple[str, bytes]] | None:
        part = given.get("InputProcessingConfigurationDescription")
        if not part:
            return None
        arn = part["InputLambdaProcessorDescription"]["ResourceARN"]

        def preprocess(data: bytes) -> tuple[str, bytes]:
            record = {"recordId": "0", "data": b64encode(data).decode()}
            event = {"applicationArn": self._application.arn, "records": [record]}
            try:
                told = self._around.functions.invoke(arn, event)["records"][0]
                return str(told["result"]), b64decode(told.get("data") or "")
            except Exception:  # a function of the learner's may raise and answer anything
                return "ProcessingFailed", data

        return preprocess

    def _refer(self, session: KinesisSession, part: Request) -> None:
        place = part["S3ReferenceDataSourceDescription"]
        asked = {"Bucket": place["BucketARN"].rpartition(":")[2], "Key": place["FileKey"]}
        body = bytes(self._around.elsewhere("s3", "GetObject", asked)["Body"])
        schema = schema_of(part["ReferenceSchema"])
        columns = {column.name: column.kind for column in schema.columns}
        lines = body.splitlines() if schema.kind == "JSON" else [body]
        rows = [row for line in lines if line.strip() for row in schema.rows(line)]
        session.refer(part["TableName"], columns, rows)


def _encoding(application: AnalyticsApplication) -> Callable[[dict[str, Any]], bytes]:
    """How rows are written: as the first output says (model's choice for outputs of two kinds)."""
    part = next(iter(application.parts("OutputDescriptions")), {})
    form = part.get("DestinationSchema", {}).get("RecordFormatType")
    return as_csv if form == "CSV" else as_json


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
