"""What PutMedia answers while media comes in: acknowledgements, one a line (facts/video §3)."""

from __future__ import annotations

import json
from dataclasses import dataclass

BUFFERING, RECEIVED, PERSISTED, ERROR, IDLE = "BUFFERING", "RECEIVED", "PERSISTED", "ERROR", "IDLE"

ERRORS = {
    "STREAM_READ_ERROR": 4000,
    "MAX_FRAGMENT_SIZE_REACHED": 4001,
    "MAX_FRAGMENT_DURATION_REACHED": 4002,
    "MAX_CONNECTION_DURATION_REACHED": 4003,
    "FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS": 4004,
    "MORE_THAN_ALLOWED_TRACKS_FOUND": 4005,
    "INVALID_MKV_DATA": 4006,
    "INVALID_PRODUCER_TIMESTAMP": 4007,
    "STREAM_NOT_ACTIVE": 4008,
    "FRAGMENT_METADATA_LIMIT_REACHED": 4009,
    "TRACK_NUMBER_MISMATCH": 4010,
    "FRAMES_MISSING_FOR_TRACK": 4011,
    "KMS_KEY_ACCESS_DENIED": 4500,
    "KMS_KEY_DISABLED": 4501,
    "KMS_KEY_VALIDATION_ERROR": 4502,
    "KMS_KEY_UNAVAILABLE": 4503,
    "KMS_KEY_INVALID_USAGE": 4504,
    "KMS_KEY_INVALID_STATE": 4505,
    "KMS_KEY_NOT_FOUND": 4506,
    "STREAM_DELETED": 4507,
    "INTERNAL_ERROR": 5000,
    "ARCHIVAL_ERROR": 5001,
}
"""The ids by name (facts/video §3). MIN_FRAGMENT_DURATION_REACHED has no published id."""
TOO_MANY_TRACKS = 4012
"""The id that took the place of 4005; the name is 4005's (the model's choice)."""
KMS = {
    "KMSAccessDeniedException": "KMS_KEY_ACCESS_DENIED",
    "KMSDisabledException": "KMS_KEY_DISABLED",
    "KMSInvalidStateException": "KMS_KEY_INVALID_STATE",
    "KMSNotFoundException": "KMS_KEY_NOT_FOUND",
    "KMSOptInRequired": "KMS_KEY_VALIDATION_ERROR",
    "KMSThrottlingException": "KMS_KEY_UNAVAILABLE",
}
"""The errors of a key as the account's keys tell them, and as an acknowledgement does."""


@dataclass(frozen=True, slots=True)
class Ack:
    """One acknowledgement. timecode: the fragment's, in ms; number: its fragment number.

    Both are absent where no fragment is meant.
    """

    event: str
    timecode: int | None = None
    number: str | None = None
    error: str | None = None
    error_id: int | None = None

    @property
    def line(self) -> bytes:
        """As it is written: JSON, and the end of the line without which AWS's client counts none.

        Members are those of ACKs that AWS sent (facts/video/3/ack-wire-form).
        """
        said = {
            "EventType": self.event,
            "FragmentTimecode": self.timecode,
            "FragmentNumber": self.number,
            "ErrorCode": self.error,
            "ErrorId": self.error_id,
        }
        given = {name: value for name, value in said.items() if value is not None}
        return json.dumps(given, separators=(",", ":")).encode() + b"\n"


class MediaFault(Exception):
    """The media that comes in is refused: an ERROR acknowledgement, and the end.

    name: one of ERRORS.
    """

    def __init__(self, name: str, error_id: int | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.error_id = error_id or ERRORS.get(name)
