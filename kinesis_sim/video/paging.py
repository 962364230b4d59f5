"""Pages of this room's lists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from kinesis_sim.account import paging
from kinesis_sim.account.calls import Request
from kinesis_sim.video import refusals

R = TypeVar("R")

page = partial(paging.page, size="MaxResults", invalid=refusals.invalid)
"""One page of rows under a name. Raises InvalidArgumentException for a token of nobody's."""


def cut(rows: Sequence[R], most: int, request: Request) -> tuple[list[R], str | None]:
    """One page of what has no name yet, and the token of the next.

    Raises InvalidArgumentException for a token of nobody's.
    """
    token = request.get("NextToken")
    return paging.cut(
        rows,
        most,
        token,
        refusals.invalid(paging.refused_text("NextToken", token)),
        question=paging.question(request, "GetImages", "MaxResults", "NextToken"),
        key=str,
    )
