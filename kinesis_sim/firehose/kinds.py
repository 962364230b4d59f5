"""The kinds of destination, in one table: what botocore calls their blocks, their defaults, and
what happens after the last try.

Sources: botocore's firehose shapes for the names; facts/firehose §2, §3 and §6 for the figures.
Where guide and API text differ (HTTP endpoint, Snowflake) the guide's are taken, unverified; the
default retry of Splunk (3600 s) and of HTTP endpoints (300 s) is unverified; Iceberg's 300 s is the
guide's (apache-iceberg-stream).
"""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.firehose import error_rows
from kinesis_sim.firehose.buffering import Hints
from kinesis_sim.instants import SECOND
from kinesis_sim.units import MIB


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of destination.

    block: the middle of its members' names (``<block>DestinationConfiguration``). metric: what
    follows ``DeliveryTo``. default: buffering hints; largest: bytes a buffer may hold. retry: the
    default retry duration in seconds, None for S3, which is tried as long as records live.
    backup: the values of S3BackupMode, the default first; the second backs everything up. failed:
    the error output type of what was not delivered. staged: whether batches pass through S3.
    """

    name: str
    block: str
    metric: str
    default: Hints
    largest: int
    retry: int | None
    backup: tuple[str, str]
    failed: error_rows.Kind | None
    nested: str = "S3Configuration"
    staged: bool = False
    steps: bool = False

    @property
    def configuration(self) -> str:
        """Its member of CreateDeliveryStream."""
        return f"{self.block}DestinationConfiguration"

    @property
    def update(self) -> str:
        """Its member of UpdateDestination."""
        return f"{self.block}DestinationUpdate"

    @property
    def description(self) -> str:
        """Its member of DestinationDescription."""
        return f"{self.block}DestinationDescription"


_LAKE = Hints(5 * MIB, 300 * SECOND)
_FAILED = ("FailedDataOnly", "AllData")
_DOCUMENTS = ("FailedDocumentsOnly", "AllDocuments")
_SOURCE = ("Disabled", "Enabled")

S3 = Kind("S3", "S3", "S3", _LAKE, 128 * MIB, None, _SOURCE, None, nested="")
EXTENDED_S3 = Kind("S3", "ExtendedS3", "S3", _LAKE, 128 * MIB, None, _SOURCE, None, nested="")
REDSHIFT = Kind(
    "Redshift",
    "Redshift",
    "Redshift",
    _LAKE,
    128 * MIB,
    3_600,
    _SOURCE,
    None,
    staged=True,
    steps=True,
)
OPENSEARCH = Kind(
    "OpenSearch",
    "Amazonopensearchservice",
    "AmazonOpenSearchService",
    _LAKE,
    100 * MIB,
    300,
    _DOCUMENTS,
    "opensearch",
    steps=True,
)
ELASTICSEARCH = Kind(
    "OpenSearch",
    "Elasticsearch",
    "AmazonOpenSearchService",
    _LAKE,
    100 * MIB,
    300,
    _DOCUMENTS,
    "opensearch",
    steps=True,
)
SERVERLESS = Kind(
    "OpenSearchServerless",
    "AmazonOpenSearchServerless",
    "AmazonOpenSearchServerless",
    _LAKE,
    100 * MIB,
    300,
    _DOCUMENTS,
    "opensearch-serverless",
    steps=True,
)
SPLUNK = Kind(
    "Splunk",
    "Splunk",
    "Splunk",
    Hints(5 * MIB, 60 * SECOND),
    5 * MIB,
    3_600,
    ("FailedEventsOnly", "AllEvents"),
    "splunk",
)
HTTP_ENDPOINT = Kind(
    "HttpEndpoint",
    "HttpEndpoint",
    "HttpEndpoint",
    Hints(5 * MIB, 60 * SECOND),
    64 * MIB,
    300,
    _FAILED,
    "http",
)
SNOWFLAKE = Kind(
    "Snowflake",
    "Snowflake",
    "Snowflake",
    Hints(1 * MIB, 0),
    128 * MIB,
    60,
    _FAILED,
    "snowflake",
)
ICEBERG = Kind("Iceberg", "Iceberg", "Iceberg", _LAKE, 128 * MIB, 300, _FAILED, "iceberg")

KINDS = (
    EXTENDED_S3,
    S3,
    REDSHIFT,
    OPENSEARCH,
    ELASTICSEARCH,
    SERVERLESS,
    SPLUNK,
    HTTP_ENDPOINT,
    SNOWFLAKE,
    ICEBERG,
)
