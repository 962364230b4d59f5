"""Pages of lists: a token is the place of the first row that was not told yet, as text."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.analytics.applications import refusals

PAGE = 50
"""Rows of a page whose size nobody says (model's choice)."""


def page(name: str, rows: list[Answer], request: Request) -> Answer:
    """One page of rows under a name. Raises InvalidArgumentException for a token of nobody's."""
    token, size = request.get("NextToken"), request.get("Limit") or PAGE
    start = 0
    if token is not None:
        if not (token.isascii() and token.isdecimal() and len(token) < 10):
            raise refusals.invalid(f"NextToken {token[:40]!r} came with no answer.")
        start = int(token)
    told: Answer = {name: rows[start : start + size]}
    if start + size < len(rows):
        told["NextToken"] = str(start + size)
    return told
