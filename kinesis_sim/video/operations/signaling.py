"""kinesis-video-signaling's operations: relays, and an offer by a call (facts/video §7)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Pending, Request
from kinesis_sim.errors import ServiceError
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.signaling.alexa import AlexaCall
from kinesis_sim.video.signaling.messages import CLIENT, SignalRefused
from kinesis_sim.video.signaling.relays import relays

__all__ = ["get_ice_server_config", "send_alexa_offer_to_master"]


def get_ice_server_config(catalog: VideoCatalog, request: Request) -> Answer:
    """TURN servers and credentials for them, which last five minutes.

    Raises ResourceNotFoundException, InvalidClientException for an id that no client can have,
    SessionExpiredException for a viewer who has been connected for 45 minutes: AWS does not say by
    what it knows the client; its id is the model's choice, so a master, who has none, is not told.
    """
    channel = catalog.channels.find(request)
    client = request.get("ClientId", "")
    if client and not CLIENT.fullmatch(client):
        raise refusals.bad_client(client)
    if not channel.is_open:
        raise refusals.no_channel()
    peer = channel.viewers.get(client)
    if (
        peer is not None
        and catalog.now - peer.since >= catalog.limits["video.session_seconds"] * SECOND
    ):
        raise refusals.session_expired(client)
    return {"IceServerList": relays(catalog, channel.arn, client)}


def send_alexa_offer_to_master(catalog: VideoCatalog, request: Request) -> Pending:
    """Send an offer to the master, and answer with what it answers.

    Raises ResourceNotFoundException for a channel that is not there, or a master that does not
    answer; InvalidArgumentException, ClientLimitExceededException when too much waits.
    """
    channel = catalog.channels.find(request)
    sender = request["SenderClientId"]
    if not channel.is_open:
        raise refusals.no_channel()
    if not CLIENT.fullmatch(sender):
        raise refusals.invalid("SenderClientId must not begin with AWS_.")
    try:
        return AlexaCall(channel, sender, request["MessagePayload"])
    except SignalRefused as refused:
        raise ServiceError(refused.code, refused.text) from None
