"""CBOR in both of the ways in which AWS's clients speak it. Blobs are byte strings.

``application/x-amz-cbor-1.1``, of the Java SDKs for Kinesis: timestamps carry tag 1 and epoch
**milliseconds**, not the seconds of RFC 8949 (so in etspaceman/kinesis-mock, which serves the Java
SDKs and the KCL). Reading also takes a bare number: an integer as milliseconds, a float as seconds.

``application/cbor``, of Smithy's RPC v2, which the same SDKs speak to CloudWatch: tag 1 carries
epoch seconds.

No other tag is read: in CBOR tags make objects (patterns, addresses, mail, shared references), and
no stranger may have objects made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cbor2

from kinesis_sim.aws.wire import Convert, error_document
from kinesis_sim.aws.wire.shapes import (
    compile_reader,
    compile_writer,
    mistyped,
    moment,
    unreadable,
)

if TYPE_CHECKING:
    from botocore.model import Shape

MAX_DEPTH = 64
_EPOCH = 1


class CborFormat:
    """CBOR under a media type. read_tag, write_moment: how it carries moments in tag 1."""

    def __init__(self, content_type: str, read_tag: Any, write_moment: Convert) -> None:
        self.content_type = content_type
        self._decoders = {**_OTHER_TAGS, _EPOCH: read_tag}
        self._write_moment = write_moment

    def loads(self, body: bytes) -> Any:
        """Parse one item; nesting past 64 and tags other than 1 are refused."""
        try:
            return cbor2.loads(
                body, semantic_decoders=self._decoders, tag_hook=_refuse_tag, max_depth=MAX_DEPTH
            )
        except (cbor2.CBORDecodeError, ValueError, TypeError, MemoryError):
            raise unreadable() from None

    def dumps(self, document: Any) -> bytes:
        """Write, with lengths known in advance."""
        return cbor2.dumps(document)

    def reader(self, shape: Shape) -> Convert:
        """See ``Format.reader``."""
        return compile_reader(shape, _read_leaf)

    def writer(self, shape: Shape) -> Convert:
        """See ``Format.writer``."""
        return compile_writer(
            shape, lambda leaf: self._write_moment if leaf.type_name == "timestamp" else None
        )

    def error(self, code: str, message: str) -> bytes:
        """See ``Format.error``."""
        return self.dumps(error_document(code, message))


class _Moment(float):
    """The content of tag 1, so that a tagged number is told from a bare one."""


def _epoch(value: Any, immutable: bool) -> _Moment:
    if type(value) not in (int, float):
        raise ValueError("tag 1 holds a number")
    return _Moment(value if type(value) is int else value * 1000)


def _epoch_seconds(value: Any, immutable: bool) -> _Moment:
    if type(value) not in (int, float):
        raise ValueError("tag 1 holds a number")
    return _Moment(value * 1000)


def _refuse(value: Any, immutable: bool) -> Any:
    raise ValueError("no CBOR tag but 1 is read")


def _refuse_tag(tag: cbor2.CBORTag, immutable: bool) -> Any:
    raise ValueError("no CBOR tag but 1 is read")


# Every tag for which cbor2 has a decoder of its own; the rest reaches the tag hook.
_OBJECT_TAGS = (0, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004)
_OTHER_TAGS: Any = dict.fromkeys((*_OBJECT_TAGS, 43000, 55799), _refuse)


def _read_leaf(shape: Shape) -> Convert | None:
    if shape.type_name == "blob":
        return read_blob
    if shape.type_name == "timestamp":
        return read_moment
    return None


def read_blob(value: Any) -> bytes:
    """A byte string."""
    if type(value) is bytes:
        return value
    raise mistyped("blob", value)


def read_moment(value: Any) -> int:
    """Epoch milliseconds of a tagged or bare number."""
    if type(value) is int:
        return moment(value, value)
    if type(value) not in (float, _Moment):
        raise mistyped("timestamp", value)
    return moment(value if type(value) is _Moment else value * 1000, value)


def write_moment(value: int) -> cbor2.CBORTag:
    """Tag 1 with epoch milliseconds."""
    return cbor2.CBORTag(_EPOCH, value)


def write_seconds(value: int) -> cbor2.CBORTag:
    """Tag 1 with epoch seconds, the milliseconds as the fraction."""
    return cbor2.CBORTag(_EPOCH, value / 1000)


CBOR = CborFormat("application/x-amz-cbor-1.1", _epoch, write_moment)
RPC_V2 = CborFormat("application/cbor", _epoch_seconds, write_seconds)
