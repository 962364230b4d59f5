"""The world outside while inputs are replayed: answers of endpoints, and calls to moto's services.

moto draws what looks random from one generator; each kept call is given the seed it had, so that
ids, versions and tokens come back as callers know them. Its clock is the machine's: dates that moto
puts on things become those of the replay, and what runs out by its clock (SQS's visibility
timeouts, expiring tokens) runs from then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.exchange import Request
from kinesis_sim.journal.folding import ITEMS

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_READS = ("BatchGet", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Query", "Scan",
          "Search", "Select", "Simulate", "Test")  # fmt: skip
SENDERS = frozenset({"apigateway", "batch", "cloudformation", "events", "execute-api", "lambda",
                     "sns", "states"})  # fmt: skip
"""Services of moto that may send something outside before they answer: nobody may wait for them
(see ``sends``)."""


def sends(service: str, body: bytes) -> bool:
    """Whether a call may send something outside before moto answers it.

    A stack does only where its template has resources of a caller's own; one that lies in S3 is
    not looked at.
    """
    if service == "cloudformation":
        return b"Custom" in body or b"TemplateURL" in body
    return service in SENDERS


def may_change(request: Request) -> bool:
    """Whether a request to moto may change anything there."""
    if request.method in ("GET", "HEAD", "OPTIONS") and "ction=" not in request.query:
        return False
    return not _action(request).startswith(_READS)


def _action(request: Request) -> str:
    target = request.headers.get("x-amz-target")
    if target is not None:
        return target.rpartition(".")[2]
    form = request.query.encode() if "Action=" in request.query else request.body[:20_000]
    for field in form.split(b"&", 50):
        if field.startswith(b"Action="):
            return field[7:].decode("latin-1")
    return ""


_LOCK = threading.Lock()
_newest = 0
_WITHIN: dict[str, int] = {}


def next_seed() -> int:
    """A seed that no call to moto had in this process: no two calls may draw the same ids."""
    global _newest
    with _LOCK:
        _newest += 1
        return _newest


def drew(number: int) -> None:
    """A call had this seed: no other may."""
    global _newest
    with _LOCK:
        _newest = max(_newest, number)


@contextmanager
def seeded(number: int) -> Iterator[None]:
    """Have moto draw as it does for a seed."""
    from moto.moto_api._internal import mock_random

    drew(number)
    mock_random.seed(number)
    yield


@contextmanager
def seeded_within(account: str) -> Iterator[None]:
    """Have moto draw for a call that an action or another call makes: it has no input of its own.

    The same actions make the same calls of an account in the same order.
    """
    from moto.moto_api._internal import mock_random

    with _LOCK:
        number = _WITHIN[account] = _WITHIN.get(account, 0) + 1
    mock_random.seed(f"{account}/{number}")
    yield


def reads(operation: str) -> bool:
    """Whether an operation of moto's services changes nothing, as its name says."""
    return operation.startswith(_READS)


def row(request: Request) -> list[Any]:
    """A request as plain values."""
    return [
        request.method, request.path, request.query, dict(request.headers), request.scheme,
        request.target, request.body,
    ]  # fmt: skip


class World:
    """Takes inputs that came from outside, when they are replayed."""

    def answer(self, sim: Simulator, kind: str, given: list[Any]) -> None:
        """Take one that came to a simulator. Raises LookupError or ValueError for none there is."""
        if kind == "errand":
            number, rows = given
            sim.errands.replayed(number, rows)
        elif kind == "neighbour":
            self._neighbour(sim, *given)
        elif kind == "moto":
            self._moto(sim, *given)
        elif kind == ITEMS:
            from kinesis_sim.aws.item_images import put_back

            put_back(given)
        else:
            raise ValueError(f"there is no input of the kind {kind!r}")

    def _neighbour(self, sim: Simulator, seed: int, fields: list[Any]) -> None:
        from kinesis_sim.aws.item_images import left
        from kinesis_sim.aws.neighbours import done_again

        method, path, query, headers, scheme, target, body = fields
        request = Request(method, path, query, headers, scheme, target, body=body)
        with seeded(seed), suppress(Exception):
            done_again(request, sim.account, sim.egress)
        sim.inputs.found(left(request, sim.account, seed))

    def _moto(self, sim: Simulator, seed: int, fields: list[Any]) -> None:
        from kinesis_sim.aws.neighbours import asked_again

        with seeded(seed), suppress(Exception):
            asked_again(fields, sim.account, sim.egress)
