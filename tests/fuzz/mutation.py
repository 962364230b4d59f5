"""Seeds changed a little: bytes, pieces, and what stands between separators."""

from __future__ import annotations

import re
from random import Random

MOST_BYTES = 30_000
SPICE = (
    *(b"\\ud800", b"\xed\xa0\x80", b"NaN", b"1e999", b"-0", b"\x00", b"null", b"{", b"]", b'"'),
    *(b"9" * 40, b"!{", b"''", b"\\", b"\xff\xff\xff\xff", b"\x9f", b"\xbf", b"\xfb", b"(", b"|"),
)
VALUES = (
    *(b"null", b"true", b"[]", b"{}", b'""', b"-1", b"0.5", b"1e308", b"9223372036854775808"),
    *(b'"\\ud800"', b'"x"', b'{"a":1}', b"[1]", b"[" * 300, b'{"a":' * 300, b"A" * 300),
)
_WORD = re.compile(rb'"[^"\n]{0,200}"|[\w.+-]{1,200}')


def mutated(random: Random, pool: list[bytes]) -> bytes:
    """A seed with a few bytes changed, cut out, doubled, or taken from another seed."""
    data = bytearray(random.choice(pool))
    for _ in range(random.randint(0, 6)):
        _change(random, data, pool)
    return bytes(data[:MOST_BYTES])


def _change(random: Random, data: bytearray, pool: list[bytes]) -> None:
    at = random.randrange(len(data) + 1)
    what = random.randrange(7)
    if what == 0 and data:
        data[min(at, len(data) - 1)] = random.randrange(256)
    elif what == 1:
        del data[at : at + random.randint(1, 8)]
    elif what == 2:
        data[at:at] = data[at : at + random.randint(1, 64)] * random.randint(1, 4)
    elif what == 3:
        other = random.choice(pool)
        start = random.randrange(len(other) + 1)
        data[at:at] = other[start : start + random.randint(1, 64)]
    elif what == 4:
        data[at:at] = random.choice(SPICE)
    elif (word := _WORD.search(data, at)) is not None:
        data[word.start() : word.end()] = random.choice(VALUES)
