"""The hosts of media: which name goes with which API of which stream.

``s-<eight hex digits>.kinesisvideo.<Region>.amazonaws.com``; the form is seen in code samples and
is no contract (facts/video §1).
"""

from __future__ import annotations

import re
from hashlib import blake2b

from kinesis_sim.account.calls import Address
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.video_stream import VideoStream

_HOST = re.compile(r"[a-z]-[0-9a-f]{8}\.kinesisvideo\.[\w-]+\.amazonaws\.com")
_LIVE = ("PUT_MEDIA", "GET_MEDIA")


def data_endpoint(catalog: VideoCatalog, stream: VideoStream, api: str) -> Address:
    """The endpoint for an API of a stream, by the name that GetDataEndpoint knows it by."""
    return address(catalog, "s" if api in _LIVE else "b", f"{stream.arn}/{api}")


def address(catalog: VideoCatalog, kind: str, purpose: str, path: str = "") -> Address:
    """An address of the service. kind: the host's first letter; purpose: what it is for."""
    name = blake2b(purpose.encode(), key=catalog.secret, digest_size=4).hexdigest()
    return Address(f"https://{kind}-{name}.kinesisvideo.{catalog.region}.amazonaws.com{path}")


def signaling_endpoint(catalog: VideoCatalog, arn: str, protocol: str, role: str) -> Address:
    """Where a channel is reached by a protocol in a role: a host of its own for each."""
    kind = {"WSS": role[0].lower(), "HTTPS": "r", "WEBRTC": "w"}[protocol]
    place = address(catalog, kind, f"{arn}/{protocol}/{role}")
    return Address(place.replace("https://", "wss://")) if protocol == "WSS" else place


def is_host(name: str) -> bool:
    """Whether a name is one that could have been given out."""
    return _HOST.fullmatch(name) is not None
