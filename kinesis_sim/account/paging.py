"""Pages of lists whose token is the place of the first row that was not told yet, as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.errors import ServiceError

R = TypeVar("R")
Refusal = Callable[[str], ServiceError]


def cut(
    rows: Sequence[R], most: int, token: str | None, refuse: ServiceError
) -> tuple[list[R], str | None]:
    """One page of rows, and the token of the next; raises ``refuse`` for a token nobody made."""
    start = 0
    if token is not None:
        if not (token.isascii() and token.isdecimal() and len(token) < 12):
            raise refuse
        start = int(token)
        if start > len(rows):
            raise refuse
    rest = start + most
    return list(rows[start:rest]), str(rest) if rest < len(rows) else None


def page(
    name: str,
    rows: list[Answer],
    request: Request,
    *,
    size: str,
    most: int,
    invalid: Refusal,
    token: str = "NextToken",
) -> Answer:
    """One page of rows under a name, with a token if there is more.

    size, token: the request's members that say how many and from where; most: rows when it does not
    say. invalid: makes the error for a token that no answer gave, of its text.
    """
    given = request.get(token)
    refuse = invalid(f"{token} {str(given)[:40]!r} came with no answer.")
    told, after = cut(rows, request.get(size) or most, given, refuse)
    return {name: told} if after is None else {name: told, token: after}
