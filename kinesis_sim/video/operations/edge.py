"""What edge agents are told to record (facts/video/6/edge-agent).

No agent listens here. A configuration is tried for a quarter of an hour and has failed then
(facts/video/6/edge-sync); one that is deleted was never with an agent, so that nothing keeps it
from going (model's choice).
"""

from __future__ import annotations

import re

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.paging import page
from kinesis_sim.video.video_stream import VideoStream

_BUSY = ("SYNCING", "DELETING")
_SCHEDULE = re.compile(r"[0-9A-Z*?/,#-]+( [0-9A-Z*?/,#-]+){5,6}", re.ASCII | re.IGNORECASE)
"""Quartz writes six or seven fields; what they say is left to it (model's choice)."""


def start_edge_configuration_update(catalog: VideoCatalog, request: Request) -> Answer:
    """Tell an edge agent what to record: it is SYNCING, and SYNC_FAILED when nobody answered.

    Raises ResourceNotFoundException, NoDataRetentionException, InvalidArgumentException for a
    schedule that is none, ResourceInUseException while the stream is not ACTIVE, its configuration
    is under way, or is another hub's, which must be deleted first.
    """
    stream = catalog.find(request)
    stream.check_active()
    if not stream.archive.retention:
        raise refusals.no_retention(stream.name)
    config, before = request["EdgeConfig"], stream.edge
    for part in ("RecorderConfig", "UploaderConfig"):
        _check_schedule(config.get(part, {}).get("ScheduleConfig"))
    if before is not None:
        _check_idle(stream, before)
        if before["EdgeConfig"]["HubDeviceArn"] != config["HubDeviceArn"]:
            hub = before["EdgeConfig"]["HubDeviceArn"]
            raise refusals.in_use(f"{stream.name} is recorded by {hub}; delete that first.")
    row = stream.edge = {
        "CreationTime": catalog.now if before is None else before["CreationTime"],
        "LastUpdatedTime": catalog.now,
        "SyncStatus": "SYNCING",
        "EdgeConfig": config,
    }

    def failed() -> None:
        if stream.edge is row and row["SyncStatus"] == "SYNCING":
            text = "The edge agent was not reached."
            row.update(SyncStatus="SYNC_FAILED", FailedStatusDetails=text)

    patience = catalog.limits["video.edge_sync_seconds"] * SECOND
    catalog.clock.after(patience, failed)
    return _edge(stream)


def _check_schedule(schedule: Request | None) -> None:
    if schedule is not None and not _SCHEDULE.fullmatch(schedule["ScheduleExpression"]):
        raise refusals.invalid(
            f"{schedule['ScheduleExpression']} is no Quartz expression of six or seven fields."
        )


def _check_idle(stream: VideoStream, edge: Request) -> None:
    if edge["SyncStatus"] in _BUSY:
        raise refusals.in_use(f"The edge configuration of {stream.name} is {edge['SyncStatus']}.")


def describe_edge_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """What an edge agent was told.

    Raises ResourceNotFoundException, StreamEdgeConfigurationNotFoundException.
    """
    return {**_edge(catalog.find(request)), "EdgeAgentStatus": {}}


def delete_edge_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Have the edge agent forget: it is DELETING for a while.

    Raises ResourceNotFoundException, StreamEdgeConfigurationNotFoundException.
    """
    stream = catalog.find(request)
    _edge(stream)
    row = stream.edge
    assert row is not None
    row.update(SyncStatus="DELETING", LastUpdatedTime=catalog.now)
    row.pop("FailedStatusDetails", None)

    def gone() -> None:
        if stream.edge is row:
            stream.edge = None

    catalog.clock.after(catalog.delays["video.delete_edge"], gone)
    return {}


def list_edge_agent_configurations(catalog: VideoCatalog, request: Request) -> Answer:
    """What the edge agent of a hub device was told, for all its streams."""
    hub = request["HubDeviceArn"]
    rows = [
        {"StreamName": each.name, "StreamARN": each.arn, **each.edge}
        for each in catalog
        if each.edge is not None and each.edge["EdgeConfig"]["HubDeviceArn"] == hub
    ]
    return page("EdgeConfigs", rows, request, key="StreamARN", most=10)


def _edge(stream: VideoStream) -> Answer:
    if stream.edge is None:
        raise ServiceError(
            "StreamEdgeConfigurationNotFoundException",
            f"The stream {stream.name} has no edge configuration.",
            404,
        )
    return {"StreamName": stream.name, "StreamARN": stream.arn, **stream.edge}
