"""The signaling channels of one account in one Region, and how callers find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.errors import UsageError
from kinesis_sim.video import refusals
from kinesis_sim.video.signaling.backlog import Backlog
from kinesis_sim.video.signaling.channel import SignalingChannel
from kinesis_sim.video.signaling.events import SignalingChannelChanged, SignalingPeerChanged
from kinesis_sim.video.signaling.messages import CLIENT
from kinesis_sim.video.signaling.peer import SignalingPeer

if TYPE_CHECKING:
    from kinesis_sim.video.catalog import VideoCatalog

DEFAULT_TTL = 60
"""Seconds that a message waits unless told otherwise (facts/video/7/undelivered-messages)."""
_ARN = re.compile(r"arn:[\w-]+:kinesisvideo:[\w-]+:\d{12}:channel/([\w.-]+)/\d+", re.ASCII)
_BIG_REGIONS = ("us-east-1", "us-west-2")


class SignalingChannels:
    """All of them. ``channels["name"]`` is one, for native use."""

    def __init__(self, catalog: VideoCatalog) -> None:
        self._catalog = catalog
        self._named: dict[str, SignalingChannel] = {}
        self._backlog = Backlog()

    def __getitem__(self, name: str) -> SignalingChannel:
        channel = self._named.get(name)
        if channel is None:
            known = ", ".join(sorted(self._named)) or "none yet"
            raise UsageError(f"There is no signaling channel {name!r}; the channels are: {known}.")
        return channel

    def __iter__(self) -> Iterator[SignalingChannel]:
        return iter(list(self._named.values()))

    def __len__(self) -> int:
        return len(self._named)

    def __contains__(self, name: str) -> bool:
        return name in self._named

    @property
    def most(self) -> int:
        """How many there may be."""
        big = self._catalog.region in _BIG_REGIONS
        return self._catalog.limits["video.channels" if big else "video.channels_elsewhere"]

    def find(self, request: Request) -> SignalingChannel:
        """The channel that a request names. Raises ResourceNotFoundException.

        Raises InvalidArgumentException for a request that names none, or a stream.
        """
        arn = next(
            (
                request[name]
                for name in ("ChannelARN", "channelArn", "ResourceARN")
                if name in request
            ),
            None,
        )
        name = request.get("ChannelName")
        if arn is None and name is None:
            raise refusals.invalid("Give either ChannelName or ChannelARN.")
        if arn is not None:
            match = _ARN.fullmatch(str(arn))
            if ":stream/" in str(arn):
                raise refusals.invalid(f"{arn} is not the ARN of a signaling channel.")
            name = match[1] if match and name in (None, match[1]) else None
        channel = self._named.get(str(name))
        if channel is None or (arn is not None and channel.arn != arn):
            raise refusals.no_channel()
        return channel

    # --- lives --------------------------------------------------------------------------------

    def make(self, request: Request) -> SignalingChannel:
        """Make a channel, which becomes ACTIVE after a while."""
        catalog, name = self._catalog, request["ChannelName"]
        settings = request.get("SingleMasterConfiguration") or {}
        channel = SignalingChannel(
            name=name,
            arn=f"{catalog.place}:channel/{name}/{catalog.now}",
            made=catalog.now,
            ttl=settings.get("MessageTtlSeconds", DEFAULT_TTL),
            clock=catalog.clock,
            events=catalog.events,
            new_version=catalog.new_version,
            backlog=self._backlog,
            tags={row["Key"]: row["Value"] for row in request.get("Tags") or []},
        )
        self._named[name] = channel
        self._tell(channel, None)
        catalog.clock.after(catalog.delays["video.create_channel"], lambda: self._made(channel))
        return channel

    def _made(self, channel: SignalingChannel) -> None:
        self._step(channel, "created")

    def change(self, channel: SignalingChannel, ttl: int) -> None:
        """Let messages wait for another time; it is UPDATING meanwhile."""
        channel.version = channel.new_version()
        self._step(channel, "change")

        def done() -> None:
            if self._step(channel, "changed"):
                channel.ttl = ttl

        self._catalog.clock.after(self._catalog.delays["video.update_channel"], done)

    def delete(self, channel: SignalingChannel) -> None:
        """Delete a channel; who is connected is closed at once."""
        self._step(channel, "remove")
        for peer in (*channel.peers, *channel.stored.values()):
            peer.close("channel deleted")
        delay = self._catalog.delays["video.delete_channel"]
        self._catalog.clock.after(delay, lambda: self._gone(channel))

    def _gone(self, channel: SignalingChannel) -> None:
        del self._named[channel.name]
        self._step(channel, "deleted")

    def _step(self, channel: SignalingChannel, why: str) -> bool:
        state = channel.life.state
        if why in ("created", "changed") and (state is None or channel.life.name == "DELETING"):
            return False
        was = channel.life.name
        channel.life.step(why)
        self._tell(channel, was)
        return True

    def _tell(self, channel: SignalingChannel, was: str | None) -> None:
        became = None if channel.life.state is None else channel.life.name
        self._catalog.events.append(
            SignalingChannelChanged(
                at=self._catalog.now, channel=channel.name, was=was, became=became
            )
        )

    # --- peers --------------------------------------------------------------------------------

    def connect(self, request: Request, *, master: bool) -> SignalingPeer:
        """Open a connection (facts/video/7/connect).

        Raises InvalidArgumentException, ResourceNotFoundException, and ClientLimitExceededException
        for one viewer too many.
        """
        if not request.get("ChannelARN"):
            raise refusals.invalid("The query lacks X-Amz-ChannelARN.")
        client = None if master else str(request.get("ClientId", ""))
        if client is not None and not CLIENT.fullmatch(client):
            raise refusals.invalid(
                "X-Amz-ClientId must be 1 to 256 of a-z, A-Z, 0-9, _ . -, and not begin with AWS_."
            )
        channel = self.find({"ChannelARN": request["ChannelARN"]})
        if not channel.is_open:
            raise refusals.no_channel()
        most = self._catalog.limits["video.viewers"]
        if client is not None and client not in channel.viewers and len(channel.viewers) >= most:
            self._catalog.events.append(
                SignalingPeerChanged(
                    at=self._catalog.now, channel=channel.name, client=client, became="refused"
                )
            )
            raise refusals.too_many_viewers(most)
        return SignalingPeer(channel, client, self._catalog.limits)


def connect_as_master(catalog: VideoCatalog, request: Request) -> SignalingPeer:
    """ConnectAsMaster: see ``SignalingChannels.connect``."""
    return catalog.channels.connect(request, master=True)


def connect_as_viewer(catalog: VideoCatalog, request: Request) -> SignalingPeer:
    """ConnectAsViewer: see ``SignalingChannels.connect``."""
    return catalog.channels.connect(request, master=False)
