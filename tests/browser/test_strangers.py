"""A page of another site, in a real browser, tries all it can: nothing changes or is read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Playwright

from kinesis_sim.aws.server import Server, start
from tests.aws.http_client import client, instant
from tests.browser.jupyterlab import chrome

pytestmark = pytest.mark.browser

ACCOUNT = "444455556666"
PAGE = "strangers.html"
TIME = 1_767_225_600_000


class Quiet(SimpleHTTPRequestHandler):
    """Serves this folder and keeps no log."""

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of the stranger's site."""
    handler = partial(Quiet, directory=str(Path(__file__).parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address[1]
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def fooled(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """A browser for which strangers' names and addresses lead to this machine."""
    rules = "MAP evil.com 127.0.0.1, MAP *.evil.com 127.0.0.1, MAP 203.0.113.7 127.0.0.1"
    safe = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    with chrome(playwright, chromium, f"--host-resolver-rules={rules}", safe) as app:
        yield app


def state(server: Server) -> dict[str, Any]:
    """Whatever the page tries to change."""
    with (
        client(server) as kinesis,
        client(server, "s3") as s3,
        client(server, "iam") as iam,
        client(server, "lambda") as functions,
        client(server, "cloudwatch") as cloudwatch,
    ):
        return {
            "streams": kinesis.list_streams()["StreamNames"],
            "objects": [row["Key"] for row in s3.list_objects_v2(Bucket="precious")["Contents"]],
            "users": [row["UserName"] for row in iam.list_users()["Users"]],
            "mappings": functions.list_event_source_mappings()["EventSourceMappings"],
            "alarms": cloudwatch.describe_alarms()["MetricAlarms"],
            "metrics": cloudwatch.list_metrics(Namespace="evil")["Metrics"],
            "time": server.simulator.clock.now,
        }


@pytest.mark.parametrize("name", ["evil.com", "203.0.113.7"])
@pytest.mark.parametrize("rebound", [False, True], ids=["foreign", "rebound"])
def test_a_strangers_page_changes_and_reads_nothing(
    fooled: Browser,
    site: int,
    name: str,
    rebound: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with start(instant(account=ACCOUNT)) as server, client(server, "s3") as s3:
        s3.create_bucket(Bucket="precious")
        s3.put_object(Bucket="precious", Key="k", Body=b"treasure")
        before = state(server)
        assert before["objects"] == ["k"]
        lab = f"http://{name if rebound else '127.0.0.1'}:{urlsplit(server.endpoint_url).port}"
        page = fooled.new_page()
        page.goto(f"http://{name}:{site}/{PAGE}?lab={lab}")
        said = page.evaluate("attack()")
        page.close()
        assert len(said) > 20
        assert not [line for line in said if "treasure" in line or "epochMilliseconds" in line]
        assert state(server) == before
        assert not list(tmp_path.iterdir())
