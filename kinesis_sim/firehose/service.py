"""Amazon Data Firehose as one service."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.account.service import Service, Surroundings, operations
from kinesis_sim.firehose import operations as api
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.charges import FirehoseCharges
from kinesis_sim.firehose.gauges import FreshnessGauge
from kinesis_sim.firehose.metrics import FirehoseMetrics
from kinesis_sim.firehose.operations.records import take_batch
from kinesis_sim.firehose.ports import FirehosePorts

_PUT_LIMITS = ("records", "bytes", "requests")


def services(around: Surroundings) -> tuple[Service]:
    """The service of one account, measured from its first event on."""
    catalog = FirehoseCatalog(FirehosePorts.of(around), around.limits, around.delays)
    charges = FirehoseCharges()
    FreshnessGauge(catalog, around.metrics)
    most = {each: around.limits.of_region(f"firehose.put_{each}") for each in _PUT_LIMITS}
    service = Service(
        name="firehose",
        title="Amazon Data Firehose",
        state=catalog,
        operations=operations(api),
        named_by={"DeliveryStreamName": catalog.arn("{}")},
        admit=catalog.admit_call,
        again={"PutRecordBatch": _put_record_batch},
        folds=(FirehoseMetrics(around.metrics, most, lambda: around.latency(True)), charges),
        data_plane=frozenset({"PutRecord", "PutRecordBatch"}),
        lines=charges.lines,
    )
    return (service,)


def _put_record_batch(firehose: FirehoseCatalog, request: Request) -> None:
    """What it does, without its answer: an id for each record."""
    take_batch(firehose, request)
