"""Pages of this room's lists."""

from __future__ import annotations

from functools import partial

from kinesis_sim.account import paging
from kinesis_sim.analytics.applications import refusals

PAGE = 50
"""Rows of a page whose size nobody says (model's choice)."""
page = partial(paging.page, size="Limit", most=PAGE, invalid=refusals.invalid)
"""One page of rows under a name. Raises InvalidArgumentException for a token of nobody's."""
