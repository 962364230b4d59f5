"""What passes through a signaling channel: to whom, for how long, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim import Simulator
from kinesis_sim.errors import ServiceError
from kinesis_sim.video.signaling import backlog
from kinesis_sim.video.signaling.events import (
    SignalingChannelChanged,
    SignalingPeerChanged,
    SignalPassed,
)
from kinesis_sim.video.signaling.messages import SignalRefused, read
from kinesis_sim.video.states import SIGNALING_CHANNEL
from tests.video.calls import channel, connect, heard, say, told


def refused(sim: Simulator, arn: str, client: str | None = None) -> tuple[str, int]:
    with pytest.raises(ServiceError) as error:
        connect(sim, arn, client)
    return error.value.code, error.value.status


def test_an_offer_is_answered_through_the_channel(sim: Simulator) -> None:
    arn = channel(sim)
    master, viewer = connect(sim, arn), connect(sim, arn, "ana")
    say(viewer, "SDP_OFFER", {"type": "offer"})
    assert heard(master) == [("SDP_OFFER", "ana", {"type": "offer"})]
    say(master, "SDP_ANSWER", {"type": "answer"}, recipientClientId="ana")
    say(master, "ICE_CANDIDATE", {"candidate": "1"}, recipientClientId="ana")
    assert heard(viewer) == [
        ("SDP_ANSWER", None, {"type": "answer"}),
        ("ICE_CANDIDATE", None, {"candidate": "1"}),
    ]


def test_a_message_reaches_nobody_else(sim: Simulator) -> None:
    arn = channel(sim)
    master, ana, bia = connect(sim, arn), connect(sim, arn, "ana"), connect(sim, arn, "bia")
    say(ana, "SDP_OFFER", 1, recipientClientId="bia")  # a recipient that a viewer names is ignored
    say(master, "SDP_ANSWER", 2, recipientClientId="bia")
    assert heard(master) == [("SDP_OFFER", "ana", 1)]
    assert heard(bia) == [("SDP_ANSWER", None, 2)]
    assert heard(ana) == []


def test_an_offer_waits_for_the_master_as_long_as_the_channel_says(sim: Simulator) -> None:
    arn = channel(sim, SingleMasterConfiguration={"MessageTtlSeconds": 30})
    viewer = connect(sim, arn, "ana")
    say(viewer, "SDP_OFFER", "late")
    sim.advance(seconds=29)
    say(viewer, "SDP_OFFER", "in time")
    sim.advance(seconds=1)
    assert heard(connect(sim, arn)) == [("SDP_OFFER", "ana", "in time")]
    became = [(e.became, e.at - e.sent) for e in sim.events.of(SignalPassed)]
    assert became == [("kept", 0), ("kept", 0), ("expired", 30_000), ("delivered", 1_000)]


def test_what_waited_comes_in_its_order_and_once(sim: Simulator) -> None:
    arn = channel(sim)
    master = connect(sim, arn)
    for number in range(5):
        say(master, "ICE_CANDIDATE", number, recipientClientId="ana")
    assert sim.video.channels["doorbell"].waiting == 5
    assert [row[2] for row in heard(connect(sim, arn, "ana"))] == [0, 1, 2, 3, 4]
    assert heard(connect(sim, arn, "ana")) == []
    assert sim.video.channels["doorbell"].waiting == 0


@pytest.mark.parametrize("client", [None, "ana"])
def test_the_newest_connection_wins(sim: Simulator, client: str | None) -> None:
    arn = channel(sim)
    first, second = connect(sim, arn, client), connect(sim, arn, client)
    assert (first.ended, second.ended) == (True, False)
    other = connect(sim, arn, "bia" if client is None else None)
    say(other, "SDP_OFFER", 1, recipientClientId="ana")
    assert heard(first) == []
    assert len(heard(second)) == 1
    assert [e.why for e in sim.events.of(SignalingPeerChanged) if e.became == "gone"] == [
        "taken over"
    ]


def test_a_channel_takes_ten_viewers(sim: Simulator) -> None:
    arn = channel(sim)
    for number in range(10):
        connect(sim, arn, f"viewer-{number}")
        sim.advance(seconds=1)
    assert refused(sim, arn, "one-more") == ("ClientLimitExceededException", 400)
    connect(sim, arn, "viewer-3")  # one who comes again takes its own place
    connect(sim, arn)
    sim.video.channels["doorbell"].viewers["viewer-3"].close("left")
    sim.advance(seconds=1)
    connect(sim, arn, "one-more")


def test_three_connections_a_second_and_no_more(sim: Simulator) -> None:
    arn = channel(sim)
    for number in range(3):
        connect(sim, arn, f"viewer-{number}")
    assert refused(sim, arn, "one-more") == ("ClientLimitExceededException", 400)
    sim.advance(seconds=1)
    connect(sim, arn, "one-more")


@pytest.mark.parametrize("client", ["AWS_me", "aws_me", "a b", "", "é", "x" * 257])
def test_a_client_cannot_be_called_anything(sim: Simulator, client: str) -> None:
    assert refused(sim, channel(sim), client) == ("InvalidArgumentException", 400)


def test_who_names_no_channel_is_refused(sim: Simulator) -> None:
    arn = channel(sim)
    assert refused(sim, "") == ("InvalidArgumentException", 400)
    assert refused(sim, arn + "0") == ("ResourceNotFoundException", 404)
    assert refused(sim, "doorbell") == ("ResourceNotFoundException", 404)


# --- what is wrong with a message -----------------------------------------------------------------


def status(peer: Any) -> tuple[str, str, str]:
    """The one STATUS_RESPONSE that is due."""
    (row,) = told(peer)
    assert row["messageType"] == "STATUS_RESPONSE"
    found = row["statusResponse"]
    assert found["description"]
    return found["correlationId"], found["errorType"], found["statusCode"]


@pytest.mark.parametrize(
    ("action", "payload", "more"),
    [
        ("SDP_OFFER", "x" * 10_001, {"recipientClientId": "ana"}),
        ("SDP_OFFER", "not base64!", {"recipientClientId": "ana"}),
        ("SDP_OFFER", "", {"recipientClientId": "ana"}),
        ("GO_AWAY", "aGk=", {"recipientClientId": "ana"}),
        ("SDP_ANSWER", "aGk=", {}),
        ("SDP_ANSWER", "aGk=", {"recipientClientId": "AWS_me"}),
    ],
)
def test_what_is_wrong_is_said_to_who_gave_an_id(
    sim: Simulator, action: str, payload: str, more: dict[str, str]
) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    message = {"action": action, "messagePayload": payload, **more}
    master.take(json.dumps(message).encode())
    assert told(master) == []
    master.take(json.dumps({**message, "correlationId": "mine-1"}).encode())
    assert status(master) == ("mine-1", "InvalidArgumentException", "400")
    assert told(ana) == []


def test_the_longest_payload_passes(sim: Simulator) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    ana.take(json.dumps({"action": "SDP_OFFER", "messagePayload": "x" * 10_000}).encode())
    assert [len(row["messagePayload"]) for row in told(master)] == [10_000]


@pytest.mark.parametrize(("more", "why"), [(0, "is no JSON"), (1, "is too long")])
def test_a_message_has_four_kilobytes_around_its_payload(more: int, why: str) -> None:
    with pytest.raises(SignalRefused, match=why):
        read(b"x" * (10_000 + 4_096 + more), 10_000)


@pytest.mark.parametrize(("action", "most"), [("SDP_OFFER", 5), ("ICE_CANDIDATE", 20)])
def test_messages_are_rated_per_connection(sim: Simulator, action: str, most: int) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    for number in range(most + 1):
        say(ana, action, number, correlationId=f"n{number}")
    assert status(ana) == (f"n{most}", "ClientLimitExceededException", "400")
    say(connect(sim, arn, "bia"), action)
    assert len(told(master)) == most + 1
    sim.advance(seconds=1)
    say(ana, action)
    assert len(told(master)) == 1


def test_no_more_waits_than_may(sim: Simulator) -> None:
    sim = Simulator(latency=None, limits="off")
    arn = channel(sim)
    master = connect(sim, arn)
    for number in range(1_001):
        say(master, "ICE_CANDIDATE", number, recipientClientId="ana", correlationId=f"n{number}")
    assert status(master) == ("n1000", "ClientLimitExceededException", "400")


def test_who_reads_too_slowly_is_let_go() -> None:
    sim = Simulator(latency=None, limits="off")
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    for _ in range(1_000):
        say(ana, "ICE_CANDIDATE")
    assert not master.ended
    say(ana, "ICE_CANDIDATE")
    assert master.ended
    assert told(master) == []


def test_who_leaves_most_unread_of_all_channels_is_let_go_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A thousand messages of 10,000 characters in each of thousands of channels filled memory."""
    monkeypatch.setattr(backlog, "BACKLOG_MOST", 1_000)
    sim = Simulator(latency=None, limits="off")
    slow, other = channel(sim, "slow"), channel(sim, "other")
    sleeper, ana = connect(sim, slow), connect(sim, slow, "ana")
    reader, bia = connect(sim, other), connect(sim, other, "bia")
    for number in range(40):
        say(ana, "ICE_CANDIDATE", "x" * 50)
        say(bia, "ICE_CANDIDATE", number)
        assert heard(reader) == [("ICE_CANDIDATE", "bia", number)]
    assert sleeper.ended
    assert told(sleeper) == []
    assert not reader.ended
    assert not ana.ended
    for peer in (ana, bia, reader):
        told(peer)
    assert sim.services["kinesisvideo"].state.channels["slow"].backlog.unread == 0


def test_what_waits_in_all_channels_has_one_limit_and_expires_from_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backlog, "BACKLOG_MOST", 300)
    sim = Simulator(latency=None, limits="off")
    one, other = channel(sim, "one"), channel(sim, "other")
    master, second = connect(sim, one), connect(sim, other)
    say(master, "ICE_CANDIDATE", "x" * 160, recipientClientId="ana", correlationId="kept")
    say(second, "ICE_CANDIDATE", "x" * 160, recipientClientId="bia", correlationId="full")
    assert told(master) == []
    assert status(second) == ("full", "ClientLimitExceededException", "400")
    sim.advance(hours=1)
    again = connect(sim, other)
    say(again, "ICE_CANDIDATE", "x" * 160, recipientClientId="bia", correlationId="room")
    assert told(again) == []
    assert len(heard(connect(sim, other, "bia"))) == 1
    assert sim.services["kinesisvideo"].state.channels["one"].backlog.kept == 0


def test_32_mib_may_wait_for_those_who_are_not_connected() -> None:
    waiting, most = backlog.Backlog(), 32 * 1024 * 1024
    assert waiting.has_room(most)
    assert not waiting.has_room(most + 1)
    waiting.keep(1)
    assert not waiting.has_room(most)


@pytest.mark.parametrize(("messages", "left"), [(2, 2), (60, 0)])
def test_who_is_closed_reads_what_is_left_if_it_is_not_much(messages: int, left: int) -> None:
    sim = Simulator(latency=None, limits="off")
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    for _ in range(messages):
        say(ana, "SDP_OFFER", "x" * 600)
    connect(sim, arn)  # takes the first one's place
    assert sim.services["kinesisvideo"].state.channels["doorbell"].backlog.unread == 0
    assert len(told(master)) == left


DEEP = b"[" * 4_000 + b"]" * 4_000
PARTS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"null", b"[]", b'"a"', b"1e999", b"\xff", DEEP, b'{"a":' * 3_000]),
    st.dictionaries(
        st.sampled_from(["action", "messagePayload", "recipientClientId", "correlationId"]),
        st.one_of(
            st.sampled_from(["SDP_OFFER", "ICE_CANDIDATE", "ana", "aGk=", "\ud800", "\0"]),
            st.none(),
            st.integers(),
            st.lists(st.integers(), max_size=2),
            st.text(max_size=20),
        ),
    ).map(lambda said: json.dumps(said).encode()),
)


@given(st.lists(PARTS, max_size=8), st.booleans())
def test_a_strangers_messages_do_no_harm(parts: list[bytes], is_master: bool) -> None:
    sim = Simulator(latency=None)
    arn = channel(sim)
    stranger, other = connect(sim, arn, None if is_master else "ana"), connect(sim, arn, "bia")
    for part in parts:
        stranger.take(part)
        sim.advance(seconds=1)
    assert all(row["messageType"] for row in told(stranger) + told(other))
    assert not stranger.ended


# --- how connections end --------------------------------------------------------------------------


def test_a_connection_lasts_an_hour_and_the_grace_of_a_minute(sim: Simulator) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    for _ in range(12):
        sim.advance(minutes=5)
        say(ana, "ICE_CANDIDATE")
    assert [row[0] for row in heard(master)].count("GO_AWAY") == 1
    sim.advance(seconds=59)
    assert (master.ended, ana.ended) == (False, False)
    sim.advance(seconds=1)
    assert (master.ended, ana.ended) == (True, True)
    connect(sim, arn)


def test_a_connection_over_which_nothing_goes_is_closed(sim: Simulator) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    sim.advance(minutes=9)
    say(ana, "SDP_OFFER")
    sim.advance(minutes=1)
    assert (master.ended, ana.ended) == (False, False)
    sim.advance(minutes=8, seconds=59)
    assert not ana.ended
    sim.advance(seconds=1)
    assert (master.ended, ana.ended) == (True, True)
    assert {e.why for e in sim.events.of(SignalingPeerChanged) if e.became == "gone"} == {"idle"}


def test_the_service_may_ask_for_new_relays(sim: Simulator) -> None:
    arn = channel(sim)
    ana = connect(sim, arn, "ana")
    sim.video.channels["doorbell"].viewers["ana"].reconnect_ice()
    assert [row["messageType"] for row in told(ana)] == ["RECONNECT_ICE_SERVER"]
    assert not ana.ended


def test_deleting_a_channel_closes_its_peers(sim: Simulator) -> None:
    arn = channel(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    sim.client("kinesisvideo").delete_signaling_channel(ChannelARN=arn)
    assert (master.ended, ana.ended) == (True, True)
    assert refused(sim, arn) == ("ResourceNotFoundException", 404)


def test_every_step_of_a_channels_life_is_taken() -> None:
    sim = Simulator(latency=None)
    api = sim.client("kinesisvideo")
    arns = {
        name: api.create_signaling_channel(ChannelName=name)["ChannelARN"] for name in ("a", "b")
    }
    api.delete_signaling_channel(ChannelARN=arns["a"])
    sim.advance(minutes=1)
    for _ in range(2):
        version = api.describe_signaling_channel(ChannelARN=arns["b"])["ChannelInfo"]["Version"]
        api.update_signaling_channel(
            ChannelARN=arns["b"],
            CurrentVersion=version,
            SingleMasterConfiguration={"MessageTtlSeconds": 60},
        )
        seen = {(e.was, e.became) for e in sim.events.of(SignalingChannelChanged)}
        if ("UPDATING", "ACTIVE") in seen:
            api.delete_signaling_channel(ChannelARN=arns["b"])
        sim.advance(minutes=1)
    api.create_signaling_channel(ChannelName="c")
    sim.advance(minutes=1)
    api.delete_signaling_channel(
        ChannelARN=api.list_signaling_channels()["ChannelInfoList"][0]["ChannelARN"]
    )
    sim.advance(minutes=1)
    seen = {(e.was, e.became) for e in sim.events.of(SignalingChannelChanged)} - {
        (None, "CREATING")
    }
    assert seen == {(a.value, None if b is None else b.value) for a, _, b in SIGNALING_CHANNEL}
