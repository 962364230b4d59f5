"""Retention, encryption, monitoring, capacity mode and the other settings of a stream.

Source: facts/data-streams §1.3, §5, §6.
"""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.events import RetentionChanged, SettingChanged
from kinesis_sim.streams.growth import warm_shards
from kinesis_sim.streams.ondemand import HOUR_MINUTES
from kinesis_sim.streams.stream import Stream

SHARD_METRICS = (
    "IteratorAgeMilliseconds",
    "IncomingBytes",
    "WriteProvisionedThroughputExceeded",
    "OutgoingRecords",
    "ReadProvisionedThroughputExceeded",
    "IncomingRecords",
    "OutgoingBytes",
)
"""In the order in which AWS lists them (recorded 2026-09-19, radkawar/stackd, controls)."""


def _active(kinesis: StreamCatalog, request: Request) -> Stream:
    return kinesis.active(kinesis.find(request.get("StreamName"), request.get("StreamARN")))


def _told(kinesis: StreamCatalog, stream: Stream, setting: str, value: object) -> None:
    kinesis.events.append(
        SettingChanged(at=kinesis.clock.now, stream=stream.name, setting=setting, value=str(value))
    )


# --- retention ----------------------------------------------------------------------------------


def increase_stream_retention_period(kinesis: StreamCatalog, request: Request) -> Request:
    """Keep records longer, up to 8,760 hours. What is trimmed until then never comes back.

    It counts once the stream is ACTIVE again, after ``delays["streams.retention"]``; an equal value
    is no change. Raises InvalidArgumentException out of range or when that would shorten it.
    """
    stream, hours = _active(kinesis, request), request["RetentionPeriodHours"]
    _check_retention(kinesis, hours)
    was = stream.settings.retention_hours
    if hours < was:
        raise refusals.invalid(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be "
            f"shorter than existing retention period ({was} hours). Use DecreaseRetentionPeriod "
            "API."
        )
    _retain(kinesis, stream, hours, "IncreaseStreamRetentionPeriod")
    return {}


def decrease_stream_retention_period(kinesis: StreamCatalog, request: Request) -> Request:
    """Keep records for less time, down to 24 hours; older ones go when the stream is ACTIVE again.

    Otherwise as ``increase_stream_retention_period``; raises InvalidArgumentException when that
    would lengthen it.
    """
    stream, hours = _active(kinesis, request), request["RetentionPeriodHours"]
    _check_retention(kinesis, hours)
    was = stream.settings.retention_hours
    if hours > was:
        raise refusals.invalid(
            f"Requested retention period ({hours} hours) for stream {stream.name} can not be "
            f"longer than existing retention period ({was} hours). Use IncreaseRetentionPeriod API."
        )
    _retain(kinesis, stream, hours, "DecreaseStreamRetentionPeriod")
    return {}


def _check_retention(kinesis: StreamCatalog, hours: int) -> None:
    least = kinesis.limits["streams.retention_least"]
    most = kinesis.limits["streams.retention_most"]
    if hours < least:
        raise refusals.invalid(
            f"Minimum allowed retention period is {least} hours. Requested "
            f"retention period ({hours} hours) is too short."
        )
    if hours > most:
        raise refusals.invalid(
            f"Maximum allowed retention period is {most} hours. Requested "
            f"retention period ({hours} hours) is too long."
        )


def _retain(kinesis: StreamCatalog, stream: Stream, hours: int, reason: str) -> None:
    """Have the change pass through UPDATING; the present value is no change."""
    if hours == stream.settings.retention_hours:
        return

    def finish() -> None:
        now, was = kinesis.clock.now, stream.settings.retention_hours
        stream.drop_expired(now)
        stream.settings.retention_hours = hours
        stream.drop_expired(now)
        kinesis.events.append(RetentionChanged(at=now, stream=stream.name, was=was, became=hours))

    kinesis.change(stream, kinesis.delays["streams.retention"], reason, finish)


# --- encryption ---------------------------------------------------------------------------------


def start_stream_encryption(kinesis: StreamCatalog, request: Request) -> Request:
    """Encrypt what is put from now on with a KMS key; older records stay as they are.

    Raises KMS… when the key may not be used, LimitExceededException beyond 25 in 24 hours,
    InvalidArgumentException (model's wording) for the type NONE: KMS is the one there is.
    """
    stream, key = _active(kinesis, request), request["KeyId"]
    _refuse_type(request)
    kinesis.check_key(key, "GenerateDataKey")
    _count_encryption_change(kinesis, stream, "StartStreamEncryption")

    def finish() -> None:
        _encrypt(kinesis, stream, "KMS", key)

    kinesis.change(stream, kinesis.delays["streams.encryption"], "StartStreamEncryption", finish)
    return {}


def stop_stream_encryption(kinesis: StreamCatalog, request: Request) -> Request:
    """Stop encrypting what is put from now on. KeyId must be the key in use.

    Raises InvalidArgumentException when nothing is encrypted (recorded 2026-09-19) or another key
    is in use, or for the type NONE (model's wording).
    """
    stream, key = _active(kinesis, request), request["KeyId"]
    _refuse_type(request)
    if stream.settings.encryption != "KMS":
        raise refusals.invalid("Cannot stop encrypting an unencrypted stream.")
    if stream.settings.encryption != "KMS" or stream.settings.key_id != key:
        raise refusals.invalid(
            f"Stream {stream.name} under account {kinesis.account} is not encrypted with key {key}."
        )
    _count_encryption_change(kinesis, stream, "StopStreamEncryption")

    def finish() -> None:
        _encrypt(kinesis, stream, "NONE", None)

    kinesis.change(stream, kinesis.delays["streams.encryption"], "StopStreamEncryption", finish)
    return {}


def _refuse_type(request: Request) -> None:
    if request["EncryptionType"] != "KMS":
        raise refusals.invalid(
            f"EncryptionType {request['EncryptionType']} is no encryption; the only valid one is "
            "KMS."
        )


def _count_encryption_change(kinesis: StreamCatalog, stream: Stream, change: str) -> None:
    quota = kinesis.limits["streams.encryption_changes_per_day"]
    stream.count_change(change, kinesis.clock.now, quota, kinesis.account)


def _encrypt(kinesis: StreamCatalog, stream: Stream, encryption: str, key: str | None) -> None:
    stream.settings.encryption = encryption
    stream.settings.key_id = key
    for shard in stream.taking_shards:
        shard.encrypt_from_now(encryption == "KMS")
    _told(kinesis, stream, "encryption", encryption if key is None else f"{encryption} {key}")


# --- monitoring ---------------------------------------------------------------------------------


def enable_enhanced_monitoring(kinesis: StreamCatalog, request: Request) -> Request:
    """Switch shard-level metrics on; answers what is on and what is to be once it is ACTIVE."""
    stream = _active(kinesis, request)
    asked = _metrics(request)
    wanted = {*stream.settings.shard_metrics, *asked}
    return _monitor(kinesis, stream, wanted, "EnableEnhancedMonitoring")


def disable_enhanced_monitoring(kinesis: StreamCatalog, request: Request) -> Request:
    """Switch shard-level metrics off; answers what is on and what is to be once it is ACTIVE."""
    stream = _active(kinesis, request)
    wanted = {*stream.settings.shard_metrics} - _metrics(request)
    return _monitor(kinesis, stream, wanted, "DisableEnhancedMonitoring")


def _metrics(request: Request) -> set[str]:
    asked = set(request["ShardLevelMetrics"])
    return set(SHARD_METRICS) if "ALL" in asked else asked


def _monitor(kinesis: StreamCatalog, stream: Stream, metrics: set[str], reason: str) -> Request:
    was = stream.settings.shard_metrics
    wanted = tuple(name for name in SHARD_METRICS if name in metrics)

    def finish() -> None:
        stream.settings.shard_metrics = wanted
        _told(kinesis, stream, "shard-level metrics", ", ".join(wanted) or "none")

    if wanted != was:
        kinesis.change(stream, kinesis.delays["streams.monitoring"], reason, finish)
    return {
        "StreamName": stream.name,
        "CurrentShardLevelMetrics": list(was),
        "DesiredShardLevelMetrics": list(wanted),
        "StreamARN": stream.arn,
    }


# --- capacity mode ------------------------------------------------------------------------------


def update_stream_mode(kinesis: StreamCatalog, request: Request) -> Request:
    """Switch between provisioned and on-demand, twice in 24 hours at most.

    The shards stay as they are. The mode it has is no change, and not counted.

    Raises LimitExceededException for the third switch (recorded 2026-09-19), ValidationException
    for a warm throughput where it does not belong.
    """
    stream = _active(kinesis, request)
    mode = request["StreamModeDetails"]["StreamMode"]
    warm = request.get("WarmThroughputMiBps")
    if warm is not None:
        check_warm_throughput(kinesis, stream.name, mode == "ON_DEMAND", warm)
    if mode == stream.settings.mode:
        return {}
    if mode == "PROVISIONED" and kinesis.queues_of(stream):
        raise refusals.in_use(
            f"Stream {stream.name} under account {kinesis.account} has queues, which only "
            "streams in "
            "On-Demand mode can have. Delete them first."
        )
    _check_on_demand_quota(kinesis, mode)
    quota = kinesis.limits["streams.mode_switches_per_day"]
    if not stream.admit_change("UpdateStreamMode", kinesis.clock.now, quota):
        raise refusals.rate_exceeded(stream.name, kinesis.account)

    def finish() -> None:
        settings = stream.settings
        settings.mode, settings.warm_target, settings.warm_current = mode, warm, warm
        if mode == "PROVISIONED":
            settings.distribution = "USER_PARTITION_KEY"
            kinesis.scaler.release(stream)
        else:
            have = len(stream.open_shards)
            kinesis.scaler.watch(stream, have)
            kinesis.scaler.resize(stream, max(have, warm_shards(kinesis.limits, warm or 0)))
        _told(kinesis, stream, "mode", mode)

    kinesis.change(stream, kinesis.delays["streams.update_mode"], "UpdateStreamMode", finish)
    return {}


def _check_on_demand_quota(kinesis: StreamCatalog, mode: str) -> None:
    have = sum(stream.on_demand for stream in kinesis)
    quota = kinesis.limits["streams.on_demand_streams"]
    if mode == "ON_DEMAND" and have >= quota:
        raise refusals.on_demand_quota(kinesis.account, kinesis.region, have, quota)


def update_stream_warm_throughput(kinesis: StreamCatalog, request: Request) -> Request:
    """Set the write throughput (MiB/s) that an on-demand stream is ready for at once.

    Advantage only.
    """
    stream = _active(kinesis, request)
    target = request["WarmThroughputMiBps"]
    check_warm_throughput(kinesis, stream.name, stream.on_demand, target)
    current = stream.settings.warm_current or 0
    stream.settings.warm_target = target

    def finish() -> None:
        stream.settings.warm_current = target
        kinesis.scaler.resize(stream, kinesis.scaler.needed(stream, HOUR_MINUTES))
        _told(kinesis, stream, "warm throughput", f"{target} MiB/s")

    kinesis.change(
        stream, kinesis.delays["streams.warm_throughput"], "UpdateStreamWarmThroughput", finish
    )
    return {
        "StreamARN": stream.arn,
        "StreamName": stream.name,
        "WarmThroughput": {"TargetMiBps": target, "CurrentMiBps": current},
    }


def check_warm_throughput(kinesis: StreamCatalog, name: str, on_demand: bool, target: int) -> None:
    """Refuse warm throughput without commitment, on-demand mode, or above the quota.

    The first is asked first, of provisioned streams too (recorded 2026-09-19, radkawar/stackd,
    controls); the other texts are the model's.
    """
    if not kinesis.commitment.active:
        raise refusals.invalid_request(
            f"Account {kinesis.account} is not enabled for minimum throughput billing commitment"
        )
    if not on_demand:
        raise refusals.provisioned(name, kinesis.account)
    most = kinesis.limits["streams.warm_throughput"]
    if target > most:
        raise refusals.limit(
            f"WarmThroughputMiBps {target} exceeds the limit of {most} MiB/s for an on-demand "
            "stream."
        )


# --- records ------------------------------------------------------------------------------------


def update_max_record_size(kinesis: StreamCatalog, request: Request) -> Request:
    """Allow records of up to this many KiB (1,024 to 10,240) once the stream is ACTIVE again.

    Throughput limits stay as they are, and so does a stream that has the size.
    """
    stream, kib = _active(kinesis, request), request["MaxRecordSizeInKiB"]
    if kib == stream.settings.max_record_kib:
        return {}

    def finish() -> None:
        stream.set_max_record(kib)
        _told(kinesis, stream, "max record size", f"{kib} KiB")

    kinesis.change(stream, kinesis.delays["streams.max_record_size"], "UpdateMaxRecordSize", finish)
    return {}


def update_stream_record_distribution_strategy(kinesis: StreamCatalog, request: Request) -> Request:
    """Let producers' keys or the service choose the shard.

    USER_PARTITION_KEY or AUTO; AUTO is for on-demand only.
    """
    stream = _active(kinesis, request)
    strategy = request["RecordDistributionStrategy"]
    if strategy == "AUTO" and not stream.on_demand:
        raise refusals.invalid(
            f"RecordDistributionStrategy AUTO is not supported: stream {stream.name} under account "
            f"{kinesis.account} is in Provisioned mode."
        )
    stream.settings.distribution = strategy
    _told(kinesis, stream, "record distribution", strategy)
    return {}


# --- the account --------------------------------------------------------------------------------


def update_account_settings(kinesis: StreamCatalog, request: Request) -> Request:
    """Enable or disable the minimum throughput billing commitment; synchronous.

    Raises InvalidArgumentException (model's wording) when it is disabled while streams still have
    warm throughput (facts/data-streams §4.3: remove it before leaving Advantage).
    """
    status = request["MinimumThroughputBillingCommitment"]["Status"]
    if status == "ENABLED":
        kinesis.commitment.enable()
        return describe_account_settings(kinesis, request)
    warm = [stream.name for stream in kinesis if stream.settings.warm_target]
    if warm:
        raise refusals.invalid(
            "MinimumThroughputBillingCommitment cannot be disabled while streams have warm "
            f"throughput: {', '.join(warm)}."
        )
    kinesis.commitment.disable()
    return describe_account_settings(kinesis, request)


def describe_account_settings(kinesis: StreamCatalog, request: Request) -> Request:
    """The minimum throughput billing commitment as it stands."""
    return {"MinimumThroughputBillingCommitment": kinesis.commitment.describe()}
