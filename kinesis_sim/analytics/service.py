"""Managed Service for Apache Flink, and Kinesis Data Analytics before it: one state, two APIs."""

from __future__ import annotations

from kinesis_sim.account.service import Service, Surroundings, operations
from kinesis_sim.analytics import legacy
from kinesis_sim.analytics import operations as api
from kinesis_sim.analytics.applications.catalog import ApplicationCatalog
from kinesis_sim.analytics.applications.engine import SqlEngine
from kinesis_sim.analytics.applications.state import Applications
from kinesis_sim.analytics.applications.upkeep import TendedLifecycle
from kinesis_sim.analytics.charges import ApplicationCharges
from kinesis_sim.analytics.metrics import ApplicationMetrics
from kinesis_sim.analytics.on_clock.ports import AnalyticsPorts
from kinesis_sim.analytics.room import StreamingSql

_NAMED_BY = "ApplicationName"


def services(around: Surroundings) -> tuple[Service, Service]:
    """The services of one account, measured from their first event on."""
    catalog = ApplicationCatalog(around)
    engine = SqlEngine(around)
    room = StreamingSql(AnalyticsPorts.of(around), catalog)
    lives = TendedLifecycle(catalog, engine, around.port("analytics"))
    state = Applications(catalog, lives, engine, room)
    charges = ApplicationCharges()
    named_by = {_NAMED_BY: catalog.arn("{}"), "ResourceARN": "{}"}
    return (
        Service(
            name="kinesisanalyticsv2",
            title="Managed Service for Apache Flink",
            state=state,
            operations=operations(api),
            named_by=named_by,
            folds=(ApplicationMetrics(around.metrics), charges),
            lines=charges.lines,
        ),
        Service(
            name="kinesisanalytics",
            title="Kinesis Data Analytics for SQL",
            state=state,
            operations=operations(legacy),
            named_by=named_by,
        ),
    )
