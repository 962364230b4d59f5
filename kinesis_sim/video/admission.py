"""Who is let in: calls by account and by resource, players by session, media by points and bytes.

Calls: facts/video §2, 3/connection-limits, 4/limits, 7/quotas, 7/relay-rate. Archived media is not
counted by calls but by the fragments that they ask for: quota points, of which a stream has so many
a second for all (facts/video/5/shared-quota-points-per-stream). A call that alone asks for more
than a second has is let through when nothing else was asked in that second (model's choice: AWS
takes 1,000 fragments in one call and gives 500 points).

On a clock that stands still between calls the players of sessions are not counted: their time
passes, and the simulator's does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kinesis_sim.account.rates import Rates, Window
from kinesis_sim.instants import SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.events import QuotaPointsUsed

if TYPE_CHECKING:
    from kinesis_sim.account.service import Surroundings

_ARCHIVED = ("GetClip", "GetImages", "GetMediaForFragmentList", "ListFragments")
_UNCOUNTED = (*_ARCHIVED, "GetSignalingChannelEndpoint", "StorageMember")
"""Operations without a rate of their own per stream or channel; the last is nobody's call."""
_RATES = {
    "StreamingSessionURL": "session_rate",
    "ConnectAs": "connect_rate",
    "JoinStorageSession": "storage_rate",
    "StartEdgeConfiguration": "edge_rate",
    "DeleteEdgeConfiguration": "edge_rate",
}
"""Rates per stream or channel other than ``call_rate``, by a part of the operation's name."""
_OF_ACCOUNT = {
    "StreamingSessionURL": None,
    "ConnectAs": None,
    "PutMedia": None,
    "GetMedia": None,
    "StorageMember": None,
    **dict.fromkeys(_ARCHIVED),
    "StartEdgeConfiguration": "account_rare_rate",
    "DeleteEdgeConfiguration": "account_rare_rate",
    "UpdateMediaStorage": "account_rare_rate",
    "DescribeStreamStorage": "account_call_rate",
    "DescribeStream": "account_read_rate",
    "DescribeSignalingChannel": "account_read_rate",
    "GetDataEndpoint": "account_read_rate",
    "GetSignalingChannelEndpoint": "account_read_rate",
    "GetIceServerConfig": "account_relay_rate",
    "SendAlexaOffer": "account_relay_rate",
}
"""Rates per account other than ``account_call_rate``; None for none. The first part that fits."""
PLAYERS_SECONDS = 10
"""Over how long what a player fetches is counted (model's choice).

A player fills its buffer at once, and on one machine nothing slows it down as the way to AWS does;
one that is refused gives up.
"""
_OF_SESSION = {
    "getMP4MediaFragment.mp4": "segment_rate",
    "getTSFragment.ts": "segment_rate",
}
"""Rates per playback session other than ``playlist_rate``."""


class Admission:
    """The counters of one account in one Region."""

    def __init__(self, around: Surroundings) -> None:
        self._limits, self._clock, self._events = around.limits, around.clock, around.events
        self._calls, self._pages = Rates(), Rates(PLAYERS_SECONDS * SECOND)
        self._points: dict[tuple[str, str], Window] = defaultdict(Window)
        self._busy: dict[str, list[int]] = {}

    def call(self, operation: str, resource: str | None) -> None:
        """Count a call. resource: the stream or channel that it names, None for none.

        Raises ClientLimitExceededException.
        """
        if not self._limits.throttling:
            return
        if resource is not None and not operation.startswith(("Create", *_UNCOUNTED)):
            quota = _fitting(operation, _RATES, "call_rate")
            self._count(operation, resource, quota or "call_rate")
        quota = _fitting(operation, _OF_ACCOUNT, "account_call_rate")
        if quota is not None:
            self._count(operation, "", quota)

    def page(self, session: str, name: str) -> None:
        """Count what a player fetches in a session. Raises ClientLimitExceededException."""
        if not self._limits.throttling or self._clock.is_manual:
            return
        most = self._limits[f"video.{_OF_SESSION.get(name, 'playlist_rate')}"] * PLAYERS_SECONDS
        if not self._pages.admit((name, session), most, self._clock.now):
            raise refusals.too_many_calls(name)

    def _count(self, what: str, whose: str, quota: str) -> None:
        most = self._limits[f"video.{quota}"]
        if not self._calls.admit((what, whose), most, self._clock.now):
            raise refusals.too_many_calls(what, _name(whose))

    def points(
        self, stream: str, api: str, *, metadata: int = 0, media: int = 0, played: bool = False
    ) -> None:
        """Use quota points of a stream. played: by the player of a session.

        Raises ClientLimitExceededException when the stream has too few left in this second.
        """
        asked = {"metadata": metadata, "media": media}
        counted = self._limits.throttling and not (played and self._clock.is_manual)
        if counted:
            for kind, amount in asked.items():
                used = self._points[stream, kind].at(self._clock.now)
                if amount and used and used + amount > self._limits[f"video.{kind}_point_rate"]:
                    raise refusals.too_many_points(api, kind)
            for kind, amount in asked.items():
                self._points[stream, kind].add(self._clock.now, amount)
        self._events.append(
            QuotaPointsUsed(
                at=self._clock.now, stream=stream, api=api, metadata=metadata, media=media
            )
        )

    def connection(self, stream: str, size: int) -> None:
        """Take a connection of GetMediaForFragmentList for as long as so many bytes take to leave.

        AWS counts connections, and an answer here leaves at once: it is taken to last as long as
        the bandwidth of one lets it (model's choice). Raises ClientLimitExceededException, the one
        that botocore's model declares.
        """
        if not self._limits.throttling:
            return
        now = self._clock.now
        busy = [end for end in self._busy.get(stream, ()) if end > now]
        most = self._limits["video.list_connections"]
        if len(busy) >= most:
            raise refusals.too_many_lists(most)
        lasts = size * SECOND // self._limits["video.list_byte_rate"]
        self._busy[stream] = [*busy, now + lasts]

    def forget(self, stream: str) -> None:
        """A stream is gone."""
        self._busy.pop(stream, None)
        for kind in ("metadata", "media"):
            self._points.pop((stream, kind), None)


def _name(resource: str) -> str:
    """The name in an ARN of a stream or channel; a name as it is."""
    pieces = resource.split("/")
    return pieces[1] if len(pieces) > 1 else resource


def _fitting(operation: str, rates: Mapping[str, str | None], other: str) -> str | None:
    return next((quota for part, quota in rates.items() if part in operation), other)
