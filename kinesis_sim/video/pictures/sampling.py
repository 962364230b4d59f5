"""Images at even distances of time, out of stored fragments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kinesis_sim.account.calls import Request
from kinesis_sim.video import refusals
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.pictures.decoding import MOST_PIXELS, Undecodable, pictures
from kinesis_sim.video.pictures.picture import (
    BEST_QUALITY,
    DEFAULT_QUALITY,
    PNG,
    DecodedPicture,
    pyav,
)

NO_MEDIA, MEDIA_ERROR = "NO_MEDIA", "MEDIA_ERROR"
MOST_BYTES = 6_291_456
"""Of an image in Base64 (botocore kinesis-video-archived-media ImageContent)."""


class ImageForm(NamedTuple):
    """How images are to be. width, height: pixels, None for those of the picture."""

    name: str
    quality: int
    width: int | None
    height: int | None

    def of(self, picture: DecodedPicture) -> bytes:
        """A picture's image."""
        return picture.image(self.name, quality=self.quality, width=self.width, height=self.height)

    @property
    def extension(self) -> str:
        """How such files' names end."""
        return "png" if self.name == PNG else "jpg"

    @property
    def content_type(self) -> str:
        """What such images are on the Web."""
        return "image/png" if self.name == PNG else "image/jpeg"


class SampledImage(NamedTuple):
    """What is there at an instant (epoch ms): an image, or why there is none."""

    at: int
    content: bytes
    error: str = ""


def in_base64(content: bytes) -> int:
    """How many characters an image is in an answer."""
    return -(-len(content) // 3) * 4


def image_form(request: Request) -> ImageForm:
    """What a request says of images. Raises InvalidArgumentException for a quality that is none."""
    config = request.get("FormatConfig") or {}
    text = config.get("JPEGQuality", str(DEFAULT_QUALITY))
    digits = text.isascii() and text.isdecimal() and len(text) < 4
    if not digits or not 1 <= int(text) <= BEST_QUALITY:
        raise refusals.invalid(f"JPEGQuality is {text[:40]!r}; it must be from 1 to 100.")
    size = request.get("WidthPixels"), request.get("HeightPixels")
    return ImageForm(request["Format"], int(text), *size)


def sampled(
    fragments: Sequence[Fragment],
    begins: Callable[[Fragment], int],
    instants: Sequence[int],
    form: ImageForm,
) -> Iterator[SampledImage]:
    """What is there at each instant, in order. fragments: by when they begin, as ``begins`` says.

    An instant has the frame that is shown then: the last one before it in the fragment that lasts
    until after it (model's choice; AWS does not say which frame it takes).
    """
    starts = [begins(each) for each in fragments]
    found: dict[int, list[int]] = {}
    for at in instants:
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < starts[place] + max(1, fragments[place].length):
            found.setdefault(place, []).append(at)
    seen = {
        each.at: each
        for place, wanted in found.items()
        for each in _of(fragments[place], starts[place], wanted, form)
    }
    for at in instants:
        yield seen.get(at, SampledImage(at, b"", NO_MEDIA))


def _of(
    fragment: Fragment, start: int, wanted: Sequence[int], form: ImageForm
) -> Iterator[SampledImage]:
    """Images of one fragment; what is left when a decoder gives up has none."""
    left = list(wanted)
    before: DecodedPicture | None = None
    try:
        for picture in pictures(fragment):
            while left and before is not None and start + picture.at > left[0]:
                yield _image(left.pop(0), before, form)
            if not left:
                return
            before = picture
    except Undecodable:
        before = None
    for at in left:
        yield SampledImage(at, b"", MEDIA_ERROR) if before is None else _image(at, before, form)


def _image(at: int, picture: DecodedPicture, form: ImageForm) -> SampledImage:
    wide, high = picture.size(form.width, form.height)
    if wide * high > MOST_PIXELS:
        return SampledImage(at, b"", MEDIA_ERROR)
    try:
        content = form.of(picture)
    except pyav().FFmpegError:
        return SampledImage(at, b"", MEDIA_ERROR)
    if in_base64(content) > MOST_BYTES:
        return SampledImage(at, b"", MEDIA_ERROR)
    return SampledImage(at, content)
