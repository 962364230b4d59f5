"""Playback sessions: what HLS and DASH players see of a stream, and until when.

The rules are those of facts/video §5. A session's address is a bearer token: who has it may play.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING

from kinesis_sim.account.calls import Request
from kinesis_sim.instants import HOUR, SECOND
from kinesis_sim.video import refusals
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import PlayableTrack, playable
from kinesis_sim.video.selection import LONGEST_MS, Selection, selection, stored
from kinesis_sim.video.video_stream import VideoStream

if TYPE_CHECKING:
    from kinesis_sim.video.catalog import VideoCatalog

DEFAULT_SECONDS = 300
"""How long a session lasts when it is not said (facts/video/5/expires)."""
FRESH_MS = 30 * SECOND
"""How old the newest fragment of a live session may be (facts/video/5/no-data)."""
SOON_MS = HOUR
"""How long after its end a session's address still says that it is over (model's choice)."""
_LIVE_RESULTS, _DEMAND_RESULTS = 5, 1_000


@dataclass(slots=True, kw_only=True)
class PlaybackSession:
    """One session. expires, made: epoch ms. origin: where its time line begins (epoch ms).

    most: fragments that a playlist shows; shown: those that a live one ever had, in order.
    """

    token: str
    stream: VideoStream
    mode: str
    chosen: Selection
    most: int
    made: int
    expires: int
    container: str = "FRAGMENTED_MP4"
    discontinuity: str = "NEVER"
    times: bool = False
    numbers: bool = False
    origin: int = 0
    shown: list[Fragment] = field(default_factory=list)

    def more(self, fragment: Fragment) -> None:
        """A fragment was stored. One that is earlier than what was shown already is never added."""
        if self.chosen.holds(fragment) and (not self.shown or self._follows(fragment)):
            self.shown.append(fragment)

    def _follows(self, fragment: Fragment) -> bool:
        last, begins = self.shown[-1], self.chosen.begins
        if self.chosen.server and begins(fragment) == begins(last):
            return fragment.number > last.number
        return begins(fragment) > begins(last)

    def window(self, now: int) -> tuple[int, list[Fragment]]:
        """What a playlist shows at ``now``, and how many fragments stood before."""
        if self.mode == "ON_DEMAND":
            return 0, self.shown[: self.most]
        last = len(self.shown)
        if self.mode == "LIVE_REPLAY":
            last = self._reached(now)
        first = max(0, last - self.most)
        return first, self.shown[first:last]

    def _reached(self, now: int) -> int:
        """How far a replay is: the first playlist is full, and time goes on from its end."""
        passed = now - self.made
        reached = min(self.most, len(self.shown))
        while reached < len(self.shown) and passed >= self.shown[reached - 1].length > 0:
            passed -= self.shown[reached - 1].length
            reached += 1
        return reached

    def at(self, fragment: Fragment) -> int:
        """Where a fragment begins on the session's time line (ms)."""
        return max(0, self.chosen.begins(fragment) - self.origin)

    def tracks(self) -> tuple[PlayableTrack, ...]:
        """The tracks of what is shown. Raises as ``playable``."""
        return playable(self.shown[-1].header.tracks)

    def find(self, number: str) -> Fragment | None:
        """A fragment by its number, if it is there and the session may show it."""
        found = self.stream.archive.stored(number)
        return found if found is not None and self.chosen.holds(found) else None


class PlaybackSessions:
    """The sessions of one account."""

    def __init__(self, catalog: VideoCatalog) -> None:
        self._catalog = catalog
        self._sessions: dict[str, PlaybackSession] = {}
        self._made = count()

    def find(self, token: str) -> PlaybackSession | None:
        """The session of a token, be it over; None for one that was never given out."""
        return self._sessions.get(token)

    def open(self, request: Request, selector: str, results: str) -> PlaybackSession:
        """Open a session. selector, results: what the API calls those members.

        Raises ResourceNotFoundException when there is nothing to play, NoDataRetentionException,
        InvalidArgumentException, and as ``playable``.
        """
        catalog, mode = self._catalog, request.get("PlaybackMode", "LIVE")
        stream = catalog.find(request)
        chosen = _chosen(request.get(selector), mode, catalog.now)
        found = chosen.of(stored(stream))
        demand = mode == "ON_DEMAND"
        most = request.get(results) or (_DEMAND_RESULTS if demand else _LIVE_RESULTS)
        now = catalog.now
        if mode == "LIVE":
            found = found[-most:]
            if not found or now - max(found[-1].received, 0) > FRESH_MS + found[-1].length:
                raise refusals.nothing_to_play("streaming")
        if not found:
            raise refusals.nothing_to_play("streaming")
        session = PlaybackSession(
            token=self._token(stream),
            stream=stream,
            mode=mode,
            chosen=chosen,
            most=most,
            made=now,
            expires=now + (request.get("Expires") or DEFAULT_SECONDS) * SECOND,
            container=request.get("ContainerFormat", "FRAGMENTED_MP4"),
            discontinuity=request.get("DiscontinuityMode")
            or ("ALWAYS" if chosen.server else "NEVER"),
            times=request.get("DisplayFragmentTimestamp") == "ALWAYS",
            numbers=request.get("DisplayFragmentNumber") == "ALWAYS",
            origin=chosen.begins(found[0]),
            shown=found,
        )
        session.tracks()
        self._keep(session)
        return session

    def _keep(self, session: PlaybackSession) -> None:
        self._sessions[session.token] = session
        clock, archive = self._catalog.clock, session.stream.archive
        if session.mode != "ON_DEMAND":
            clock.schedule(session.expires, archive.on_stored(session.more))

        def forget() -> None:
            del self._sessions[session.token]

        clock.schedule(session.expires + SOON_MS, forget)

    def _token(self, stream: VideoStream) -> str:
        purpose = f"session/{stream.arn}/{next(self._made)}"
        digest = blake2b(purpose.encode(), key=self._catalog.secret, digest_size=48).digest()
        return urlsafe_b64encode(digest).decode()


def _chosen(selector: Request | None, mode: str, now: int) -> Selection:
    """What a selector means in a mode (facts/video/5/selector). Raises InvalidArgumentException."""
    chosen = selection(selector)
    if mode == "LIVE":
        if chosen.start is not None or chosen.end is not None:
            raise refusals.invalid("TimestampRange must not be given in the playback mode LIVE.")
        return chosen
    if chosen.start is None:
        raise refusals.invalid(f"The playback mode {mode} needs a TimestampRange with a start.")
    if mode == "ON_DEMAND" and chosen.end is None:
        raise refusals.invalid("The playback mode ON_DEMAND needs an EndTimestamp.")
    if chosen.server and chosen.end is not None and chosen.end > now:
        raise refusals.invalid("EndTimestamp must be in the past for SERVER_TIMESTAMP.")
    if chosen.end is None:
        return Selection(chosen.server, chosen.start, chosen.start + LONGEST_MS)
    return chosen
