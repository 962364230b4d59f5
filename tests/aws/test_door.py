"""Programs and local pages come in; pages of other sites do not, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from kinesis_sim.aws.credential import claimed
from kinesis_sim.aws.door import Door
from kinesis_sim.aws.exchange import Request
from kinesis_sim.aws.server import Server, start
from kinesis_sim.errors import UsageError
from tests.aws.http_client import client, instant, post

SCOPE = "X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"
ALARM = (
    "/?Action=PutMetricAlarm&Version=2010-08-01&AlarmName=evil&MetricName=m&Namespace=n"
    "&Period=60&EvaluationPeriods=1&Threshold=1&ComparisonOperator=GreaterThanThreshold"
    "&Statistic=Sum"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    sim = instant(account="111122223333", limits="off")
    with start(sim, host_names=["kinesis-lab"]) as running:
        with client(running, "s3") as s3:
            s3.create_bucket(Bucket="precious-door")
            s3.put_object(Bucket="precious-door", Key="k", Body=b"treasure")
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.endpoint_url) as made:
        yield made


def has_alarm(server: Server) -> bool:
    with client(server, "cloudwatch") as cloudwatch:
        return bool(cloudwatch.describe_alarms()["MetricAlarms"])


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "authorization": "x"},
        {"origin": "http://evil.com"},
        {"origin": "http://203.0.113.7"},
        {"origin": "http://127.0.0.1.evil.com"},
        {"origin": "http://localhost.evil.com"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": ""},
        {"referer": "http://evil.com/page"},
        {"host": "evil.com"},
        {"host": "precious-door.evil.com", "authorization": "x"},
        {"host": "203.0.113.7:4567"},
        {"host": "0.0.0.0:4567"},
        {"host": "169.254.169.254"},
        {"host": "xn--localhost"},
        {"host": "evil.com#.localhost"},
        {"host": "evil.com/.localhost"},
        {"host": "evil.com .localhost"},
        {"host": "[::1]evil.com"},
        {"host": "[::1].evil.com"},
        {"origin": "http://evil.com@localhost"},
        {"origin": "http://evil.com\\@localhost"},
        {"origin": "javascript://localhost/"},
        {"origin": "file://"},
        {"origin": "file://localhost"},
        {"origin": "http://localhost/page"},
        {"host": "[::ffff:203.0.113.7]"},
    ],
)
def test_strangers_are_refused_whatever_they_ask(
    http: httpx.Client, server: Server, headers: dict[str, str]
) -> None:
    for path in ("/", ALARM, "/health", "/_kinesis_lab/clock", "/precious-door/k"):
        answer = http.get(path, headers=headers)
        assert answer.status_code == 403
        assert "treasure" not in answer.text
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert post(http, "ListStreams", **headers).status_code == 403
    assert not has_alarm(server)


@pytest.mark.parametrize("query", [ALARM, ALARM.replace("Action", "%41ction")])
def test_an_image_cannot_change_anything(http: httpx.Client, server: Server, query: str) -> None:
    answer = http.get(query)
    assert answer.status_code == 403
    assert "PutMetricAlarm" in answer.text
    signed = "&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fmonitoring%2Faws4_request"
    assert http.get(query + signed).status_code == 403
    assert not has_alarm(server)


def test_what_only_reads_may_be_asked_without_a_signature(http: httpx.Client) -> None:
    answer = http.get("/?Action=ListMetrics&Version=2010-08-01")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/moto-api/reset",
        "/moto-api/recorder/start-recording",
        "/moto-api/data.json",
        "/moto%2Dapi/data.json",
        "//moto-api/data.json",
        "/./moto-api/data.json",
        "/MOTO-API/data.json",
        "/latest/meta-data/iam/",
        "/latest/api/token",
        "/moto_api_us-east-1/moto-api/data.json",
        "/moto_api/moto-api/data.json",
    ],
)
@pytest.mark.parametrize("service", ["s3", "moto_api", "moto-api", "instance_metadata", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_motos_control_api_is_out_of_reach(
    http: httpx.Client, server: Server, path: str, service: str, method: str
) -> None:
    scope = f"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request, x=y"
    headers = {"authorization": scope} if service else {}
    for answer in (
        asked_as_is(http, method, path, headers),
        asked_as_is(http, method, f"{path}?{SCOPE}", {}),
    ):
        assert answer.status_code in (400, 403, 404, 405)
        assert "recording" not in answer.text.lower()
    with client(server, "s3") as s3:
        assert s3.get_object(Bucket="precious-door", Key="k")["Body"].read() == b"treasure"


def asked_as_is(
    http: httpx.Client, method: str, target: str, headers: dict[str, str]
) -> httpx.Response:
    """The answer to a target sent as written: of ``//a/b`` httpx would take ``a`` for a host."""
    return http.request(method, "/", headers=headers, extensions={"target": target.encode()})


def test_preflights_are_answered_for_local_pages_alone(http: httpx.Client) -> None:
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "x-amz-target,content-type",
        "access-control-request-private-network": "true",
    }
    own = http.options("/", headers=asked | {"origin": "http://localhost:3000"})
    assert own.status_code == 204
    assert own.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert own.headers["access-control-allow-headers"] == "x-amz-target,content-type"
    assert own.headers["access-control-allow-private-network"] == "true"
    assert own.headers["vary"] == "Origin"
    control = "/_kinesis_lab/clock/advance"
    lab = http.options(control, headers=asked | {"origin": "http://localhost:3000"})
    foreign = http.options("/", headers=asked | {"origin": "http://evil.com"})
    for answer in (lab, foreign):
        assert answer.status_code >= 400
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_page_that_lies_in_s3_has_no_origin(http: httpx.Client) -> None:
    signed = {"authorization": f"AWS4-HMAC-SHA256 {SCOPE}".replace("%2F", "/")}
    answer = http.get("/precious-door/k", headers=signed)
    assert answer.text == "treasure"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "allow-same-origin" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "127.0.0.1:1", "[::1]:4567", "kinesis-lab:4567", "a.localhost"],
)
def test_local_names_and_given_ones_are_ours(http: httpx.Client, host: str) -> None:
    assert post(http, "ListStreams", host=host).status_code == 200


@pytest.mark.parametrize("suffix", ["localhost", "s3.localhost", "kinesis-lab"])
def test_s3s_virtual_hosts_are_ours(http: httpx.Client, suffix: str) -> None:
    signed = {"authorization": f"AWS4-HMAC-SHA256 {SCOPE}".replace("%2F", "/")}
    answer = http.get("/k", headers=signed | {"host": f"precious-door.{suffix}"})
    assert answer.status_code != 403


@pytest.mark.parametrize("name", ["", "a/b", "http://x", "a b", "x:1", "-"])
def test_a_host_name_is_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="--host-name"):
        start(instant(), host_names=[name])


def test_a_server_for_the_whole_network_answers_to_addresses() -> None:
    with start(instant(), host="0.0.0.0") as wide, httpx.Client(base_url=wide.endpoint_url) as http:
        assert post(http, "ListStreams", host="192.168.1.5:4567").status_code == 200
        assert post(http, "ListStreams", host="evil.com").status_code == 403
        assert post(http, "ListStreams", origin="http://192.168.1.5").status_code == 403


def test_a_long_header_costs_no_time() -> None:
    """A regular expression here was quadratic once: 60,000 letters cost 43 seconds."""
    for text in (
        "a" * 10**6,
        "a/20260101/" + "a/" * 10**6,
        "Credential=" + "/aws4_request" * 10**5,
    ):
        assert claimed(Request("GET", "/", "", {"authorization": text})) is None
    scope = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/S3/aws4_request, Signature=x"
    found = claimed(Request("GET", "/", "", {"authorization": scope}))
    assert found is not None
    assert (found.access_key, found.region, found.service) == ("AKID", "us-east-1", "s3")


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_an_address_has_ten_thousand_fields_at_most(more: int, taken: bool) -> None:
    """What names more than that to read is not read to its end."""
    fields = "&a=" * (9_998 + more)
    asked = f"Action=ListMetrics&Version=2010-08-01{fields}"
    request = Request("GET", "/", asked, {"host": "localhost"})
    assert (Door(()).refusal(request) is None) is taken
