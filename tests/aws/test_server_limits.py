"""How much the server takes at once, and how far it looks into what strangers send."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kinesis_sim.aws import bodies, jq_process
from kinesis_sim.aws.bodies import Bodies
from kinesis_sim.aws.credential import claimed
from kinesis_sim.aws.exchange import ExchangeRefused, Request
from kinesis_sim.aws.query_ports import patience
from kinesis_sim.units import MIB
from tests.loops import run


def request(**headers: str) -> Request:
    return Request(
        "POST", "/", "", {name.replace("_", "-"): text for name, text in headers.items()}
    )


def test_bodies_share_512_mib() -> None:
    async def both(first: int, second: int) -> None:
        room = Bodies()
        for size in (first, second):
            asked = request(content_length=str(size))
            await room.read(asked, ended, 1024 * MIB)

    async def ended() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    run(both(256 * MIB, 256 * MIB))
    with pytest.raises(ExchangeRefused, match="reduce your request rate"):
        run(both(256 * MIB, 256 * MIB + 1))


@pytest.mark.parametrize(("size", "asked_for"), [(64 * MIB, 1), (64 * MIB + 1, 0)])
def test_an_unwanted_body_is_read_to_64_mib(size: int, asked_for: int) -> None:
    parts = []

    async def receive() -> Any:
        parts.append(1)
        return {"type": "http.request", "body": b"", "more_body": False}

    run(bodies.discard(request(content_length=str(size)), receive))
    assert len(parts) == asked_for


@pytest.mark.parametrize(("length", "found"), [(182, True), (183, False)])
def test_a_scope_has_200_characters(length: int, found: bool) -> None:
    scope = f"/20260101/{'r' * length}/kinesis"
    assert (len(scope) <= 200) is found
    header = f"AWS4-HMAC-SHA256 Credential=AKID{scope}/aws4_request, Signature=x"
    assert (claimed(request(authorization=header)) is not None) is found


def test_a_query_rests_for_100_records_after_three_that_took_too_much() -> None:
    failed = jq_process._Failed()
    for wanted in (100, 200, 400):
        for _ in range(3):
            failed.again()
        rested = 0
        while failed.rests():
            rested += 1
        assert rested == wanted


def test_a_query_may_run_20_seconds() -> None:
    with patience(lambda: None):
        timers = [t for t in threading.enumerate() if isinstance(t, threading.Timer)]
        assert 20.0 in [timer.interval for timer in timers]
