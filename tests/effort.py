"""How many examples a law is given: a few at the desk, more in CI, many when one asks for them.

pytest --hypothesis-profile=quick    what ``make quick`` does
pytest --hypothesis-profile=full     what ``make laws`` does
"""

from __future__ import annotations

from hypothesis import settings

PROFILES = {"quick": 10, "kinesis": 100, "full": 1_000}
"""Examples of a law that asks for no number, by hypothesis profile; "kinesis" is CI's."""


def examples(number: int) -> int:
    """The examples of a law that gets ``number`` in CI, under the profile that is loaded."""
    return max(1, number * settings.default.max_examples // PROFILES["kinesis"])


def thorough() -> bool:
    """Whether laws get examples enough to reach every case they name."""
    return settings.default.max_examples >= PROFILES["kinesis"]
