"""The five channel operations (facts/data-streams §1.3; botocore 1.44.5). Texts are the model's."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.events import Event
from kinesis_sim.streams import refusals
from kinesis_sim.streams.catalog import StreamCatalog
from kinesis_sim.streams.channels import (
    DEFAULT_FRESHNESS_S,
    ERROR_PREFIX,
    FRESHNESS_RANGE_S,
    Channel,
)
from kinesis_sim.streams.events import ChannelDelivered, RecordsPut
from kinesis_sim.streams.states import ChannelStatus
from kinesis_sim.streams.stream import Stream

_PAGE = 100


def create_channel(kinesis: StreamCatalog, request: Request) -> Request:
    """Create a channel from one on-demand stream to S3; it is ACTIVE after a while.

    Raises ResourceInUseException for a taken name, ValidationException for anything but one
    on-demand stream and one destination that takes the record format, LimitExceededException beyond
    two channels a stream, KMS… for a key that cannot be used.
    """
    name = request["ChannelName"]
    source = _one_stream(request)
    _check_destination(request, source["RecordConfiguration"]["RecordFormatType"])
    stream = kinesis.active(kinesis.find(None, source["StreamARN"]))
    if not stream.on_demand:
        raise refusals.provisioned(stream.name, kinesis.account)
    if any(channel.name == name for channel in kinesis.channels.values()):
        raise refusals.in_use(f"Channel {name} under account {kinesis.account} already exists.")
    _check_quota(kinesis, stream, "S3DestinationConfiguration" in request)
    _check_encryption(kinesis, request.get("EncryptionConfiguration"))
    channel = _channel(kinesis, request, stream)
    kinesis.channels[channel.arn] = channel
    answer = {"ChannelDescription": _row(channel)}
    kinesis.clock.after(kinesis.delays["streams.channel"], lambda: _started(kinesis, channel))
    return answer


def _one_stream(request: Request) -> Request:
    sources: list[Request] = request["StreamConfigurationList"]
    if len(sources) != 1:
        raise refusals.invalid_request("StreamConfigurationList must contain exactly one entry.")
    return sources[0]


def _check_freshness(destination: Request | None) -> None:
    """The text is the model's; so is the error (facts/data-streams/1.3/channel-freshness)."""
    wanted = (destination or {}).get("DataFreshnessInSeconds")
    least, most = FRESHNESS_RANGE_S
    if wanted is not None and not least <= wanted <= most:
        raise refusals.invalid_request(
            f"DataFreshnessInSeconds {wanted} is not between {least} and {most} seconds."
        )


def _check_destination(request: Request, kind: str) -> None:
    s3, tables = (
        request.get("S3DestinationConfiguration"),
        request.get("S3TablesDestinationConfiguration"),
    )
    if (s3 is None) is (tables is None):
        raise refusals.invalid_request(
            "Either S3DestinationConfiguration or S3TablesDestinationConfiguration must be "
            "specified, but not both."
        )
    _check_freshness(s3 or tables)
    wrong = kind == "GSR_JSON" if s3 is not None else kind not in ("GSR_JSON", "JSON")
    if wrong:
        raise refusals.invalid_request(
            f"RecordFormatType {kind} is not supported for this destination."
        )
    if s3 is not None and s3["StorageConfiguration"]["CompressionType"] == "ZSTD":
        raise refusals.invalid_request("Kinesis Lab does not simulate CompressionType ZSTD yet.")
    if s3 is not None and "OutputKeyTemplate" in s3["StorageConfiguration"]:
        raise refusals.invalid_request("Kinesis Lab does not simulate OutputKeyTemplate yet.")


def _check_quota(kinesis: StreamCatalog, stream: Stream, to_s3: bool) -> None:
    """One channel to S3 and one to S3 Tables a stream (DD; facts/data-streams §1.3)."""
    for channel in kinesis.channels_of(stream):
        if ("S3DestinationConfiguration" in channel.request) is to_s3:
            raise refusals.limit(
                f"Stream {stream.name} under account {kinesis.account} already has a channel to "
                "this "
                "kind of destination."
            )
    if len(kinesis.channels) >= kinesis.limits["streams.channels"]:
        raise refusals.limit(
            f"An account can have at most {kinesis.limits['streams.channels']} channels."
        )


def _check_encryption(kinesis: StreamCatalog, encryption: Request | None) -> None:
    if encryption is None:
        return
    if encryption["KeyId"].endswith("alias/aws/kinesis"):
        raise refusals.invalid("A channel cannot use the service key alias/aws/kinesis.")
    kinesis.check_key(encryption["KeyId"], "GenerateDataKey")


def _channel(kinesis: StreamCatalog, request: Request, stream: Stream) -> Channel:
    channel_id, name = kinesis.new_id("channel"), request["ChannelName"]
    arn = f"arn:aws:kinesis:{kinesis.region}:{kinesis.account}:channel/{channel_id}"
    channel = Channel(name, arn, channel_id, stream, kinesis.clock.now, request)
    what = f"channel {name}"
    channel.tags.update(
        tags.checked(
            request.get("Tags") or {}, {}, what, kinesis.account, kinesis.limits["account.tags"]
        )
    )
    channel.freshness_s = _destination(channel).get("DataFreshnessInSeconds", DEFAULT_FRESHNESS_S)
    channel.logging = _logging(channel, request.get("LoggingConfiguration"))
    return channel


def _destination(channel: Channel) -> Request:
    request = channel.request
    found: Request = request.get("S3DestinationConfiguration") or request.get(
        "S3TablesDestinationConfiguration", {}
    )
    return found


def _logging(channel: Channel, asked: Request | None) -> Request:
    given = (asked or {}).get("CloudWatchLogs", {"Enabled": False})
    group = f"/aws/kinesis/{channel.name}/{channel.id}"
    return {"LogGroupName": group, "LogStreamName": "DestinationDelivery", **given}


# --- delivering -----------------------------------------------------------------------------------


def _started(kinesis: StreamCatalog, channel: Channel) -> None:
    if channel.status is not ChannelStatus.CREATING:
        return
    if "S3DestinationConfiguration" not in channel.request:
        channel.life.step("not deliverable")
        channel.reason = "Kinesis Lab does not simulate delivery to S3 Tables yet."
        return
    channel.life.step("created")
    channel.start(kinesis.clock.now)
    channel.stop_hearing = kinesis.events.subscribe(
        lambda event: _hear(kinesis, channel, event), RecordsPut
    )


def _hear(kinesis: StreamCatalog, channel: Channel, event: Event) -> None:
    """Records arrived: they leave when the oldest is as old as the freshness allows."""
    mine = isinstance(event, RecordsPut) and event.stream == channel.stream.name
    if not mine or not channel.running or channel.timer_set:
        return
    _set_timer(kinesis, channel)


def _set_timer(kinesis: StreamCatalog, channel: Channel) -> None:
    channel.timer_set = True
    at = kinesis.clock.now + 1000 * channel.freshness_s
    kinesis.clock.schedule(at, lambda: _deliver(kinesis, channel))


def _deliver(kinesis: StreamCatalog, channel: Channel) -> None:
    channel.timer_set = False
    if not channel.running:
        return
    try:
        done = channel.deliver(kinesis.clock.now, kinesis.store)
    except BaseException as error:  # whatever S3 did: the records stay, and are tried again
        _set_timer(kinesis, channel)
        if not isinstance(error, Exception):
            raise
        kinesis.clock.mishaps.note(error, f"channel {channel.name}")
        return
    kinesis.events.append(
        ChannelDelivered(
            at=kinesis.clock.now,
            stream=channel.stream.name,
            channel=channel.name,
            objects=done.objects,
            records=done.records,
            bytes=done.bytes,
            errors=done.errors,
            failed=done.failed,
        )
    )
    if done.failed is not None:
        _set_timer(kinesis, channel)


# --- the rest -------------------------------------------------------------------------------------


def update_channel(kinesis: StreamCatalog, request: Request) -> Request:
    """Change freshness or logging; everything else needs a new channel."""
    channel = _found(kinesis, request["ChannelARN"])
    if channel.status is not ChannelStatus.ACTIVE:
        raise refusals.in_use(
            f"Channel {channel.name} under account {kinesis.account} not ACTIVE, instead in state "
            f"{channel.life.name}"
        )
    asked = {name for name in request if name.endswith("DestinationConfiguration")}
    if not asked <= set(channel.request):
        raise refusals.invalid_request("The channel's kind of destination cannot be changed.")
    for name in asked:
        _check_freshness(request[name])
    for name in asked:
        channel.freshness_s = request[name]["DataFreshnessInSeconds"]
    if "LoggingConfiguration" in request:
        channel.logging = _logging(channel, request["LoggingConfiguration"])
    channel.life.step("UpdateChannel")
    answer = {"ChannelDescription": _row(channel)}
    kinesis.clock.after(kinesis.delays["streams.channel"], lambda: _updated(channel))
    return answer


def _updated(channel: Channel) -> None:
    if channel.status is ChannelStatus.UPDATING:
        channel.life.step("changed")


def delete_channel(kinesis: StreamCatalog, request: Request) -> Request:
    """Stop delivering and remove the channel; objects that were delivered stay."""
    channel = _found(kinesis, request["ChannelARN"])
    if channel.status is not ChannelStatus.DELETING:
        channel.life.step("DeleteChannel")
        channel.stop_hearing()
        kinesis.clock.after(kinesis.delays["streams.channel"], lambda: _gone(kinesis, channel))
    return {}


def _gone(kinesis: StreamCatalog, channel: Channel) -> None:
    channel.life.step("deleted")
    kinesis.channels.pop(channel.arn, None)


def describe_channel(kinesis: StreamCatalog, request: Request) -> Request:
    """One channel."""
    return {"ChannelDescription": _row(_found(kinesis, request["ChannelARN"]))}


def list_channels(kinesis: StreamCatalog, request: Request) -> Request:
    """The account's channels by name, at most 100 a page.

    Those of the streams in StreamFilter, if it is given. Raises InvalidArgumentException for a
    token that another filter's list gave.
    """
    now, token = kinesis.clock.now, request.get("NextToken")
    filters = request.get("StreamFilter") or []
    wanted = [kinesis.filtered(row) for row in filters]
    after = kinesis.pages.after("ListChannels", token, now, filters)
    channels = sorted(
        (c for c in kinesis.channels.values() if c.name > after),
        key=lambda channel: channel.name,
    )
    channels = [channel for channel in channels if not filters or channel.stream in wanted]
    most = min(request.get("MaxResults") or _PAGE, _PAGE)
    answer: Request = {"ChannelSummaries": [_summary(channel) for channel in channels[:most]]}
    if len(channels) > most:
        place = {"after": channels[most - 1].name, "filter": filters}
        answer["NextToken"] = kinesis.pages.token("ListChannels", now, place)
    return answer


def _found(kinesis: StreamCatalog, arn: str) -> Channel:
    channel = kinesis.channels.get(kinesis.at_home(arn))
    if channel is None:
        raise refusals.not_found(f"Channel {arn} under account {kinesis.account} not found.")
    return channel


def _source(channel: Channel) -> Request:
    return {
        "StreamARN": channel.stream.arn,
        "StreamCreationTimestamp": channel.stream.created_at // 1000 * 1000,
    }


def _row(channel: Channel) -> Request:
    request = channel.request
    records = request["StreamConfigurationList"][0]["RecordConfiguration"]
    row: Request = {
        **_brief(channel),
        "ChannelId": channel.id,
        "ServiceExecutionRoleARN": request["ServiceExecutionRoleARN"],
        "StreamConfigurationList": [{**_source(channel), "RecordConfiguration": records}],
        "LoggingConfiguration": {"CloudWatchLogs": channel.logging},
    }
    for name in ("S3DestinationConfiguration", "S3TablesDestinationConfiguration"):
        if name in request:
            row[name] = _described(channel, request[name])
    if "EncryptionConfiguration" in request:
        row["EncryptionConfiguration"] = request["EncryptionConfiguration"]
    return row


def _described(channel: Channel, destination: Request) -> Request:
    """A destination with its defaults filled in: freshness, and where errors go."""
    row = {**destination, "DataFreshnessInSeconds": channel.freshness_s}
    if "DeadLetterQueueS3Configuration" not in row:
        place = destination["StorageConfiguration"]
        row["DeadLetterQueueS3Configuration"] = {
            "BucketARN": place["BucketARN"],
            "ExpectedBucketOwner": place["ExpectedBucketOwner"],
            "ErrorOutputPrefix": ERROR_PREFIX,
        }
    return row


def _brief(channel: Channel) -> Request:
    row: Request = {
        "ChannelName": channel.name,
        "ChannelARN": channel.arn,
        "ChannelStatus": channel.life.name,
        "ChannelCreationTimestamp": channel.created_at,
    }
    if channel.reason is not None:
        row["ChannelStatusReason"] = channel.reason
    return row


def _summary(channel: Channel) -> Request:
    to_s3 = "S3DestinationConfiguration" in channel.request
    return {
        **_brief(channel),
        "ChannelId": channel.id,
        "ChannelDestinationType": "S3" if to_s3 else "S3_TABLES",
        "Streams": [_source(channel)],
    }
