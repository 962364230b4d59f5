"""OpenSearch: the bulk request line by line, and what every kind of answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinesis_sim.aws.certificate import Certificate
from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.identity import record_id
from kinesis_sim.firehose.destinations.opensearch.adapter import (
    OpenSearch,
    OpenSearchSettings,
)
from kinesis_sim.firehose.destinations.opensearch.domain import Flavour, domain_endpoint
from kinesis_sim.firehose.destinations.opensearch.index_names import index_name
from kinesis_sim.firehose.destinations.opensearch.receiver import OpenSearchReceiver
from kinesis_sim.firehose.destinations.registry import Receivers
from kinesis_sim.firehose.destinations.transport import HttpAnswer, HttpRequest, Transport
from kinesis_sim.firehose.record import Origin, Record
from kinesis_sim.instants import to_ms
from kinesis_sim.units import MIB
from tests.effort import examples
from tests.firehose.destinations.wire import (
    ARN,
    NOW,
    REQUEST_ID,
    behind_https,
    codes,
    records,
    settled,
)

TODAY = "pedidos-2026-01-01"


@pytest.fixture
def receiver(receivers: Receivers) -> OpenSearchReceiver:
    return receivers.opensearch("pedala")


def adapter(
    receiver: OpenSearchReceiver, transport: Transport, kind: Flavour = "opensearch", **more: Any
) -> OpenSearch:
    where = {"CollectionEndpoint": receiver.url} if kind == "serverless" else {}
    block = where or {"DomainARN": receiver.arn}
    found = OpenSearchSettings.read(kind, {"IndexName": "pedidos", **block, **more})
    return OpenSearch(found, ARN, transport)


def sent_by(kind: Flavour = "opensearch", **more: Any) -> tuple[HttpRequest, list[dict[str, Any]]]:
    """The request as it goes out, and its lines."""
    seen: list[HttpRequest] = []

    def listen(asked: HttpRequest, now: int) -> HttpAnswer:
        seen.append(asked)
        return HttpAnswer(500, {}, b"")

    member = "CollectionEndpoint" if kind == "serverless" else "ClusterEndpoint"
    block = {"IndexName": "pedidos", member: "https://x.example/", **more}
    wanted = OpenSearchSettings.read(kind, block)
    OpenSearch(wanted, ARN, Transport({"x.example": listen})).deliver(
        records('{"a": 1}', '{"b":2}\n'), REQUEST_ID, NOW
    )
    assert seen[0].body.endswith(b"\n")
    return seen[0], [json.loads(line) for line in seen[0].body.splitlines()]


def test_the_request_is_ndjson() -> None:
    request, lines = sent_by()
    assert (request.method, request.url) == ("POST", "https://x.example/_bulk")
    assert request.headers["Content-Type"] == "application/x-ndjson"
    ids = [line["index"].pop("_id") for line in lines[::2]]
    assert lines == [{"index": {"_index": TODAY}}, {"a": 1}, {"index": {"_index": TODAY}}, {"b": 2}]
    assert len(set(ids)) == 2
    assert request.largest_answer == MIB + 2 * 1024  # a KiB for what is said of each record


def test_what_the_options_change() -> None:
    _, lines = sent_by(DocumentIdOptions={"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"})
    assert lines[0] == {"index": {"_index": TODAY}}
    _, lines = sent_by("elasticsearch", TypeName="pedido", IndexRotationPeriod="NoRotation")
    assert lines[0]["index"].items() >= {"_index": "pedidos", "_type": "pedido"}.items()
    _, lines = sent_by("serverless")
    assert lines[0]["index"]["_index"] == "pedidos"


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("NoRotation", "myindex"),
        ("OneHour", "myindex-2016-02-25-13"),
        ("OneDay", "myindex-2016-02-25"),
        ("OneWeek", "myindex-2016-w09"),  # by the rule: the page's own example says w08
        ("OneMonth", "myindex-2016-02"),
    ],
)
def test_the_guides_examples_of_rotation(period: str, name: str) -> None:
    assert index_name("myindex", period, to_ms("2016-02-25T13:00:00Z")) == name


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-01-01", "2026-w01"),  # a Thursday: its week's Saturday is in 2026
        ("2025-12-28", "2026-w01"),
        ("2025-12-27", "2025-w52"),
        ("2026-01-04", "2026-w02"),
        ("2020-08-09", "2020-w33"),
        ("2022-01-01", "2022-w01"),  # a Saturday itself
        ("2016-12-31", "2016-w53"),
        ("2017-01-01", "2017-w01"),
    ],
)
def test_week_one_is_that_of_the_years_first_saturday(day: str, week: str) -> None:
    assert index_name("i", "OneWeek", to_ms(f"{day}T23:59:59Z")) == f"i-{week}"


def test_weeks_start_on_sunday_and_number_every_day_once() -> None:
    names = [
        index_name("i", "OneWeek", to_ms(f"2026-01-{day:02d}T00:00:00Z")) for day in range(1, 12)
    ]
    assert names == ["i-2026-w01"] * 3 + ["i-2026-w02"] * 7 + ["i-2026-w03"]


def test_documents_arrive(receiver: OpenSearchReceiver, transport: Transport) -> None:
    sent = records('{"bike": "B1", "km": 3}', '{"bike": "B2", "km": 4.5}')
    found = settled(adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW), sent)
    assert found.delivered == 2
    assert (receiver.count("pedidos-*"), receiver.count("outro-*")) == (2, 0)
    assert receiver.search(TODAY, bike="B2") == [{"bike": "B2", "km": 4.5}]
    assert list(receiver.frame()["km"]) == [3, 4.5]
    assert found.bytes == receiver.visits[0].bytes


def test_document_ids_keep_a_retry_from_doubling(
    receiver: OpenSearchReceiver, transport: Transport
) -> None:
    sent = records('{"a": 1}')
    stable = adapter(receiver, transport)
    receiver.time_out(taking=True)
    assert codes(stable.deliver(sent, REQUEST_ID, NOW)) == ["OS.RequestTimeout"]
    assert stable.deliver(sent, REQUEST_ID, NOW + 1).delivered == 1
    assert receiver.count() == 1
    without = adapter(
        receiver, transport, DocumentIdOptions={"DefaultDocumentIdFormat": "NO_DOCUMENT_ID"}
    )
    receiver.time_out(taking=True)
    without.deliver(sent, REQUEST_ID, NOW)
    without.deliver(sent, REQUEST_ID, NOW)
    assert receiver.count() == 3


def test_ids_tell_all_records_apart() -> None:
    origin = Origin("shardId-000000000000", "k", "4959", 3, NOW)
    assert record_id(Record(b"", NOW, 0, origin), ARN) == "4959.3"
    made = [
        record_id(Record(b"", NOW + later, number), arn)
        for later in (0, 1) for number in (0, 1) for arn in (ARN, f"{ARN}-2")
    ]  # fmt: skip
    assert len(set(made)) == 8
    assert {len(each) for each in made} == {58}


def test_over_real_https(receivers: Receivers, certificate: Certificate) -> None:
    receiver = receivers.opensearch("real")
    sent = records('{"a": 1}', '{"a": 2}')
    with behind_https(receiver, certificate) as address:
        settings_ = OpenSearchSettings.read(
            "opensearch", {"IndexName": "pedidos", "ClusterEndpoint": address}
        )
        destination = OpenSearch(settings_, ARN, Transport(authority=certificate.path))
        receiver.reject(every=2)
        receiver.reset()
        assert codes(settled(destination.deliver(sent, REQUEST_ID, NOW), sent)) == ["429"]
        assert codes(destination.deliver(sent, REQUEST_ID, NOW)) == ["OS.ConnectionReset"] * 2
        assert settled(destination.deliver(sent, REQUEST_ID, NOW), sent).delivered == 2
    assert receiver.count() == 2


@pytest.mark.parametrize(
    "data", ["", "no json", "[1]", "1", '{"a": 1}{"b": 2}', '{"a":\n1}', '{"a": 1}\n{"b": 2}',
             b'{"a": "\xff"}', '{"a": NaN}', '{"a": 1}\n\n'],
)  # fmt: skip
def test_a_record_must_be_one_json_object_on_one_line(
    receiver: OpenSearchReceiver, transport: Transport, data: str | bytes
) -> None:
    sent = records('{"good": 1}', data)
    found = settled(adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW), sent)
    (failure,) = found.failures
    assert (failure.record, failure.code, failure.retry) == (sent[1], "OS.MalformedData", False)
    assert failure.message.startswith("One or more records are malformed.")
    assert (found.delivered, receiver.count()) == (1, 1)


def test_bulk_commands_have_a_message_of_their_own(
    receiver: OpenSearchReceiver, transport: Transport
) -> None:
    sent = records('{"index": {"_index": "x"}}\n{"a": 1}')
    (failure,) = adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW).failures
    assert "does not support Amazon OpenSearch Service Bulk API commands" in failure.message
    assert receiver.visits == []


def test_the_mapping_refuses_what_does_not_fit(
    receiver: OpenSearchReceiver, transport: Transport
) -> None:
    sent = records('{"km": 3}', '{"km": "muito"}', '{"km": "7"}', '{"km": {"x": 1}}')
    found = settled(adapter(receiver, transport).deliver(sent, REQUEST_ID, NOW), sent)
    assert codes(found) == ["400", "400"]
    first = found.failures[0]
    error = json.loads(first.message)
    assert error["type"] == "mapper_parsing_exception"
    assert error["reason"].startswith("failed to parse field [km] of type [long] in document")
    assert first.document == {
        "esDocumentId": first.document["esDocumentId"],
        "esIndexName": TODAY,
        "esTypeName": "",
    }
    assert first.retry


def test_serverless_rows_have_members_of_their_own(
    receivers: Receivers, transport: Transport
) -> None:
    receiver = receivers.serverless("colecao")
    destination = adapter(receiver, transport, "serverless")
    assert destination.deliver(records("{}"), REQUEST_ID, NOW).delivered == 1
    receiver.fail(500)
    (failure,) = destination.deliver(records("{}"), REQUEST_ID, NOW).failures
    assert failure.document.keys() == {"osDocumentId", "osIndexName"}
    assert failure.document["osIndexName"] == "pedidos"


FAULTS: list[tuple[Callable[[OpenSearchReceiver], None], str, int]] = [
    (lambda r: r.fail(500), "OS.ClusterError", 0),
    (lambda r: r.fail(429), "OS.ServiceException", 0),
    (lambda r: r.fail(413), "OS.ServiceException", 0),
    (lambda r: r.fail(503), "OS.ServiceException", 0),
    (lambda r: r.fail(502), "OS.BadGateway", 0),
    (lambda r: r.fail(504), "OS.GatewayTimeout", 0),
    (lambda r: r.fail(403), "OS.AccessDenied", 0),
    (lambda r: r.fail(404), "OS.ResourceNotFound", 0),
    (lambda r: r.refuse(), "OS.ConnectionFailed", 0),
    (lambda r: r.reset(), "OS.ConnectionReset", 0),
    (lambda r: r.time_out(), "OS.RequestTimeout", 0),
    (lambda r: r.slow_down(60_001, 1), "OS.RequestTimeout", 2),
    (lambda r: r.halve(), "OS.ClusterError", 2),
    (lambda r: r.drop_items(), "OS.ResponseEntryCountMismatch", 2),
    (lambda r: r.amend(lambda a: replace(a, body=b'{"items": [1, 2]}')), "OS.ClusterError", 2),
    (lambda r: r.amend(lambda a: replace(a, body=b"[]")), "OS.ClusterError", 2),
    (lambda r: r.amend(lambda a: replace(a, body=b'{"items": 3}')), "OS.ClusterError", 2),
    (lambda r: r.reject(), "429", 0),
    (lambda r: r.fail(400, kind="json_parse_exception"), "OS.JsonParseException", 0),
    (lambda r: r.fail(400, kind="parse_exception"), "OS.AmazonOpenSearchServiceParseException", 0),
    (lambda r: r.fail(503, kind="cluster_block_exception"), "OS.ClusterBlockException", 0),
]


@pytest.mark.parametrize(("fault", "code", "taken"), FAULTS)
def test_every_fault_is_told_and_tried_again(
    receiver: OpenSearchReceiver,
    transport: Transport,
    fault: Callable[[OpenSearchReceiver], None],
    code: str,
    taken: int,
) -> None:
    sent = records('{"a": 1}', '{"a": 2}')
    destination = adapter(receiver, transport)
    fault(receiver)
    found = settled(destination.deliver(sent, REQUEST_ID, NOW), sent)
    assert codes(found) == [code] * 2
    assert all(failure.retry and not failure.lost for failure in found.failures)
    assert receiver.count() == taken
    assert settled(destination.deliver(sent, REQUEST_ID, NOW), sent).delivered == 2
    assert receiver.count() == 2


def test_elasticsearch_has_two_codes_of_its_own(
    receiver: OpenSearchReceiver, transport: Transport
) -> None:
    destination = adapter(receiver, transport, "elasticsearch")
    receiver.fail(403)
    receiver.fail(404)
    found = [codes(destination.deliver(records("{}"), REQUEST_ID, NOW)) for _ in range(2)]
    assert found == [["ES.AccessDenied"], ["ES.ResourceNotFound"]]


def test_a_type_is_refused_from_opensearch_2_on(receivers: Receivers, transport: Transport) -> None:
    new, old = receivers.opensearch("novo"), receivers.opensearch("velho", types=True)
    told = adapter(new, transport, TypeName="pedido").deliver(records("{}"), REQUEST_ID, NOW)
    assert codes(told) == ["OS.ValidationException"]
    assert "unknown parameter [_type]" in new.visits[0].message
    assert adapter(old, transport, TypeName="t").deliver(records("{}"), REQUEST_ID, NOW).delivered


def test_an_arn_that_names_no_domain() -> None:
    wanted = OpenSearchSettings.read(
        "opensearch", {"IndexName": "i", "DomainARN": "arn:aws:s3:::b"}
    )
    found = OpenSearch(wanted, ARN, Transport()).deliver(records("{}"), REQUEST_ID, NOW)
    assert codes(found) == ["OS.InvalidARN"]


def test_a_domain_without_a_receiver_is_named() -> None:
    arn = "arn:aws:es:us-east-1:123456789012:domain/pedala"
    wanted = OpenSearchSettings.read("opensearch", {"IndexName": "i", "DomainARN": arn})
    (failure,) = OpenSearch(wanted, ARN, Transport()).deliver(records("{}"), "r", NOW).failures
    assert failure.code == "OS.ConnectionFailed"
    assert "make a receiver for search-pedala.us-east-1.es.amazonaws.com" in failure.message
    assert domain_endpoint(arn) == "https://search-pedala.us-east-1.es.amazonaws.com"


def test_settings_and_their_defaults() -> None:
    found = OpenSearchSettings.read(
        "opensearch", {"IndexName": "i", "ClusterEndpoint": "https://x"}
    )
    assert (found.rotation, found.document_ids, found.type_name) == ("OneDay", True, "")


JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text("a1 ", max_size=3),
    st.dictionaries(st.sampled_from("xy"), st.integers(0, 3), max_size=2),
)  # fmt: skip


@settings(max_examples=examples(60))
@given(
    data=st.lists(
        st.one_of(
            st.dictionaries(st.sampled_from("ab"), JSON_VALUES, max_size=2).map(json.dumps),
            st.text(max_size=5),
        ),
        min_size=1,
        max_size=12,
    ),
    every=st.integers(0, 3),
)
def test_every_record_is_delivered_or_failed(data: list[str], every: int) -> None:
    receivers = Receivers()
    receiver = receivers.opensearch("lei")
    if every:
        receiver.reject(every)
    sent = records(*data)
    found = adapter(receiver, Transport(receivers.hosts)).deliver(sent, REQUEST_ID, NOW)
    assert settled(found, sent).delivered == receiver.count()
    for failure in found.failures:
        assert failure.retry is (failure.code != "OS.MalformedData")


STRICT = [
    (b'{"index":{"_index":"i"}}\n{}', 400, "must be terminated by a newline"),
    (b'{"index":{"_index":"i"}}\n', 400, "A document is missing"),
    (b'["index"]\n{}\n', 400, "Malformed action/metadata line [1]"),
    (b'{"index":{"_index":"i"},"create":{}}\n{}\n', 400, "expected one action"),
    (b'{"index":1}\n{}\n', 400, "unknown parameter [1]"),
    (b'{"delete":{"_index":"i"}}\n{}\n', 400, "unknown parameter [delete]"),
    (b'{"index":{}}\n{}\n', 400, "index is missing"),
]


def posted(receiver: OpenSearchReceiver, body: bytes, **change: Any) -> HttpAnswer:
    headers = {"Content-Type": "application/x-ndjson"}
    request = replace(HttpRequest("POST", f"{receiver.url}/_bulk", headers, body, 1000), **change)
    answer = receiver(request, NOW)
    assert isinstance(answer, HttpAnswer)
    return answer


@pytest.mark.parametrize(("body", "status", "message"), STRICT)
def test_the_receiver_is_strict(
    receiver: OpenSearchReceiver, body: bytes, status: int, message: str
) -> None:
    answer = posted(receiver, body)
    assert answer.status == status
    assert message in json.loads(answer.body)["error"]["reason"]
    assert receiver.indices == {}


def test_the_receiver_is_strict_about_the_envelope(receiver: OpenSearchReceiver) -> None:
    good = b'{"index":{"_index":"i"}}\n{}\n'
    assert posted(receiver, good, headers={}).status == 406
    assert posted(receiver, good, url=f"{receiver.url}/_search").status == 405
    assert posted(receiver, good, method="GET").status == 405
    assert posted(receiver, good).status == 200


def item(answer: HttpAnswer) -> dict[str, Any]:
    body = json.loads(answer.body)
    found: dict[str, Any] = next(iter(body["items"][0].values()))
    assert body["errors"] is ("error" in found)
    return found


@pytest.mark.parametrize("name", ["Pedidos", "a b", "_x", "a#b", ""])
def test_an_index_that_cannot_be_named_so(receiver: OpenSearchReceiver, name: str) -> None:
    found = item(posted(receiver, json.dumps({"index": {"_index": name}}).encode() + b"\n{}\n"))
    assert found["error"]["type"] == "invalid_index_name_exception"


def test_create_and_index_differ(receiver: OpenSearchReceiver) -> None:
    line = b'{"%s":{"_index":"i","_id":"1"}}\n{}\n'
    statuses = [
        item(posted(receiver, line % kind))["status"] for kind in (b"create", b"index", b"create")
    ]
    assert statuses == [201, 200, 409]


def test_fields_given_ahead(receivers: Receivers) -> None:
    receiver = receivers.opensearch("campos", fields={"km": "boolean", "onde": "object"})
    line = b'{"index":{"_index":"i"}}\n'
    assert item(posted(receiver, line + b'{"km":1}\n'))["status"] == 400
    reason = item(posted(receiver, line + b'{"onde":"aqui"}\n'))["error"]["reason"]
    assert reason.startswith("object mapping for [onde] tried to parse field [onde] as object")
    assert item(posted(receiver, line + b'{"km":["true",false,null]}\n'))["status"] == 201


def test_names_are_checked_and_unique(receivers: Receivers) -> None:
    receivers.opensearch("pedala")
    with pytest.raises(UsageError, match="has a receiver already"):
        receivers.opensearch("pedala")
    with pytest.raises(UsageError, match="is no name of a domain"):
        receivers.opensearch("Pedala!")
    with pytest.raises(UsageError, match="there are: pedala"):
        receivers["outro"]
    assert receivers["pedala"].name == "pedala"
    with pytest.raises(UsageError, match="names no host"):
        receivers.http("a b")
