"""Shard iterators: opaque tokens that name a place in a shard and die after five minutes.

A token is base64 of eight fixed bytes and a sealed body, as long as kinesalite found AWS's to be.
The seal is a keyed hash over the body: nobody but the simulator that gave a token out can make one.
Source: facts/data-streams §3.3.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from kinesis_sim.errors import ServiceError
from kinesis_sim.streams import refusals

_HEAD = bytes(7) + b"\x01"
_SEAL = 16
_NEWEST = 512
"""So many of the newest tokens are known by heart: most come back at once, from who polls."""


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place to read from.

    serial: the stream's number in its account, so that a namesake is told apart.
    """

    made_at: int
    stream: str
    serial: int
    shard: int
    position: int


class IteratorMint:
    """Makes and reads the iterator tokens of one account."""

    def __init__(self, secret: bytes, lifetime_ms: int) -> None:
        self._lifetime = lifetime_ms
        self._secret = blake2b(secret, digest_size=32).digest()
        self._newest: dict[str, ShardIterator] = {}

    def token(self, place: ShardIterator) -> str:
        """The token for a place."""
        fields = (place.made_at, place.stream, place.serial, place.shard, place.position)
        body = "/".join(map(str, fields)).encode()
        body += b" " * (96 + len(place.stream) // 16 * 16 + 16 - len(body))
        token = b64encode(_HEAD + self._seal(body) + body).decode()
        if len(self._newest) >= _NEWEST:
            self._newest.clear()
        self._newest[token] = place
        return token

    def place(self, token: str, now: int) -> ShardIterator:
        """The place a token names.

        Raises InvalidArgumentException for what this mint never made and ExpiredIteratorException
        for a token older than it may be (five minutes). Double quotes round it are taken off: the
        AWS CLI's tutorial leaves them on, and AWS takes them (recorded by localstack/localstack).
        """
        if token[:1] == token[-1:] == '"':
            token = token[1:-1]
        place = self._newest.get(token) or self._opened(token)
        if now - place.made_at > self._lifetime:
            raise _expired(place.made_at, now, self._lifetime)
        return place

    def _opened(self, token: str) -> ShardIterator:
        """What a token says that is not known by heart."""
        try:
            raw = b64decode(token, validate=True)
        except (binascii.Error, ValueError):
            raise refusals.bad_iterator() from None
        seal, body = raw[8 : 8 + _SEAL], raw[8 + _SEAL :]
        if raw[:8] != _HEAD or seal != self._seal(body):
            raise refusals.bad_iterator()
        made_at, stream, serial, shard, position = body.decode().strip().split("/")
        return ShardIterator(int(made_at), stream, int(serial), int(shard), int(position))

    def _seal(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=_SEAL).digest()


def _expired(made_at: int, now: int, lifetime: int) -> ServiceError:
    return ServiceError(
        "ExpiredIteratorException",
        f"Iterator expired. The iterator was created at time {_utc(made_at)} while right now it is "
        f"{_utc(now)} which is further in the future than the tolerated delay of {lifetime} "
        "milliseconds.",
    )


def _utc(ms: int) -> str:
    """An instant as Java's Date prints it: ``Thu Jul 02 12:57:57 UTC 2015``."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
