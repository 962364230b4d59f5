"""Pages of FIS's lists."""

from __future__ import annotations

from functools import partial

from kinesis_sim.account import paging
from kinesis_sim.account.fis import refusals

MOST = 100
"""Rows of a page (botocore's largest maxResults)."""
page = partial(
    paging.page, size="maxResults", token="nextToken", most=MOST, invalid=refusals.invalid
)
"""One page of rows under a name. Raises ValidationException for a token that nobody gave."""
