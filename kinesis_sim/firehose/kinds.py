"""The kinds of destination that there are: one folder each, listed in the order of their members.

A new kind is a folder in ``destinations`` whose ``kind`` module has KINDS, and a line here.
"""

from __future__ import annotations

from kinesis_sim.firehose.destinations.http_endpoint import kind as http_endpoint
from kinesis_sim.firehose.destinations.iceberg import kind as iceberg
from kinesis_sim.firehose.destinations.opensearch import kind as opensearch
from kinesis_sim.firehose.destinations.redshift import kind as redshift
from kinesis_sim.firehose.destinations.s3 import kind as s3
from kinesis_sim.firehose.destinations.snowflake import kind as snowflake
from kinesis_sim.firehose.destinations.splunk import kind as splunk
from kinesis_sim.firehose.kind import Kind

KINDS: tuple[Kind, ...] = tuple(
    kind
    for folder in (s3, redshift, opensearch, splunk, http_endpoint, snowflake, iceberg)
    for kind in folder.KINDS
)
