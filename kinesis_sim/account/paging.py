"""Pages of lists: a token knows the question that it answers and the rows around its place.

A token goes on with the question that made it and no other, and at the row where the page ended,
whatever was made or deleted meanwhile: a page never leaves a row out in silence. That AWS refuses
a token together with other filters is recorded for ListShards and ListStreamConsumers only
(streams/paging); elsewhere it is the model's choice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeVar

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.errors import ServiceError

R = TypeVar("R")
Refusal = Callable[[str], ServiceError]


def cut(
    rows: Sequence[R],
    most: int,
    token: str | None,
    refuse: ServiceError,
    *,
    question: object,
    key: Callable[[R], object],
) -> tuple[list[R], str | None]:
    """One page of rows, and the token of the next.

    question: what was asked, without size and token. key: what tells a row from the others, as long
    as it is there. Raises ``refuse`` for a token that nobody made, one of another question, and one
    whose rows before and after its place are both gone.
    """
    asked = _digest(question)
    start = 0 if token is None else _place(rows, token, asked, key, refuse)
    rest = start + most
    if rest >= len(rows):
        return list(rows[start:]), None
    before = _digest(key(rows[rest - 1])) if rest else ""
    made = json.dumps([asked, rest, before, _digest(key(rows[rest]))], separators=(",", ":"))
    return list(rows[start:rest]), made.encode().hex()  # every service's pattern has these


def _place(
    rows: Sequence[R], token: str, asked: str, key: Callable[[R], object], refuse: ServiceError
) -> int:
    try:
        made_for, place, before, after = json.loads(bytes.fromhex(token))
    except (ValueError, TypeError, RecursionError):
        raise refuse from None
    if made_for != asked or type(place) is not int:
        raise refuse
    if 0 <= place < len(rows) and _digest(key(rows[place])) == after:
        return place
    digests = [_digest(key(row)) for row in rows]
    if after in digests:
        return digests.index(after)
    if before in digests:
        return digests.index(before) + 1
    if rows:
        raise refuse
    return 0


def _digest(value: object) -> str:
    told = json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))
    return blake2b(told.encode(), digest_size=8).hexdigest()


def question(request: Request, listing: str, *aside: str) -> list[object]:
    """What a request asks of a listing, without the members that say how many and from where."""
    kept = {
        name: value for name, value in request.items() if name not in aside and value is not None
    }
    return [listing, kept]


def page(
    name: str,
    rows: list[Answer],
    request: Request,
    *,
    key: str,
    size: str,
    most: int,
    invalid: Refusal,
    token: str = "NextToken",
) -> Answer:
    """One page of rows under a name, with a token if there is more.

    key: the member that tells a row from the others. size, token: the request's members that say
    how many and from where; most: rows when it does not say. invalid: makes the error for a token
    that no answer gave to this question, of its text.
    """
    given = request.get(token)
    told, after = cut(
        rows,
        request.get(size) or most,
        given,
        invalid(refused_text(token, given)),
        question=question(request, name, size, token),
        key=lambda row: row[key],
    )
    return {name: told} if after is None else {name: told, token: after}


def refused_text(token: str, given: object) -> str:
    """Why a token is refused (model's wording)."""
    return (
        f"{token} {str(given)[:40]!r} came with no answer to this question: ask again without it, "
        "or with the filters of the answer that gave it."
    )
