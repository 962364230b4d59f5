"""Pictures, notifications and edge recording: what a stream is told to do with its media."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.operations.images import check_interval
from kinesis_sim.video.pictures.sampling import image_form
from kinesis_sim.video.video_stream import VideoStream


def describe_image_generation_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Where images of tagged fragments go; nothing when it was never said."""
    images = catalog.find(request).images
    return {} if images is None else {"ImageGenerationConfiguration": images}


def update_image_generation_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Say where images of tagged fragments go; without a configuration, nowhere any more.

    Raises ResourceNotFoundException, ResourceInUseException, NoDataRetentionException,
    InvalidArgumentException for a bucket of another Region, what is no bucket, an interval that is
    too short, or a quality that is none.
    """
    stream = _changing(catalog, request)
    images = request.get("ImageGenerationConfiguration")
    if images is not None:
        region = images["DestinationConfig"]["DestinationRegion"]
        if region != catalog.region:
            raise refusals.invalid(
                f"The bucket is in {region}; it must be in the stream's Region, {catalog.region}."
            )
        uri = images["DestinationConfig"]["Uri"]
        if not uri.startswith("s3://"):
            raise refusals.invalid(f"{uri} is not the URI of a bucket: it must begin with s3://.")
        check_interval(catalog, images)
        image_form(images)
    stream.images, stream.images_from = images, _in_force(catalog)
    return {}


def describe_notification_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Whom tagged fragments are told to; nothing when it was never said."""
    told = catalog.find(request).notifications
    return {} if told is None else {"NotificationConfiguration": told}


def update_notification_configuration(catalog: VideoCatalog, request: Request) -> Answer:
    """Say to which SNS topic tagged fragments are told; without a configuration, to none.

    Raises ResourceNotFoundException, ResourceInUseException, NoDataRetentionException,
    InvalidArgumentException for what is no standard topic.
    """
    stream = _changing(catalog, request)
    told = request.get("NotificationConfiguration")
    if told is not None:
        uri = told["DestinationConfig"]["Uri"]
        if ":sns:" not in uri or uri.endswith(".fifo"):
            raise refusals.invalid(f"{uri} is not the ARN of a standard SNS topic.")
    stream.notifications, stream.notifications_from = told, _in_force(catalog)
    return {}


def _in_force(catalog: VideoCatalog) -> int:
    """When what is said now is in force (epoch ms)."""
    return catalog.now + catalog.delays["video.configuration"]


def _changing(catalog: VideoCatalog, request: Request) -> VideoStream:
    stream = catalog.find(request)
    stream.check_active()
    if not stream.archive.retention:
        raise refusals.no_retention(stream.name)
    return stream
