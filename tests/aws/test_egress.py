"""What other services would send over the network: by the same rule as Firehose's deliveries."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from kinesis_sim import Simulator
from kinesis_sim.firehose.destinations import addresses


class Inbox(HTTPServer):
    """A subscriber on this machine. got: the bodies of what arrived."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.arrived = threading.Semaphore(0)
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(json.loads(body))
        self.send_response(200)
        self.end_headers()
        self.server.arrived.release()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def publish(sim: Simulator, url: str) -> str:
    sns = sim.client("sns")
    topic: str = sns.create_topic(Name=f"news-{len(url)}-{sim.outbound}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol=url.partition(":")[0], Endpoint=url)
    sns.publish(TopicArn=topic, Message="hello")
    return topic


def test_a_subscriber_on_this_machine_hears(sim: Simulator, inbox: Inbox) -> None:
    topic = publish(sim, f"http://127.0.0.1:{inbox.server_address[1]}/x")
    sim.advance(seconds=1)
    assert [message["Message"] for message in inbox.got] == ["hello"]
    sim.client("cloudwatch").put_metric_alarm(
        AlarmName="a", Namespace="n", MetricName="m", Period=60, EvaluationPeriods=1, Threshold=0,
        ComparisonOperator="GreaterThanThreshold", Statistic="Sum", AlarmActions=[topic],
    )  # fmt: skip
    point = {"MetricName": "m", "Value": 1.0}
    sim.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[point])
    sim.advance(minutes=5)
    assert len(inbox.got) == 2
    assert json.loads(inbox.got[1]["Message"])["AlarmName"] == "a"


@pytest.mark.parametrize(
    ("url", "outbound"),
    [
        ("http://203.0.113.5/x", False),
        ("https://example.com/x", False),
        ("http://169.254.169.254/x", True),
        ("http://metadata.example.com/x", True),
    ],
)
def test_nothing_goes_where_it_may_not(
    url: str, outbound: bool, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(0, 0, 0, "", ("169.254.169.254", 0))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: rows)
    sim = Simulator(latency=None, outbound=outbound)
    with caplog.at_level(logging.WARNING, "kinesis_sim.egress"):
        for _ in range(3):
            publish(sim, url)
        sim.advance(seconds=1)
    assert caplog.text.count("Nothing was sent to") == 1


def test_an_integration_of_api_gateway_is_refused_by_name(sim: Simulator) -> None:
    with sim.egress.only_way_out(), pytest.raises(requests.ConnectionError, match="not this mach"):
        requests.get("http://203.0.113.5/", timeout=1)


def test_no_container_is_started(sim: Simulator) -> None:
    asked = requests.Request("GET", "http+docker://localhost/version").prepare()
    with sim.egress.only_way_out(), pytest.raises(requests.ConnectionError, match="outbound=True"):
        requests.Session().send(asked)


def test_whoever_is_not_served_by_us_sends_as_ever(sim: Simulator, inbox: Inbox) -> None:
    with sim.egress.only_way_out():
        pass
    url = f"http://localhost:{inbox.server_address[1]}/"
    assert requests.post(url, json={"own": 1}, timeout=10).status_code == 200
    assert inbox.got == [{"own": 1}]
