"""Pages of FIS's lists: a token is the place of the first row that was not told yet."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.fis import refusals

MOST = 100
"""Rows of a page (botocore's largest maxResults)."""


def page(name: str, rows: list[Request], request: Request) -> Answer:
    """One page of rows under a name. Raises ValidationException for a token that nobody gave."""
    token, most = request.get("nextToken"), request.get("maxResults", MOST)
    start = 0
    if token is not None:
        if not (token.isascii() and token.isdecimal() and len(token) < 9):
            raise refusals.invalid(f"nextToken {token[:40]!r} came with no answer.")
        start = int(token)
    told: Answer = {name: rows[start : start + most]}
    if start + most < len(rows):
        told["nextToken"] = str(start + most)
    return told
