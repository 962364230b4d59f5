"""The port to S3 of whatever delivers objects: Firehose, and the channels of data streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Undelivered(Exception):
    """An object could not be written.

    code: as Firehose's error log has it, e.g. ``S3.NoSuchBucket``; message: in S3's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Store(Protocol):
    """The port to S3. Raises Undelivered when the object cannot be written."""

    def __call__(
        self, bucket: str, key: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """Write one object. headers: what S3 keeps with it, such as Content-Encoding."""
