"""Signaling channels as boto3 sees them: lives, endpoints, relays, tags, storage."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.video.hosts import is_host
from kinesis_sim.video.signaling.relays import stun
from tests.video.calls import channel, connect, heard, say, told
from tests.video.media import NAME


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"])


def test_a_channel_is_described_and_listed(sim: Simulator, video: Any) -> None:
    arn = channel(sim, "porta", SingleMasterConfiguration={"MessageTtlSeconds": 30})
    channel(sim, "jardim")
    (row,) = video.list_signaling_channels(
        ChannelNameCondition={"ComparisonOperator": "BEGINS_WITH", "ComparisonValue": "po"}
    )["ChannelInfoList"]
    assert row == video.describe_signaling_channel(ChannelName="porta")["ChannelInfo"]
    assert (row["ChannelARN"], row["ChannelStatus"], row["ChannelType"]) == (
        arn,
        "ACTIVE",
        "SINGLE_MASTER",
    )
    assert row["SingleMasterConfiguration"] == {"MessageTtlSeconds": 30}
    pages = video.get_paginator("list_signaling_channels").paginate(MaxResults=1)
    assert [each["ChannelInfoList"][0]["ChannelName"] for each in pages] == ["jardim", "porta"]


def test_a_change_of_the_ttl_is_in_force_when_it_is_active_again(
    sim: Simulator, video: Any
) -> None:
    arn = channel(sim)
    version = video.describe_signaling_channel(ChannelARN=arn)["ChannelInfo"]["Version"]
    video.update_signaling_channel(
        ChannelARN=arn,
        CurrentVersion=version,
        SingleMasterConfiguration={"MessageTtlSeconds": 5},
    )
    seen = video.describe_signaling_channel(ChannelARN=arn)["ChannelInfo"]
    assert (seen["ChannelStatus"], seen["Version"] != version) == ("UPDATING", True)
    connect(sim, arn)  # a change does not stop peers
    sim.advance(seconds=10)
    seen = video.describe_signaling_channel(ChannelARN=arn)["ChannelInfo"]
    assert seen["SingleMasterConfiguration"] == {"MessageTtlSeconds": 5}


def test_every_role_and_protocol_has_an_address_of_its_own(sim: Simulator, video: Any) -> None:
    arn = channel(sim)
    found = {
        role: {
            row["Protocol"]: row["ResourceEndpoint"]
            for row in video.get_signaling_channel_endpoint(
                ChannelARN=arn,
                SingleMasterChannelEndpointConfiguration={
                    "Protocols": ["WSS", "HTTPS"],
                    "Role": role,
                },
            )["ResourceEndpointList"]
        }
        for role in ("MASTER", "VIEWER")
    }
    places = [url for row in found.values() for url in row.values()]
    assert len(set(places)) == 4
    assert all(is_host(url.partition("://")[2]) for url in places)
    assert found["MASTER"]["WSS"].startswith("wss://m-")
    assert found["VIEWER"]["WSS"].startswith("wss://v-")


def test_relays_come_with_credentials_for_five_minutes(sim: Simulator) -> None:
    arn = channel(sim)
    api = sim.client("kinesis-video-signaling")
    ana = api.get_ice_server_config(ChannelARN=arn, ClientId="ana")["IceServerList"]
    bia = api.get_ice_server_config(ChannelARN=arn, ClientId="bia")["IceServerList"]
    assert [row["Ttl"] for row in ana] == [300, 300]
    assert all(uri.startswith(("turn:", "turns:")) for row in ana for uri in row["Uris"])
    assert ana != bia
    sim.advance(minutes=5)
    assert api.get_ice_server_config(ChannelARN=arn, ClientId="ana")["IceServerList"] != ana
    assert stun("eu-west-1") == "stun:stun.kinesisvideo.eu-west-1.amazonaws.com:443"


def test_an_account_has_so_many_channels() -> None:
    for region, quota in (("us-east-1", "channels"), ("eu-west-1", "channels_elsewhere")):
        sim = Simulator(latency=None, region=region, limits={f"video.{quota}": 1})
        channel(sim, "a")
        api = sim.client("kinesisvideo")
        assert code(api.create_signaling_channel, ChannelName="b") == (
            "AccountChannelLimitExceededException"
        )


def test_tags_of_a_channel(sim: Simulator, video: Any) -> None:
    arn = channel(sim, Tags=[{"Key": "a", "Value": "1"}])
    video.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    video.untag_resource(ResourceARN=arn, TagKeyList=["a", "z"])
    assert video.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


# --- an offer by a call ---------------------------------------------------------------------------


def test_an_offer_by_a_call_is_given_up_with_its_ttl(sim: Simulator) -> None:
    arn = channel(sim)
    api, begin = sim.client("kinesis-video-signaling"), sim.clock.now
    assert (
        code(
            api.send_alexa_offer_to_master,
            ChannelARN=arn,
            SenderClientId="alexa",
            MessagePayload="aGk=",
        )
        == "ResourceNotFoundException"
    )
    assert sim.clock.now - begin == 60_000
    assert sim.video.channels["doorbell"].callers == {}


def test_the_masters_answer_ends_the_call(sim: Simulator) -> None:
    arn = channel(sim)
    master = connect(sim, arn)
    pending = sim.gate.begin(
        "kinesis-video-signaling",
        "SendAlexaOfferToMaster",
        {"ChannelARN": arn, "SenderClientId": "alexa", "MessagePayload": "aGk="},
    )
    assert not isinstance(pending, dict)
    assert pending.attempt(sim.clock.now) is None
    assert [row["senderClientId"] for row in told(master)] == ["alexa"]
    say(master, "SDP_ANSWER", "yes", recipientClientId="alexa")
    answer = pending.attempt(sim.clock.now)
    assert answer is not None
    assert json.loads(b64decode(answer["Answer"])) == "yes"


# --- storage --------------------------------------------------------------------------------------


def stored(sim: Simulator) -> str:
    """A channel whose media the tests' stream is to keep."""
    pytest.importorskip("aiortc")
    arn, video = channel(sim), sim.client("kinesisvideo")
    stream = video.describe_stream(StreamName=NAME)["StreamInfo"]["StreamARN"]
    video.update_media_storage_configuration(
        ChannelARN=arn, MediaStorageConfiguration={"Status": "ENABLED", "StreamARN": stream}
    )
    return arn


def test_a_channel_is_mapped_to_one_stream_and_back(sim: Simulator, video: Any) -> None:
    arn = stored(sim)
    stream = video.describe_stream(StreamName=NAME)["StreamInfo"]["StreamARN"]
    assert video.describe_media_storage_configuration(ChannelName="doorbell")[
        "MediaStorageConfiguration"
    ] == {"Status": "ENABLED", "StreamARN": stream}
    assert video.describe_mapped_resource_configuration(StreamName=NAME)[
        "MappedResourceConfigurationList"
    ] == [{"Type": "SIGNALING_CHANNEL", "ARN": arn}]
    other = channel(sim, "other")
    enabled = {"Status": "ENABLED", "StreamARN": stream}
    change = video.update_media_storage_configuration
    assert code(change, ChannelARN=other, MediaStorageConfiguration=enabled) == (
        "ResourceInUseException"
    )
    change(ChannelARN=arn, MediaStorageConfiguration={"Status": "DISABLED"})
    change(ChannelARN=other, MediaStorageConfiguration=enabled)
    assert video.describe_media_storage_configuration(ChannelARN=arn)[
        "MediaStorageConfiguration"
    ] == {"Status": "DISABLED"}


def test_the_service_offers_who_joins_the_storage_session(sim: Simulator) -> None:
    arn, api = stored(sim), sim.client("kinesis-video-webrtc-storage")
    assert code(api.join_storage_session, channelArn=arn) == "ResourceNotFoundException"
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    api.join_storage_session(channelArn=arn)
    api.join_storage_session_as_viewer(channelArn=arn, clientId="ana")
    ((kind, sender, offer),) = heard(master)
    assert (kind, sender, offer["type"]) == ("SDP_OFFER", None, "offer")
    assert "H264/90000" in offer["sdp"]
    assert "opus/48000/2" in offer["sdp"]
    ((_, _, sound),) = heard(ana)
    assert "a=recvonly" not in sound["sdp"].partition("m=video")[2], "pictures come from the master"
    say(master, "SDP_ANSWER", {"type": "answer"}, recipientClientId="AWS_SERVICE")
    assert told(master) == []


def test_with_storage_a_viewer_does_not_offer_to_the_master(sim: Simulator) -> None:
    arn = stored(sim)
    master, ana = connect(sim, arn), connect(sim, arn, "ana")
    say(ana, "SDP_OFFER", {}, correlationId="x")
    assert told(master) == []
    ((status),) = told(ana)
    assert status["statusResponse"]["errorType"] == "InvalidArgumentException"


def test_three_viewers_are_in_a_storage_session_until_they_are_silent(sim: Simulator) -> None:
    arn, api = stored(sim), sim.client("kinesis-video-webrtc-storage")
    for number in range(4):
        connect(sim, arn, f"v{number}")
        sim.advance(seconds=1)
    join = api.join_storage_session_as_viewer
    for number in range(3):
        join(channelArn=arn, clientId=f"v{number}")
        sim.advance(seconds=1)
    join(channelArn=arn, clientId="v2")  # its own place
    assert code(join, channelArn=arn, clientId="v3") == "ClientLimitExceededException"
    sim.advance(seconds=56)
    assert code(join, channelArn=arn, clientId="v3") == "ClientLimitExceededException"
    sim.advance(seconds=1)
    join(channelArn=arn, clientId="v3")


def test_a_master_that_sends_nothing_leaves_the_session_after_three_minutes(
    sim: Simulator,
) -> None:
    arn = stored(sim)
    connect(sim, arn)
    sim.client("kinesis-video-webrtc-storage").join_storage_session(channelArn=arn)
    door = sim.video.channels["doorbell"]
    sim.advance(seconds=179)
    assert list(door.stored) == [None]
    sim.advance(seconds=1)
    assert list(door.stored) == []


def test_a_viewer_of_45_minutes_must_connect_anew_for_relays(sim: Simulator) -> None:
    arn = channel(sim)
    signaling = sim.client("kinesis-video-signaling")
    peers = connect(sim, arn), connect(sim, arn, "ana")
    for _ in range(9):
        signaling.get_ice_server_config(ChannelARN=arn, ClientId="ana")
        sim.advance(minutes=5)
        for peer in peers:
            say(peer, "ICE_CANDIDATE", recipientClientId="ana")
    with pytest.raises(ClientError, match="SessionExpiredException"):
        signaling.get_ice_server_config(ChannelARN=arn, ClientId="ana")
    assert signaling.get_ice_server_config(ChannelARN=arn)["IceServerList"], "the master"
    connect(sim, arn, "ana")
    assert signaling.get_ice_server_config(ChannelARN=arn, ClientId="ana")["IceServerList"]
