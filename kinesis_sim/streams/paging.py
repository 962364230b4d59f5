"""NextToken: where a listing goes on, sealed against tampering and dead after 300 seconds.

Source: facts/data-streams §1.4 (botocore ListShards.NextToken).
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

from kinesis_sim.streams import refusals

_SEAL = 16


class PageTokens:
    """Makes and reads the page tokens of one account."""

    def __init__(self, secret: bytes, lifetime_ms: int) -> None:
        self._lifetime = lifetime_ms
        self._secret = blake2b(secret, digest_size=32).digest()

    def token(self, listing: str, now: int, place: dict[str, Any]) -> str:
        """The token with which ``listing`` (an operation's name) goes on at ``place``."""
        body = json.dumps([listing, now, place], separators=(",", ":")).encode()
        return urlsafe_b64encode(self._seal(body) + body).decode()

    def place(self, listing: str, token: str, now: int) -> dict[str, Any]:
        """Where to go on.

        Raises InvalidArgumentException (model's wording) or ExpiredNextTokenException.
        """
        try:
            raw = urlsafe_b64decode(token)
        except (binascii.Error, ValueError):
            raise refusals.invalid("Invalid NextToken.") from None
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if seal != self._seal(body):
            raise refusals.invalid("Invalid NextToken.")
        made_for, made_at, place = json.loads(body)
        if made_for != listing:
            raise refusals.invalid(f"Invalid NextToken. It was given out by {made_for}.")
        if now - made_at > self._lifetime:
            raise refusals.expired_token(
                f"NextToken expired. It was given out {now - made_at} milliseconds ago and lives "
                f"{self._lifetime} milliseconds."
            )
        return dict(place)

    def after(self, listing: str, token: str | None, now: int, filters: list[Any]) -> str:
        """The name after which a listing by StreamFilter goes on; its beginning without a token.

        Raises what ``place`` raises, and InvalidArgumentException for a token of another filter's
        list (as ListShards was recorded refusing one of another stream's).
        """
        if token is None:
            return ""
        place = self.place(listing, token, now)
        if place["filter"] != filters:
            raise refusals.other_token("StreamFilter")
        return str(place["after"])

    def _seal(self, body: bytes) -> bytes:
        return blake2b(body, key=self._secret, digest_size=_SEAL).digest()
