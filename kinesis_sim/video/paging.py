"""Pages of this room's lists."""

from __future__ import annotations

from functools import partial

from kinesis_sim.account import paging
from kinesis_sim.video import refusals

page = partial(paging.page, size="MaxResults", invalid=refusals.invalid)
"""One page of rows under a name. Raises InvalidArgumentException for a token of nobody's."""
