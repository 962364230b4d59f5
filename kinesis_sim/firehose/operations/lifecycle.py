"""Creating, deleting, describing and listing delivery streams (facts/firehose §1.1)."""

from __future__ import annotations

from kinesis_sim.account import tags
from kinesis_sim.account.calls import Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.firehose import refusals, requirements
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.configuration import description, filled
from kinesis_sim.firehose.delivery_stream import (
    DESTINATION_ID,
    DeliverySource,
    DeliveryStream,
)
from kinesis_sim.firehose.kinds import KINDS
from kinesis_sim.firehose.operations.encryption import (
    begin_encryption,
    check_encryption,
    described,
)
from kinesis_sim.firehose.operations.labels import told_tags
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.states import DeliveryStreamStatus, EncryptionStatus

DEFAULT_PAGE = 10
_SOURCES = {
    "KinesisStreamAsSource": (
        "KinesisStreamSourceConfiguration",
        "KinesisSourceStreamConfig is mandatory for KinesisStreamAsSource stream type.",
    ),
    "MSKAsSource": (
        "MSKSourceConfiguration",
        "MSKSourceConfig is mandatory for MSK as Source stream type.",
    ),
}
"""What the types need, and what is said without (facts/firehose §1.7). A block of another type is
ignored, even one that names no stream."""
_NOT_SIMULATED = {
    "MSKAsSource": (
        "Kinesis Lab does not simulate Amazon MSK, so a Firehose stream cannot read a topic here: "
        "use DirectPut, or KinesisStreamAsSource with a data stream of this simulator."
    ),
    "DatabaseAsSource": (
        "AWS withdrew databases as a source (a preview) on 24 September 2025, and Kinesis Lab does "
        "not simulate them: use DirectPut or KinesisStreamAsSource."
    ),
}


def create_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """Create a stream: CREATING at once, ACTIVE after a while.

    Raises ResourceInUseException for a taken name, LimitExceededException at the Region's quota,
    InvalidArgumentException for what the source, the destination or the tags must not be,
    AccessDeniedException for a role of another account, and InvalidKMSResourceException for a key
    that is not there. With a key that may not be used, or a bad moment to ask, the stream becomes
    CREATING_FAILED, and can only be deleted.
    """
    name, account = request["DeliveryStreamName"], firehose.ports.account
    if name in firehose.streams:
        raise refusals.exists(name, account)
    most = firehose.limits.of_region("firehose.streams")
    if len(firehose.streams) >= most:
        raise refusals.quota(most, sorted(firehose.streams))
    source = _source(firehose, request)
    settings = _settings(request)
    requirements.check(settings, firehose.ports)
    labels = told_tags(request.get("Tags", ()))
    checked = tags.checked(labels, {}, f"Firehose {name}", account, firehose.limits["account.tags"])
    wanted = request.get("DeliveryStreamEncryptionConfigurationInput")
    if wanted is not None and source.kind != "DirectPut":
        raise refusals.only_direct()
    if wanted is not None:
        check_encryption(firehose, wanted)
    stream = firehose.make(name, source, settings)
    stream.tags.update(checked)
    _become_active(firehose, stream, wanted)
    return {"DeliveryStreamARN": stream.arn}


def _become_active(
    firehose: FirehoseCatalog, stream: DeliveryStream, encryption: Request | None
) -> None:
    if encryption is not None:
        begin_encryption(firehose, stream, encryption)

    def arrive() -> None:
        if stream.status is not DeliveryStreamStatus.CREATING:
            return
        if stream.encryption.status is EncryptionStatus.ENABLING_FAILED:
            stream.failure = stream.encryption.failure
            stream.step("key refused")
            return
        stream.start()

    firehose.ports.clock.after(firehose.delays["firehose.create_stream"], arrive)


def _source(firehose: FirehoseCatalog, request: Request) -> DeliverySource:
    kind = request.get("DeliveryStreamType", "DirectPut")
    if kind in _SOURCES and _SOURCES[kind][0] not in request:
        raise refusals.invalid(_SOURCES[kind][1])
    if kind == "DatabaseAsSource" and "IcebergDestinationConfiguration" not in request:
        raise refusals.invalid(
            "IcebergDestinationConfiguration must be specified for Database as Source."
        )
    if kind in _NOT_SIMULATED:
        raise refusals.invalid(_NOT_SIMULATED[kind])
    if kind == "DirectPut":
        return DeliverySource(kind, request.get("DirectPutSourceConfiguration", {}))
    if "DirectPutSourceConfiguration" in request:
        raise refusals.invalid(f"A stream of type {kind} cannot have DirectPutSourceConfiguration.")
    wanted = request[_SOURCES[kind][0]]
    requirements.check_roles(wanted, firehose.ports.account)
    ask = {"StreamARN": wanted["KinesisStreamARN"]}
    try:
        found = firehose.ports.kinesis("DescribeStreamSummary", ask)["StreamDescriptionSummary"]
    except ServiceError as error:
        raise refusals.invalid(
            f"The data stream {wanted['KinesisStreamARN']} cannot be read: {error.message}"
        ) from None
    if found["StreamStatus"] not in ("ACTIVE", "UPDATING"):
        raise refusals.source_not_ready()
    return DeliverySource(kind, wanted)


def _settings(request: Request) -> DestinationSettings:
    chosen = [kind for kind in KINDS if kind.configuration in request]
    if len(chosen) != 1:
        raise refusals.one_destination()
    kind = chosen[0]
    requirements.check_hints(request[kind.configuration])
    return DestinationSettings.of(kind, filled(kind, request[kind.configuration]))


def delete_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """Delete a stream: DELETING, then gone.

    What is still buffered is lost, as recorded (facts/firehose/1.1/delete-delivery-stream); what
    left its buffer is delivered if it can be.

    Raises ResourceInUseException while it is CREATING, ResourceNotFoundException. The KMS grant of
    the model is always retired, so AllowForceDelete changes nothing.
    """
    stream = firehose.find(request["DeliveryStreamName"])
    if stream.status is DeliveryStreamStatus.CREATING:
        raise refusals.not_deletable(stream.name, firehose.ports.account, "CREATING")
    if stream.status is DeliveryStreamStatus.DELETING:
        return {}
    stream.step("DeleteDeliveryStream")
    stream.stop()

    def leave() -> None:
        if firehose.streams.get(stream.name) is stream:
            del firehose.streams[stream.name]
            stream.step("deleted")

    firehose.ports.clock.after(firehose.delays["firehose.delete_stream"], leave)
    return {}


def describe_delivery_stream(firehose: FirehoseCatalog, request: Request) -> Request:
    """Everything there is to know of a stream; of its encryption only where it has a say in that.

    Raises ResourceNotFoundException.
    """
    stream = firehose.find(request["DeliveryStreamName"])
    told: Request = {
        "DeliveryStreamName": stream.name,
        "DeliveryStreamARN": stream.arn,
        "DeliveryStreamStatus": stream.life.name,
        "DeliveryStreamType": stream.source.kind,
        "VersionId": str(stream.version),
        "CreateTimestamp": stream.created_at,
        "Destinations": _destinations(stream),
        "HasMoreDestinations": False,
    }
    if stream.source.kind == "DirectPut":
        told["DeliveryStreamEncryptionConfiguration"] = described(stream.encryption)
    if stream.updated_at is not None:
        told["LastUpdateTimestamp"] = stream.updated_at
    if stream.failure is not None:
        told["FailureDescription"] = stream.failure
    source = _described_source(stream)
    if source:
        told["Source"] = source
    return {"DeliveryStreamDescription": told}


def _destinations(stream: DeliveryStream) -> list[Request]:
    """The one destination, wherever the page is said to begin (CAP docs/firehose)."""
    return [
        {
            "DestinationId": DESTINATION_ID,
            **stream.settings.kind.descriptions(description(stream.settings.block)),
        }
    ]


def _described_source(stream: DeliveryStream) -> Request:
    if stream.source.kind == "DirectPut":
        told = stream.source.request
        return {"DirectPutSourceDescription": dict(told)} if told else {}
    told = {**stream.source.request, "DeliveryStartTimestamp": stream.delivery_started_at}
    return {"KinesisStreamSourceDescription": told}


def list_delivery_streams(firehose: FirehoseCatalog, request: Request) -> Request:
    """Names in alphabetical order, ten a page unless Limit says otherwise."""
    after, kind = request.get("ExclusiveStartDeliveryStreamName"), request.get("DeliveryStreamType")
    names = sorted(
        stream.name
        for stream in firehose
        if (after is None or stream.name > after) and kind in (None, stream.source.kind)
    )
    limit = request.get("Limit") or DEFAULT_PAGE
    return {
        "DeliveryStreamNames": names[:limit],
        "HasMoreDeliveryStreams": len(names) > limit,
    }


__all__ = [
    "create_delivery_stream",
    "delete_delivery_stream",
    "describe_delivery_stream",
    "list_delivery_streams",
]
