"""The query protocol, with botocore's own serialiser and parser on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.aws import model
from kinesis_sim.aws.server import Server, start
from kinesis_sim.aws.wire import query as wire
from kinesis_sim.errors import ServiceError
from tests.aws.http_client import instant

SERVICE = model.service_model("cloudwatch")
SERIALISER, PARSER = create_serializer("query"), create_parser("query")
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/monitoring/aws4_request, "
    "SignedHeaders=host, Signature=0"
)
ALARM: dict[str, Any] = {
    "AlarmName": "cheio <&> é",
    "MetricName": "espera",
    "Namespace": "pedala",
    "Dimensions": [{"Name": "praça", "Value": "Sé"}, {"Name": "b", "Value": "2"}],
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 5.5,
    "ComparisonOperator": "GreaterThanThreshold",
    "ActionsEnabled": False,
}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with (
        start(instant(account="222233334444")) as server,
        httpx.Client(base_url=base(server)) as made,
    ):
        yield made


def base(server: Server) -> str:
    return server.endpoint_url


def call(http: httpx.Client, operation: str, **params: Any) -> Any:
    """One call; the parsed answer."""
    shapes = SERVICE.operation_model(operation)
    body = SERIALISER.serialize_to_request(params, shapes)["body"]
    answer = http.post("/", data=body, headers={"authorization": SIGNED})
    assert answer.headers["content-type"].endswith("/xml")
    raw = {"body": answer.content, "headers": answer.headers, "status_code": answer.status_code}
    return PARSER.parse(raw, shapes.output_shape)


def test_an_alarm_goes_round(http: httpx.Client) -> None:
    call(http, "PutMetricAlarm", **ALARM)
    [row] = call(http, "DescribeAlarms", AlarmNames=[ALARM["AlarmName"]])["MetricAlarms"]
    assert {name: row[name] for name in ALARM} == ALARM
    assert row["StateUpdatedTimestamp"].isoformat() == "2026-01-01T00:00:00+00:00"
    assert call(http, "DescribeAlarms", AlarmNames=[])["MetricAlarms"]


def test_data_go_round(http: httpx.Client) -> None:
    datum = {"MetricName": "espera", "Value": 2.5, "Timestamp": "2025-12-31T23:30:00Z"}
    call(http, "PutMetricData", Namespace="pedala", MetricData=[datum, datum])
    stat = {"Metric": {"Namespace": "pedala", "MetricName": "espera"}, "Period": 60, "Stat": "Sum"}
    answer = call(
        http,
        "GetMetricData",
        MetricDataQueries=[{"Id": "m1", "MetricStat": stat}],
        StartTime="2025-12-31T23:00:00Z",
        EndTime="2026-01-01T00:00:00Z",
    )
    assert answer["MetricDataResults"][0]["Values"] == [5.0]
    assert answer["ResponseMetadata"]["RequestId"]


def test_errors_are_documents(http: httpx.Client) -> None:
    answer = call(http, "DeleteAlarms", AlarmNames=["nenhum"])
    assert answer["Error"] == {
        "Type": "Sender",
        "Code": "ResourceNotFound",
        "Message": "There is no alarm nenhum.",
    }
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_get_is_a_call_too(http: httpx.Client) -> None:
    answer = http.get("/", params={"Action": "ListMetrics", "Version": "2010-08-01"})
    assert answer.status_code == 200
    assert answer.text.startswith("<ListMetricsResponse xmlns=")


def test_what_is_not_ours_goes_to_moto(http: httpx.Client) -> None:
    call(http, "PutDashboard", DashboardName="painel", DashboardBody='{"widgets": []}')
    found = call(http, "ListDashboards")["DashboardEntries"]
    assert "painel" in {row["DashboardName"] for row in found}


def test_what_cannot_be_read_is_named(http: httpx.Client) -> None:
    fields = {"Action": "PutMetricAlarm", "Version": "2010-08-01", "Period": "um"}
    answer = http.post("/", data=fields)
    assert answer.status_code == 400
    assert "<Code>MalformedInput</Code>" in answer.text
    assert "Period" in answer.text


def test_an_unknown_action_of_ours_is_refused(http: httpx.Client) -> None:
    answer = http.post("/", data={"Action": "NaoExiste", "Version": "2010-08-01"})
    assert answer.status_code == 400
    assert "<Code>InvalidAction</Code>" in answer.text


NAMES = st.text(alphabet="ABCaem.0123", max_size=20)


@given(st.lists(st.tuples(NAMES, st.text(max_size=8)), max_size=12))
def test_no_form_does_anything_but_read_or_be_refused(fields: list[tuple[str, str]]) -> None:
    shape = SERVICE.operation_model("PutMetricAlarm").input_shape
    try:
        found = wire.read(wire.tree([*fields, ("AlarmName", "a")]), shape)
    except ServiceError as error:
        found = {"AlarmName": error.code}
    assert found["AlarmName"] in ("a", "MalformedInput")


def test_depth_and_numbers_have_an_end() -> None:
    with pytest.raises(ServiceError, match="cannot be read"):
        wire.tree([("a." * 1_000, "x")])
    shape = SERVICE.operation_model("DeleteAlarms").input_shape
    fields = [("AlarmNames.member.10", "b"), ("AlarmNames.member.9", "a")]
    far = ("AlarmNames.member.99999999999999", "c")
    assert wire.read(wire.tree([*fields, far]), shape) == {"AlarmNames": ["a", "b"]}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("Action=DescribeAlarms&Version=2010-08-01&MaxRecords.=1", 400),
        ("Action=DescribeAlarms&Version=2010-08-01&MaxRecords.=x&MaxRecords=1", 200),
        ("Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.=1&AlarmNames..1=a", 200),
        (
            "Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData=&MetricData.member=1&"
            "MetricData..1.Value=1&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1",
            200,
        ),
        (
            "Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData.member.1.MetricName=m&"
            "MetricData.member.1.Value=1&MetricData.member.1.Timestamp.=2026-01-01T00:00:00Z",
            400,
        ),
        (".=1&Action=DescribeAlarms&Version=2010-08-01&=1&..=", 200),
    ],
)
def test_a_name_may_have_an_empty_part(http: httpx.Client, fields: str, status: int) -> None:
    """What follows the dot is not the text of the name before it, which then has none."""
    form = {"authorization": SIGNED, "content-type": "application/x-www-form-urlencoded"}
    answer = http.post("/", content=fields, headers=form)
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("number", ["1_0", "\u0661", "1e3", "0x1", "NaN", ""])
def test_a_number_is_one_of_decimal_digits(http: httpx.Client, number: str) -> None:
    form = {"Action": "DescribeAlarms", "Version": "2010-08-01", "MaxRecords": number}
    answer = http.post("/", data=form, headers={"authorization": SIGNED})
    assert (answer.status_code, "MalformedInput" in answer.text) == (400, True), answer.text
