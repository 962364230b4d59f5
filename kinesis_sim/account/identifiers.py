"""Identifiers in the shape of AWS's that the same text always gives (model's choice)."""

from __future__ import annotations

from kinesis_sim.account.hashing import hash_key


def uuid_of(text: str) -> str:
    """An id in the shape of a UUID."""
    digits = f"{hash_key(text):032x}"
    cuts = (0, 8, 12, 16, 20, 32)
    return "-".join(digits[cuts[place] : cuts[place + 1]] for place in range(5))
