"""Creating, deleting, describing and listing streams (facts/data-streams §1.3)."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.account.quotas import Limits
from kinesis_sim.streams import refusals, resharding
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.events import StreamCreated
from kinesis_sim.streams.growth import warm_shards
from kinesis_sim.streams.operations.rows import enhanced_monitoring, shard_row, stream_row
from kinesis_sim.streams.operations.settings import check_warm_throughput
from kinesis_sim.streams.states import StreamStatus
from kinesis_sim.streams.stream import Stream, StreamSettings

DEFAULT_SHARDS = 4
"""AWS opened four shards for a CreateStream with a name only (facts/data-streams §2.1);
its mode is not recorded."""
_DESCRIBE_CAP = 100


def create_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """Create a stream; it is ACTIVE after ``delays["streams.create_stream"]``.

    Raises ResourceInUseException when the name is taken, LimitExceededException beyond five streams
    in CREATING, the shard quota or the on-demand quota, InvalidArgumentException and
    ValidationException for settings that the mode does not have.
    """
    name = request["StreamName"]
    settings = _settings(kinesis, request)
    if name in kinesis.streams:
        raise refusals.stream_exists(name, kinesis.account)
    count = _first_shards(settings, request, kinesis.limits)
    _check_quotas(kinesis, settings, count)
    now, events = kinesis.clock.now, kinesis.events
    stream = Stream(name, kinesis.arn(name), now, settings, events, kinesis.shard_limits)
    stream.tags.update(
        tags.checked(
            request.get("Tags") or {},
            {},
            f"stream {name}",
            kinesis.account,
            kinesis.limits["account.tags"],
        )
    )
    stream.planned_shards = count
    kinesis.number(stream)
    kinesis.streams[name] = stream
    kinesis.events.append(
        StreamCreated(at=kinesis.clock.now, stream=name, mode=settings.mode, shards=count)
    )
    kinesis.clock.after(
        kinesis.delays["streams.create_stream"], lambda: _created(kinesis, stream, count)
    )
    return {}


def _first_shards(settings: StreamSettings, request: Request, limits: Limits) -> int:
    """Provisioned: as asked. On-demand: four, or as many as the warm throughput needs."""
    if settings.mode == "ON_DEMAND":
        start = limits["streams.on_demand_start_shards"]
        return max(start, warm_shards(limits, settings.warm_target or 0))
    return request.get("ShardCount") or DEFAULT_SHARDS


def _settings(kinesis: StreamCatalog, request: Request) -> StreamSettings:
    mode = (request.get("StreamModeDetails") or {}).get("StreamMode", "PROVISIONED")
    on_demand = mode == "ON_DEMAND"
    _check_count(request, on_demand)
    strategy = request.get("RecordDistributionStrategy", "USER_PARTITION_KEY")
    if strategy == "AUTO" and not on_demand:
        raise refusals.invalid(
            "RecordDistributionStrategy AUTO is only supported for streams in On-Demand mode."
        )
    warm = request.get("WarmThroughputMiBps")
    if warm is not None:
        check_warm_throughput(kinesis, request["StreamName"], on_demand, warm)
    return StreamSettings(
        mode=mode,
        max_record_kib=request.get("MaxRecordSizeInKiB") or 1024,
        distribution=strategy,
        warm_target=warm,
        warm_current=warm,
    )


def _check_count(request: Request, on_demand: bool) -> None:
    """A mode that is named has a shard count or not (facts/data-streams/2.1/shard-count-by-mode).

    A request with neither mode nor count is taken.
    """
    if on_demand and "ShardCount" in request:
        raise refusals.invalid("ShardCount is not expected when StreamMode=ON_DEMAND")
    if not on_demand and "StreamModeDetails" in request and "ShardCount" not in request:
        raise refusals.invalid("ShardCount is expected when StreamMode=PROVISIONED")


def _check_quotas(kinesis: StreamCatalog, settings: StreamSettings, count: int) -> None:
    limits, account = kinesis.limits, kinesis.account
    creating = sum(stream.status is StreamStatus.CREATING for stream in kinesis)
    if creating >= limits["streams.creating"]:
        raise refusals.limit(
            f"This request would exceed the limit of {limits['streams.creating']} streams in "
            f"CREATING state for the account {account}."
        )
    if settings.mode == "ON_DEMAND":
        have = sum(stream.on_demand for stream in kinesis)
        if have >= limits["streams.on_demand_streams"]:
            quota = limits["streams.on_demand_streams"]
            raise refusals.on_demand_quota(account, kinesis.region, have, quota)
    if settings.mode == "ON_DEMAND":
        return
    current = kinesis.open_shard_count()
    if current + count > limits.of_region("streams.shards_per_account"):
        raise refusals.shard_quota(
            account, kinesis.region, current, limits.of_region("streams.shards_per_account"), count
        )


def _created(kinesis: StreamCatalog, stream: Stream, count: int) -> None:
    if stream.status is not StreamStatus.CREATING:
        return
    resharding.open_first_shards(stream, count, kinesis.clock.now, kinesis.events)
    stream.planned_shards = 0
    kinesis.step(stream, "created", "CreateStream")
    if stream.on_demand:
        kinesis.scaler.watch(stream, kinesis.limits["streams.on_demand_start_shards"])


def delete_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """Delete a stream; it is gone after ``delays["streams.delete_stream"]``.

    Raises ResourceNotFoundException, and ResourceInUseException while consumers are registered and
    EnforceConsumerDeletion is not true.
    """
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    consumers = kinesis.consumers_of(stream)
    if consumers and not request.get("EnforceConsumerDeletion"):
        raise refusals.has_consumers(stream.name, kinesis.account)
    if kinesis.queues_of(stream):
        raise refusals.in_use(
            f"Stream {stream.name} under account {kinesis.account} has queues. Delete them first."
        )
    if kinesis.channels_of(stream):
        raise refusals.in_use(
            f"Stream {stream.name} under account {kinesis.account} has channels. Delete them first."
        )
    if stream.status is StreamStatus.DELETING:
        return {}
    for consumer in (*consumers, *kinesis.former_of(stream)):
        for subscription in list(consumer.subscriptions.values()):
            subscription.close("stream deleted")
    for consumer in consumers:
        kinesis.consumers.pop(consumer.arn, None)
        consumer.life.step("DeleteStream")
        kinesis.policies.pop(consumer.arn, None)
    kinesis.step(stream, "delete", "DeleteStream")
    kinesis.clock.after(kinesis.delays["streams.delete_stream"], lambda: _deleted(kinesis, stream))
    return {}


def _deleted(kinesis: StreamCatalog, stream: Stream) -> None:
    kinesis.step(stream, "deleted", "DeleteStream")
    kinesis.policies.pop(stream.arn, None)
    del kinesis.streams[stream.name]


def describe_stream(kinesis: StreamCatalog, request: Request) -> Request:
    """A stream with its shards, at most 100 a page; shards that expired are no longer listed."""
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    shards = stream.retained_shards(kinesis.clock.now)
    after = request.get("ExclusiveStartShardId")
    if after is not None:
        index = kinesis.shard_index(after, refusals.no_shard, stream.name)
        shards = [shard for shard in shards if shard.index > index]
    limit = min(request.get("Limit") or _DESCRIBE_CAP, _DESCRIBE_CAP)
    description = {
        **stream_row(stream),
        "Shards": [shard_row(shard) for shard in shards[:limit]],
        "HasMoreShards": len(shards) > limit,
        **_details(stream),
    }
    return {"StreamDescription": description}


def describe_stream_summary(kinesis: StreamCatalog, request: Request) -> Request:
    """A stream without its shards.

    OpenShardCount only while it is ACTIVE or UPDATING, RecordDistributionStrategy only on demand
    (recorded 2026-09-19, radkawar/stackd, controls).
    """
    stream = kinesis.find(request.get("StreamName"), request.get("StreamARN"))
    settings = stream.settings
    summary: Request = {
        **stream_row(stream),
        **_details(stream),
        "ConsumerCount": len(kinesis.consumers_of(stream)),
        "ChannelCount": len(kinesis.channels_of(stream)),
        "QueueCount": len(kinesis.queues_of(stream)),
        "MaxRecordSizeInKiB": settings.max_record_kib,
    }
    if stream.usable:
        summary["OpenShardCount"] = len(stream.open_shards)
    if stream.usable and stream.on_demand:
        summary["RecordDistributionStrategy"] = settings.distribution
    if settings.warm_target is not None:
        summary["WarmThroughput"] = {
            "TargetMiBps": settings.warm_target,
            "CurrentMiBps": settings.warm_current or 0,
        }
    return {"StreamDescriptionSummary": summary}


def _details(stream: Stream) -> Request:
    settings = stream.settings
    details: Request = {
        "RetentionPeriodHours": settings.retention_hours,
        "EnhancedMonitoring": enhanced_monitoring(settings.shard_metrics),
        "EncryptionType": settings.encryption,
    }
    if settings.key_id is not None:
        details["KeyId"] = settings.key_id
    return details


def list_streams(kinesis: StreamCatalog, request: Request) -> Request:
    """The account's streams by name, at most 100 a page."""
    now, token = kinesis.clock.now, request.get("NextToken")
    after = request.get("ExclusiveStartStreamName") or ""
    if token is not None and after:
        raise refusals.invalid(
            "ExclusiveStartStreamName and NextToken cannot be provided together."
        )
    if token is not None:
        after = kinesis.pages.place("ListStreams", token, now)["after"]
    limit = min(request.get("Limit") or 100, 100)
    names = sorted(name for name in kinesis.streams if name > after)
    page = [kinesis.streams[name] for name in names[:limit]]
    answer: Request = {
        "StreamNames": [stream.name for stream in page],
        "HasMoreStreams": len(names) > limit,
        "StreamSummaries": [stream_row(stream) for stream in page],
    }
    if len(names) > limit:
        answer["NextToken"] = kinesis.pages.token("ListStreams", now, {"after": page[-1].name})
    return answer


def describe_limits(kinesis: StreamCatalog, request: Request) -> Request:
    """The account's shard and on-demand quotas, and how much of them is in use."""
    return {
        "ShardLimit": kinesis.limits.of_region("streams.shards_per_account"),
        "OpenShardCount": kinesis.open_shard_count(),
        "OnDemandStreamCount": sum(stream.on_demand for stream in kinesis),
        "OnDemandStreamCountLimit": kinesis.limits["streams.on_demand_streams"],
        "ChannelCount": len(kinesis.channels),
        "ChannelCountLimit": kinesis.limits["streams.channels"],
    }
