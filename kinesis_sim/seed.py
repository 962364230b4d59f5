"""Everything that looks random, drawn from the simulator's seed: secrets, request ids, jitter."""

from __future__ import annotations

import random
from hashlib import blake2b


class Seed:
    """A simulator's chance: the same seed, account and Region draw the same, in order."""

    def __init__(self, seed: int, account: str, region: str) -> None:
        self._root = f"{seed}/{account}/{region}".encode()
        self._made = 0
        self.drawn = 0
        """How many ids of answers were drawn."""

    def secret(self, purpose: str) -> bytes:
        """32 bytes for one purpose, whatever is in its name; always the same ones."""
        name = purpose.encode("utf-8", "surrogatepass")
        return blake2b(name, key=self._root[:64], digest_size=32).digest()

    def random(self, purpose: str) -> random.Random:
        """A generator of its own for one purpose."""
        return random.Random(self.secret(purpose))

    def request_id(self) -> str:
        """The id of the next answer, in the form of a UUID: whoever carries calls draws it."""
        self.drawn += 1
        return self._uuid(str(self.drawn))

    def new_id(self) -> str:
        """The next id that a service needs for itself, in the form of a UUID.

        A series of its own: what the services do is the same, whoever asked how often meanwhile.
        """
        self._made += 1
        return self._uuid(f"service/{self._made}")

    def _uuid(self, number: str) -> str:
        text = blake2b(number.encode(), key=self._root[:64], digest_size=16).hexdigest()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
