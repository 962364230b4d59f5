"""A law says which of its cases its examples came to, and fails where they came to none.

    @reaches("throttled", "idle")
    @given(LOADS)
    def test_a_law(loads): ...          # calls reached("throttled") where it happens

A law whose strategy never comes to its case proves nothing about it. With the few examples of
``make quick`` the cases are not asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from hypothesis import event

from tests.effort import thorough

P = ParamSpec("P")
_seen: Counter[str] = Counter()


def reached(case: str, when: object = True) -> None:
    """Note that an example came to a case; when: only if this is true."""
    if when:
        _seen[case] += 1
        event(case)


def reaches(*cases: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Have a law fail unless its examples came to each of these cases; it stands above @given."""

    def checked(law: Callable[P, None]) -> Callable[P, None]:
        @wraps(law)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            _seen.clear()
            law(*args, **kwargs)
            missed = [case for case in cases if not _seen[case]]
            assert not (thorough() and missed), f"no example came to {missed}: aim the strategy"
            unnamed = _seen.keys() - set(cases)
            assert not unnamed, f"reached, but not asked for: {sorted(unnamed)}"

        return run

    return checked
