"""Images to S3 and notifications to SNS, of the fragments that ask for them by a tag.

Configurations are in force a minute after they were made. Whether a fragment gets its images or its
notification is decided when it is stored; it gets them on the clock, once: a bucket or a topic that
refuses is not asked again (model's choice).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.errors import MissingPackage, ServiceError
from kinesis_sim.video.events import ImagesDelivered, NotificationPublished
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.pictures.sampling import ImageForm, SampledImage, image_form, sampled
from kinesis_sim.video.selection import Selection
from kinesis_sim.video.video_stream import VideoStream

if TYPE_CHECKING:
    from kinesis_sim.video.catalog import VideoCatalog

IMAGE, PREFIX = "AWS_KINESISVIDEO_IMAGE_GENERATION", "AWS_KINESISVIDEO_IMAGE_PREFIX"
NOTIFICATION = "AWS_KINESISVIDEO_NOTIFICATION"
"""The tags by which a producer asks (facts/video/6/image-generation-s3, …/notifications)."""
SUBJECT = "Kinesis Video Streams Notification"
_NO_NAME = re.compile(r"[^a-z0-9_.-]")
_NO_TEXT = re.compile(r"[^ -~]")


class Announcer:
    """Tells the account's buckets and topics of stored fragments."""

    def __init__(self, catalog: VideoCatalog) -> None:
        self._catalog = catalog

    def stored(self, stream: VideoStream, fragment: Fragment) -> None:
        """A fragment was stored."""
        clock, delays = self._catalog.clock, self._catalog.delays
        images, told = stream.images, stream.notifications
        if images is not None and _asks(fragment, IMAGE, images, stream.images_from):
            clock.after(
                delays["video.image_delivery"], lambda: self._images(stream, fragment, images)
            )
        if told is not None and _asks(fragment, NOTIFICATION, told, stream.notifications_from):
            topic = told["DestinationConfig"]["Uri"]
            clock.after(delays["video.notification"], lambda: self._notify(stream, fragment, topic))

    # --- images -------------------------------------------------------------------------------

    def _images(self, stream: VideoStream, fragment: Fragment, images: Request) -> None:
        """Deliver a fragment's images, from its beginning on (model's choice)."""
        chosen = Selection(images["ImageSelectorType"] == "SERVER_TIMESTAMP")
        begin, form = chosen.begins(fragment), image_form(images)
        instants = range(begin, begin + max(1, fragment.length), images["SamplingInterval"])
        count = size = errors = 0
        error = ""
        try:
            for image in sampled([fragment], chosen.begins, instants, form):
                why = image.error or self._delivered(stream, fragment, images, form, image)
                errors, error = errors + bool(why), why or error
                count, size = count + (not why), size + (0 if why else len(image.content))
        except MissingPackage as missing:
            errors, error = len(instants), str(missing)
        except Exception as strange:  # a picture's fault is no reason to stop the clock
            where = f"images of {stream.name}"
            errors, error = errors + 1, self._catalog.clock.mishaps.note(strange, where)
        self._catalog.events.append(
            ImagesDelivered(
                at=self._catalog.now,
                stream=stream.name,
                sequence=fragment.sequence,
                images=count,
                bytes=size,
                errors=errors,
                error=error,
            )
        )

    def _delivered(
        self,
        stream: VideoStream,
        fragment: Fragment,
        images: Request,
        form: ImageForm,
        image: SampledImage,
    ) -> str:
        """Write one image; why it failed, empty when it did not."""
        around = self._catalog.around
        bucket, _, folder = images["DestinationConfig"]["Uri"].removeprefix("s3://").partition("/")
        parts = [around.account, stream.name, str(image.at), around.chance.new_id()]
        prefix = dict(fragment.tags).get(PREFIX)
        name = "_".join([prefix, *parts] if prefix else parts)
        key = "/".join(part for part in (folder.rstrip("/"), f"{name}.{form.extension}") if part)
        try:
            around.store(bucket, key, image.content, _headers(fragment, form))
        except Undelivered as refused:
            return refused.code
        return ""

    # --- notifications ------------------------------------------------------------------------

    def _notify(self, stream: VideoStream, fragment: Fragment, topic: str) -> None:
        message = {
            "StreamArn": stream.arn,
            "FragmentNumber": fragment.number,
            "FragmentStartProducerTimestamp": fragment.produced,
            "FragmentStartServerTimestamp": fragment.received,
            "NotificationType": "PERSISTED",
            "NotificationPayload": dict(_own(fragment)),
        }
        request = {"TopicArn": topic, "Subject": SUBJECT, "Message": json.dumps(message)}
        error = ""
        try:
            self._catalog.around.call("sns", "Publish", request)
        except ServiceError as refused:
            error = refused.code
        self._catalog.events.append(
            NotificationPublished(
                at=self._catalog.now,
                stream=stream.name,
                sequence=fragment.sequence,
                topic=topic,
                error=error,
            )
        )


def _asks(fragment: Fragment, tag: str, configuration: Request, since: int) -> bool:
    """Whether a fragment has a tag, and came in while a configuration was in force."""
    tagged = any(name == tag for name, _ in fragment.tags)
    return tagged and configuration["Status"] == "ENABLED" and since <= fragment.received


def _own(fragment: Fragment) -> list[tuple[str, str]]:
    """A fragment's tags that are the producer's own."""
    return [(name, value) for name, value in fragment.tags if not name.startswith("AWS")]


def _headers(fragment: Fragment, form: ImageForm) -> Request:
    """An image's metadata (facts/video/6/image-object).

    What S3 has no room for in names is "_", in texts "?" (model's choice): producers write what
    they like, and metadata are headers.
    """
    said = {
        "aws_kinesisvideo_producer_timestamp": str(fragment.produced),
        "aws_kinesisvideo_server_timestamp": str(fragment.received),
        "aws_kinesisvideo_fragment_number": fragment.number,
    }
    own = {
        _NO_NAME.sub("_", name.lower()): _NO_TEXT.sub("?", text) for name, text in _own(fragment)
    }
    named = {f"x-amz-meta-{name}": text for name, text in {**own, **said}.items()}
    return {"Content-Type": form.content_type, **named}
