"""Kinesis Data Streams as one service."""

from __future__ import annotations

from functools import partial

from kinesis_sim.account.service import Service, Surroundings, operations
from kinesis_sim.streams import operations as api
from kinesis_sim.streams.again import AGAIN, read_nothing
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.charges import Charges
from kinesis_sim.streams.gauges import QueueGauges
from kinesis_sim.streams.meant import shards_meant
from kinesis_sim.streams.metrics import StreamMetrics

DATA_PLANE = frozenset(
    {"PutRecord", "PutRecords", "GetRecords", "GetShardIterator", "SubscribeToShard"}
)


def services(around: Surroundings) -> tuple[Service]:
    """The service of one account, measured from its first event on."""
    catalog = StreamCatalog(around)
    charges = Charges(around.clock.now)
    QueueGauges(catalog, around.metrics)
    service = Service(
        name="kinesis",
        title="Kinesis Data Streams",
        state=catalog,
        operations=operations(api),
        named_by=_named_by(f"arn:aws:kinesis:{around.region}:{around.account}"),
        acts_on={"GetRecords": catalog.stream_of_iterator},
        admit=catalog.admit_call,
        parts=partial(shards_meant, catalog),
        again=AGAIN,
        found_nothing=read_nothing,
        folds=(
            StreamMetrics(around.metrics, lambda api: around.latency(api in DATA_PLANE)),
            charges,
        ),
        data_plane=DATA_PLANE,
        lines=charges.lines,
        settle=catalog.settle,
    )
    return (service,)


def _named_by(place: str) -> dict[str, str]:
    return {
        "StreamName": f"{place}:stream/{{}}",
        "StreamARN": "{}",
        "ConsumerARN": "{}",
        "ResourceARN": "{}",
        "QueueARN": "{}",
        "ChannelARN": "{}",
        "QueueName": f"{place}:queue/{{}}",
        "ChannelName": f"{place}:channel/{{}}",
    }
