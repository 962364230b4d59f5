"""How requests and answers are written on the wire: AWS JSON, CBOR, and event streams.

A format turns bytes into the plain values that the gate takes (blobs as ``bytes``, timestamps as
``int`` milliseconds) and its answers back into bytes. It knows botocore's shapes, not Kinesis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from botocore.model import Shape

Convert = Callable[[Any], Any]


class Format(Protocol):
    """One wire format. content_type: the media type that names it in both directions."""

    content_type: str

    def loads(self, body: bytes) -> Any:
        """The document in ``body``; raises ServiceError (SerializationException) if none is."""

    def dumps(self, document: Any) -> bytes:
        """The bytes of ``document``, as ``writer`` made it."""

    def reader(self, shape: Shape) -> Convert:
        """A compiled function from a document to the gate's plain values, checking wire types."""

    def writer(self, shape: Shape) -> Convert:
        """A compiled function from the gate's plain values to a document; it changes neither."""

    def error(self, code: str, message: str) -> bytes:
        """The body of an error answer; an empty message is left out, as AWS does."""


def format_of(content_type: str) -> Format | None:
    """The format that a Content-Type header names, or None for any other media type."""
    media_type = content_type.partition(";")[0].strip()
    if media_type in ("application/x-amz-json-1.1", "application/x-amz-json-1.0"):
        from kinesis_sim.aws.wire import json

        return json.JSON if media_type.endswith("1.1") else json.JSON_1_0
    if media_type in ("application/x-amz-cbor-1.1", "application/cbor"):
        from kinesis_sim.aws.wire import cbor

        return cbor.CBOR if media_type.endswith("1.1") else cbor.RPC_V2
    return None


def error_document(code: str, message: str) -> Mapping[str, str]:
    """``__type`` and the text, spelt as AWS spells them.

    Serialization errors come from the layer before the service, which writes ``Message`` with a
    capital (kinesalite, tested against AWS); the services themselves write ``message``.
    """
    if not message:
        return {"__type": code}
    return {"__type": code, "Message" if code == "SerializationException" else "message": message}
