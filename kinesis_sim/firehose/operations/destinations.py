"""UpdateDestination (facts/firehose §1.3)."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.firehose import refusals, requirements
from kinesis_sim.firehose.catalog import FirehoseCatalog
from kinesis_sim.firehose.configuration import filled, fresh, merged
from kinesis_sim.firehose.delivery_stream import DESTINATION_ID, DeliveryStream
from kinesis_sim.firehose.kind import Kind
from kinesis_sim.firehose.kinds import KINDS
from kinesis_sim.firehose.settings import DestinationSettings
from kinesis_sim.firehose.states import DeliveryStreamStatus


def update_destination(firehose: FirehoseCatalog, request: Request) -> Request:
    """Change the destination, for records that come from a while later on.

    The VersionId counts one up at once, unless nothing is changed.

    Raises ResourceNotFoundException, ResourceInUseException unless ACTIVE,
    ConcurrentModificationException for another version than the current one, and
    InvalidArgumentException for an unknown destination, no update or several, a switch that goes
    one way only, or a configuration that could not have been created.
    """
    stream = firehose.find(request["DeliveryStreamName"])
    if stream.status is not DeliveryStreamStatus.ACTIVE:
        raise refusals.not_updatable(stream.name, stream.life.name)
    given = request["CurrentDeliveryStreamVersionId"]
    if given != str(stream.version):
        raise refusals.version_differs(stream.name, stream.version, given)
    if request["DestinationId"] != DESTINATION_ID:
        raise refusals.no_destination(request["DestinationId"])
    settings = _updated(stream.settings, request)
    _check_switches(stream.settings, settings)
    requirements.check(settings, firehose.ports)
    if settings.kind is stream.settings.kind and settings.block == stream.settings.block:
        return {}
    stream.settings = settings
    stream.site.version += 1
    stream.updated_at = firehose.now
    firehose.ports.clock.after(
        firehose.delays["firehose.update_destination"], lambda: _apply(stream, settings)
    )
    return {}


def _apply(stream: DeliveryStream, settings: DestinationSettings) -> None:
    """The latest of several updates rules."""
    if stream.settings is settings and stream.status is DeliveryStreamStatus.ACTIVE:
        stream.apply()


def _updated(current: DestinationSettings, request: Request) -> DestinationSettings:
    chosen = [kind for kind in KINDS if kind.update in request]
    if not chosen:
        raise refusals.no_update()
    if len(chosen) != 1:
        raise refusals.one_destination()
    kind = chosen[0]
    if kind.apart is not current.kind.apart:
        raise refusals.invalid(
            f"Changing the destination type to or from {_named(kind, current.kind)} is not "
            "supported at this time."
        )
    update = request[kind.update]
    requirements.check_hints(update)
    if _same(kind, current.kind):
        return DestinationSettings.of(
            current.kind, filled(current.kind, merged(current.block, update))
        )
    block = fresh(update)
    if kind.nested and kind.nested not in block:
        raise refusals.invalid(
            f"{kind.update} changes the destination's type, so it needs all of the configuration: "
            f"{kind.changed} is missing."
        )
    return DestinationSettings.of(kind, filled(kind, block))


def _named(*kinds: Kind) -> str:
    return next(kind.block for kind in kinds if kind.apart)


def _same(kind: Kind, current: Kind) -> bool:
    """Whether they are one destination, maybe under two names."""
    return kind.name == current.name


def _check_switches(before: DestinationSettings, after: DestinationSettings) -> None:
    """What cannot be undone, or set only at creation (facts/firehose §1.3)."""
    if after.partitioned and not before.partitioned:
        raise refusals.invalid(
            "Dynamic Partitioning can be enabled only when a Firehose stream is created: create a "
            "new one."
        )
    if before.partitioned and not after.partitioned:
        raise refusals.invalid("Dynamic Partitioning cannot be disabled once it is enabled.")
    if not _same(after.kind, before.kind):
        return
    if after.processor("Decompression") and not (
        before.processor("Decompression") or before.transform
    ):
        raise refusals.invalid(
            "Enabling source decompression is not supported for existing stream with no Lambda "
            "function attached."
        )
    was, now = (each.block.get("S3BackupMode") for each in (before, after))
    if before.kind.backup_changes == "freely":
        return
    if was == before.kind.backup[1] and now != was:
        raise refusals.invalid(
            "Disabling S3 backup is not currently supported."
            if now == "Disabled"
            else f"S3BackupMode cannot be changed from {was} to {now}."
        )
    if before.kind.backup_changes == "never" and now != was:
        raise refusals.invalid(
            f"S3BackupMode of {before.kind.block} is fixed when the stream is created."
        )
