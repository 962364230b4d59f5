"""GetImages: pictures of stored media at even distances of time (facts/video/5/get-images)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.events import MediaRead
from kinesis_sim.video.paging import cut
from kinesis_sim.video.pictures.picture import pyav
from kinesis_sim.video.pictures.sampling import SampledImage, image_form, in_base64, sampled
from kinesis_sim.video.selection import Selection, stored


def get_images(catalog: VideoCatalog, request: Request) -> Answer:
    """An image for each instant of a range, a page of them, or why there is none.

    A page has a number of images at most and a size: which of the two ends it, the rest follows by
    its token (facts/video/5/get-images; that a size ends a page is the model's choice).

    Raises ResourceNotFoundException, NoDataRetentionException, InvalidArgumentException for a range
    or an interval that is not possible, ValidationException for a width without a height, and
    MissingPackage without PyAV.
    """
    stream = catalog.find(request)
    instants, form = _instants(catalog, request), image_form(request)
    check_width(request)
    most = catalog.limits["video.images_page"]
    wanted, _ = cut(instants, min(request.get("MaxResults") or most, most), request)
    chosen = Selection(request["ImageSelectorType"] == "SERVER_TIMESTAMP")
    fragments = chosen.of(stored(stream))
    asked = request.get("MaxResults") or most
    base = catalog.limits["video.images_points"]
    catalog.admission.points(stream.name, "GetImages", metadata=base + asked, media=asked)
    pyav()
    found = sampled(fragments, chosen.begins, wanted, form)
    images = list(_fitting(found, catalog.limits["video.images_bytes"]))
    _, token = cut(instants, len(images), request)
    catalog.events.append(
        MediaRead(
            at=catalog.now,
            stream=stream.name,
            api="GetImages",
            fragments=sum(not image.error for image in images),
            bytes=sum(len(image.content) for image in images),
            frames=sum(not image.error for image in images),
        )
    )
    answer: Answer = {"Images": [_row(image) for image in images]}
    return answer if token is None else {**answer, "NextToken": token}


def _fitting(images: Iterable[SampledImage], most: int) -> Iterator[SampledImage]:
    """As many as an answer of so many bytes holds, one at least."""
    size = 0
    for image in images:
        size += in_base64(image.content)
        if size > most and size > in_base64(image.content):
            return
        yield image


def _row(image: SampledImage) -> Request:
    if image.error:
        return {"TimeStamp": image.at, "Error": image.error}
    return {"TimeStamp": image.at, "ImageContent": b64encode(image.content).decode()}


def _instants(catalog: VideoCatalog, request: Request) -> range:
    """When images are wanted (epoch ms): both ends of the range count (model's choice)."""
    start, end = request["StartTimestamp"], request["EndTimestamp"]
    most = catalog.limits["video.images_seconds"]
    if end < start:
        raise refusals.invalid("EndTimestamp must not be earlier than StartTimestamp.")
    if end - start > most * SECOND:
        raise refusals.invalid(
            f"The range from StartTimestamp to EndTimestamp is over {most} seconds."
        )
    return range(start, end + 1, check_interval(catalog, request))


def check_interval(catalog: VideoCatalog, request: Request) -> int:
    """The distance of two images (ms): the shortest when it is not said (model's choice).

    Raises InvalidArgumentException for a shorter one.
    """
    least: int = catalog.limits["video.images_interval_ms"]
    interval: int = request.get("SamplingInterval", least)
    if interval < least:
        raise refusals.invalid(f"SamplingInterval is {interval} ms; it is at least {least} ms.")
    return interval


def check_width(request: Request) -> None:
    """Raise ValidationException for a width without a height, as WidthPixels' own text says.

    HeightPixels' text has a lone height give the width; the two do not agree
    (facts/video/5/get-images).
    """
    if request.get("WidthPixels") is not None and request.get("HeightPixels") is None:
        text = "WidthPixels needs HeightPixels; give both, the height alone, or neither."
        raise ServiceError("ValidationException", text)
