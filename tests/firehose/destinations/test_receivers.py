"""What all receivers share: tables before anything came, and a log of what did."""

from __future__ import annotations

from kinesis_sim.firehose.destinations.registry import Receivers
from kinesis_sim.firehose.destinations.transport import HttpRequest, Transport
from tests.firehose.destinations.wire import NOW


def test_tables_have_their_columns_before_anything_came(receivers: Receivers) -> None:
    assert list(receivers.http("a").frame()) == ["at", "request_id", "data"]
    assert list(receivers.splunk("a").frame()) == ["at", "event"]
    assert list(receivers.opensearch("abc").frame()) == ["_index", "_id"]


def test_every_visit_is_noted(receivers: Receivers, transport: Transport) -> None:
    receiver = receivers.http("a", took_ms=7)
    receiver.refuse()
    request = HttpRequest("POST", receiver.url, {}, b"four", 1000)
    transport.send(request, NOW)
    assert transport.send(request, NOW + 1).took_ms == 7
    refused, wrong = receiver.visits
    assert (refused.at, refused.path, refused.bytes, refused.status) == (NOW, "/firehose", 4, 0)
    assert refused.message == "The connection was refused."
    assert (wrong.at, wrong.status) == (NOW + 1, 400)
    assert "Content-Type is None" in wrong.message


def test_receivers_are_found_by_name_and_listed(receivers: Receivers) -> None:
    made = [receivers.http("a"), receivers.serverless("b"), receivers.splunk("c")]
    assert list(receivers) == made
    assert receivers["b"] is made[1]
    assert set(receivers.hosts) == {receiver.host for receiver in made}
