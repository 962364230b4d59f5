"""Proofs about signaling channels: who hears whom, for how long, and what storing takes."""

from __future__ import annotations

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import came_true, refusal, simulator
from kinesis_sim.instants import SECOND
from kinesis_sim.workloads.scenes.doorbell import CallPeer, Doorbell, crowd, mapped


def _bell() -> tuple[Simulator, Doorbell]:
    sim = simulator()
    return sim, Doorbell(sim)


def _senders(peer: CallPeer) -> list[str | None]:
    return [each.sender for each in peer.heard]


def nobody_home() -> tuple[str, ...]:
    """An offer, and a master 90 seconds later; what either hears, and whether it can be resent."""
    sim, bell = _bell()
    ana = bell.viewer("ana")
    ana.send("SDP_OFFER", "offer", correlation="id-1")
    said = ana.kinds()
    sim.advance(seconds=90)
    heard = bell.master().kinds()
    ana.offer()
    again = bell.masters[-1].kinds()
    return came_true(
        {
            "gone": not heard and again == ["SDP_OFFER"],
            "refused": bool(said),
            "delivered": bool(heard),
            "stream": bool(sim.video.streams),
        }
    )


def new_master() -> tuple[str, ...]:
    """A second connection as master; who gets the next offer."""
    _, bell = _bell()
    old, new = bell.master(), bell.master()
    bell.viewer("ana").offer()
    return came_true(
        {
            "refuse": not new.connected,
            "newest": not old.connected and new.kinds() == ["SDP_OFFER"],
            "both": old.connected and new.connected,
            "viewer": bool(bell.sim.video.channels[bell.name].viewers.keys() - {"ana"}),
        }
    )


def keep_calls() -> tuple[str, ...]:
    """What a storage session fails without, and what it does not need."""
    sim, bell = _bell()
    storage = sim.client("kinesis-video-webrtc-storage")
    master = bell.master()
    unmapped = refusal(storage.join_storage_session, channelArn=bell.arn)
    keeps_nothing = mapped(bell, "empty")
    keeps = mapped(bell, "calls", DataRetentionInHours=720)
    before = master.kinds()
    storage.join_storage_session(channelArn=bell.arn)
    joined = master.kinds()
    return came_true(
        {
            "mapped": bool(unmapped),
            "longttl": sim.video.channels[bell.name].ttl == 120,
            "retention": (keeps_nothing, keeps) == ("NoDataRetentionException", "ENABLED"),
            "firehose": len(sim.firehose) > 0,
            "join": not before and joined == ["SDP_OFFER"],
        }
    )


def eleventh() -> tuple[str, ...]:
    """Ten viewers and one more."""
    _, bell = _bell()
    refused = crowd(bell, 11)
    viewers = bell.sim.video.channels[bell.name].viewers
    return came_true(
        {
            "oldest": not bell.viewers["rider-0"].connected,
            "waits": "rider-10" in viewers,
            "master": bell.sim.video.channels[bell.name].master is not None,
            "refused": refused == ["ClientLimitExceededException"] and len(viewers) == 10,
        }
    )


def no_word() -> tuple[str, ...]:
    """A message that is refused, without and with an id; and what else could tell of it."""
    sim, bell = _bell()
    master = bell.master()
    master.send("SDP_ANSWER", "answer", to="not a client")
    without = master.kinds()
    master.send("SDP_ANSWER", "answer", to="not a client", correlation="id-1")
    row = sim.client("kinesisvideo").describe_signaling_channel(ChannelARN=bell.arn)
    call = sim.client("kinesis-video-signaling").meta.service_model.operation_model(
        "SendAlexaOfferToMaster"
    )
    return came_true(
        {
            "correlation": not without and master.kinds() == ["STATUS_RESPONSE"],
            "describe": "id-1" in str(row["ChannelInfo"]),
            "http": any("HTTP" in str(each) for each in master.heard),
            "alexa": "RecipientClientId" in call.input_shape.members,
        }
    )


def strict_firewall() -> tuple[str, ...]:
    """Which of four gives a viewer another way for media, the messages having come through."""
    sim, bell = _bell()
    bell.master()
    ana = bell.viewer("ana")
    ana.offer()
    bell.masters[0].answer("ana")
    servers = sim.client("kinesis-video-signaling").get_ice_server_config(ChannelARN=bell.arn)
    uris = [uri for server in servers["IceServerList"] for uri in server["Uris"]]
    return came_true(
        {
            "stun": any(uri.startswith("stun:") for uri in uris),
            "ttl": "SDP_ANSWER" not in ana.kinds(),
            "viewers": not ana.connected,
            "turn": any(uri.startswith(("turn:", "turns:")) for uri in uris),
        }
    )


def between_viewers() -> tuple[str, ...]:
    """A viewer that names another viewer."""
    _, bell = _bell()
    master, ana, bia = bell.master(), bell.viewer("ana"), bell.viewer("bia")
    ana.candidate("bia")
    heard = {"bia": _senders(bia), "master": _senders(master), "ana": _senders(ana)}
    return came_true(
        {
            "bia": heard["bia"] == ["ana"],
            "master": heard["master"] == ["ana"] and not heard["bia"],
            "everyone": all(heard.values()),
            "nobody": not any(heard.values()),
        }
    )


def after_an_hour() -> tuple[str, ...]:
    """A busy master for an hour and two minutes; and one that connects anew in time."""
    sim, bell = _bell()
    master, ana = bell.master(), bell.viewer("ana")
    for _ in range(12):
        sim.advance(minutes=5)
        if ana.connected:
            ana.candidate()
    told = [kind for kind in master.kinds() if kind != "ICE_CANDIDATE"]
    sim.advance(seconds=30)
    new = bell.master()
    sim.advance(minutes=2)
    stayed = new.connected
    left = Doorbell(sim, "left-alone")
    alone, talker = left.master(), left.viewer("ana")
    for _ in range(12):
        sim.advance(minutes=5)
        talker.candidate()
    sim.advance(minutes=1)
    return came_true(
        {
            "ice": told == ["RECONNECT_ICE_SERVER"],
            "nothing": alone.connected,
            "reconnect": told == ["GO_AWAY"] and not alone.connected and stayed,
            "recreate": bell.name not in sim.video.channels,
        }
    )


def two_roads() -> tuple[str, ...]:
    """V10: what goes from a rider to a guard and back, at once, by each of four ways."""
    sim, bell = _bell()
    guard, ana = bell.master(), bell.viewer("ana")
    begin = sim.clock.now
    ana.offer()
    asked = guard.kinds()
    guard.answer("ana")
    both = asked == ["SDP_OFFER"] and ana.kinds() == ["SDP_ANSWER"]
    archived = "kinesis-video-archived-media"
    return came_true(
        {
            "getmedia": _takes_media(sim, "kinesis-video-media", "GetMedia"),
            "hls": _takes_media(sim, archived, "GetHLSStreamingSessionURL"),
            "webrtc": both and sim.clock.now - begin < SECOND,
            "firehose": _gives(sim, "firehose"),
        }
    )


def _takes_media(sim: Simulator, service: str, operation: str) -> bool:
    """Whether a call that fetches media could also send some: its request holds bytes."""
    model = sim.client(service).meta.service_model.operation_model(operation)
    return any(shape.type_name == "blob" for shape in model.input_shape.members.values())


def _gives(sim: Simulator, service: str) -> bool:
    """Whether what was put into a service can be fetched from it."""
    operations = sim.client(service).meta.service_model.operation_names
    return any(name.startswith(("Get", "Read", "Receive")) for name in operations)
