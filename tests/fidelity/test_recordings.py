"""What AWS was recorded answering is answered here: in process and over HTTP, to the word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest

from kinesis_sim import Simulator
from kinesis_sim.aws.server import start
from kinesis_sim.errors import UsageError
from kinesis_sim.fidelity.recordings import RecordedScene, replay, scenes
from kinesis_sim.fidelity.recordings.book import read
from kinesis_sim.fidelity.recordings.callers import SdkCaller
from kinesis_sim.fidelity.recordings.pattern import differences, filled, fits
from kinesis_sim.fidelity.recordings.replay import Replayed
from tests.aws.http_client import KEYS

ALL = [pytest.param(scene, id=scene.title) for scene in scenes()]


ACCOUNTS = {scene.title: str(610_000_000_000 + place) for place, scene in enumerate(scenes())}
"""An account of its own for each scene: moto keeps queues and topics by account."""


def fresh(scene: str = "") -> Simulator:
    return Simulator(latency=None, account=ACCOUNTS.get(scene, "600000000000"))


def unexplained(outcomes: list[Replayed]) -> list[str]:
    """What differs without a reason, and reasons of what does not differ."""
    found = []
    for outcome in outcomes:
        if outcome.verdict == "differs" and outcome.row.differs is None:
            found.append(f"{outcome.name}: {'; '.join(outcome.differences)}")
        if outcome.verdict == "equal" and outcome.row.differs is not None:
            found.append(f"{outcome.name} is equal: take the reason away ({outcome.row.differs})")
    return found


@contextmanager
def over_http(sim: Simulator) -> Iterator[SdkCaller]:
    """Requests to a simulator behind a socket."""
    with start(sim) as server, httpx.Client(base_url=server.endpoint_url) as http:

        def make(service: str, **options: Any) -> Any:
            return boto3.client(service, endpoint_url=server.endpoint_url, **KEYS, **options)

        def post(service: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
            answer = http.post("/", content=body, headers=headers)
            return answer.status_code, answer.content

        caller = SdkCaller(make, post)
        try:
            yield caller
        finally:
            caller.close()


@pytest.mark.parametrize("scene", ALL)
def test_in_process(scene: RecordedScene) -> None:
    assert unexplained(replay(scene, fresh(scene.title))) == []


@pytest.mark.parametrize("scene", ALL)
def test_over_http(scene: RecordedScene) -> None:
    sim = fresh(scene.title)
    with over_http(sim) as caller:
        assert unexplained(replay(scene, sim, caller)) == []


# A bucket has its name alone in all accounts of a process: replays must not take it from others.
BUCKETS = [
    pytest.param(scene, id=scene.title)
    for scene in scenes()
    if any(row.operation == "CreateBucket" for row in (*scene.before, *scene.rows))
]


def test_some_scenes_make_buckets() -> None:
    assert len(BUCKETS) >= 7


@pytest.mark.parametrize("scene", BUCKETS)
def test_a_scene_is_replayed_in_two_accounts_of_a_process(scene: RecordedScene) -> None:
    for account in ("640000000001", "640000000002"):
        assert unexplained(replay(scene, Simulator(latency=None, account=account))) == []


# --- the replayer itself --------------------------------------------------------------------------


def test_a_difference_is_seen() -> None:
    rows = [
        {"call": "kinesis.CreateStream", "ask": {"StreamName": "a", "ShardCount": 1}, "gives": {}},
        {"call": "kinesis.DescribeLimits", "gives": {"*": True, "ShardLimit": 1}},
        {"call": "kinesis.ListStreams", "refused": ["LimitExceededException", None]},
        {"call": "kinesis.DescribeStream", "ask": {"StreamName": "b"}, "gives": {}},
    ]
    source = {"repository": "none/none", "file": "none", "recorded": "2026-01-01"}
    [scene] = read("x", {"source": source, "scenes": [{"name": "s", "rows": rows}]})
    verdicts = [outcome.verdict for outcome in replay(scene, fresh())]
    assert verdicts == ["equal", "differs", "differs", "differs"]


def test_a_row_with_an_unknown_member_is_refused() -> None:
    source = {"repository": "none/none", "file": "none", "recorded": "2026-01-01"}
    rows = [{"call": "kinesis.ListStreams", "give": {}}]
    with pytest.raises(UsageError, match="'give'"):
        list(read("x", {"source": source, "scenes": [{"name": "s", "rows": rows}]}))


def test_placeholders_fit_by_kind_and_by_name() -> None:
    names: dict[str, str] = {}
    assert fits("at <<number:a>> in <<region>>", "at 5 in sa-east-1", names)
    assert names == {"number:a": "5"}
    assert not fits("<<number:a>>", 6, names)
    assert fits("<<number:a>>", 5, names)
    assert not fits("5", 5, names)
    assert filled({"<<number:a>>": ["<<number:a>>"]}, names, 0) == {"5": ["5"]}
    with pytest.raises(UsageError, match="no kind"):
        fits("<<colour>>", "red", {})


@pytest.mark.parametrize(
    ("recorded", "seen", "lines"),
    [
        ({"A": 1}, {"A": 1.0}, 0),
        ({"A": True}, {"A": 1}, 1),
        ({"A": 1}, {"A": 1, "B": 2}, 1),
        ({"A": 1}, {"A": 1, "New": 2}, 0),
        ({"A": 1, "*": True}, {"A": 1, "B": 2}, 0),
        ({"A": 1}, {}, 1),
        ([1, 2], [1], 1),
        ([{"A": "x"}], [{"A": "y"}], 1),
    ],
)
def test_answers_are_compared_member_by_member(recorded: Any, seen: Any, lines: int) -> None:
    assert len(list(differences(recorded, seen, {}, {"New": "later"}))) == lines
