"""PutMedia's engine: media in, acknowledgements out (facts/video §3).

Laws
1. Which fragments there are and which acknowledgements they get depends on the media alone, never
   on how it was cut into pieces.
2. A fragment is acknowledged in the order BUFFERING, RECEIVED, PERSISTED; without retention nothing
   is persisted.
3. An ERROR ends the connection: what follows in the media is not looked at. What was received is
   persisted all the same.
4. Tags belong to the fragment before them, or to the first (producers end a fragment by the tag
   AWS_KINESISVIDEO_END_OF_FRAGMENT); so a fragment is whole when the next one, that tag, or the end
   comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from kinesis_sim.instants import LAST
from kinesis_sim.video import acknowledgement as acks
from kinesis_sim.video.acknowledgement import Ack, MediaFault
from kinesis_sim.video.archive import Archive
from kinesis_sim.video.ebml import MalformedMedia
from kinesis_sim.video.events import FragmentBegan, FragmentReceived, MediaRefused
from kinesis_sim.video.fragment import Fragment, FragmentNumbers
from kinesis_sim.video.intake import Intake
from kinesis_sim.video.matroska import Header
from kinesis_sim.video.splitter import MediaSplitter, Oversized

END_OF_FRAGMENT = "AWS_KINESISVIDEO_END_OF_FRAGMENT"


@dataclass(slots=True)
class _Open:
    """A fragment that is coming in. Times: ms of the stream; received: epoch ms."""

    timecode: int
    produced: int
    number: str
    sequence: int
    received: int
    first: int | None = None
    last: int = 0
    frames: dict[int, int] = field(default_factory=dict)
    raw: bytes | None = None
    tags: list[tuple[str, str]] = field(default_factory=list)

    @property
    def length(self) -> int:
        """From its first frame to the end of its last, which lasts as long as one on average.

        AWS does not say how long a last frame is taken to be: the model's choice.
        """
        span, most = self.last - (self.first or 0), max(self.frames.values(), default=1)
        return span + round(span / (most - 1)) if most > 1 else span


class Ingest:
    """One PutMedia connection.

    base: the epoch ms that the media's times count from, 0 for absolute ones. told: called when
    there is an acknowledgement, or the end.
    """

    def __init__(
        self,
        intake: Intake,
        archive: Archive,
        numbers: FragmentNumbers,
        base: int,
        told: Callable[[], None],
    ) -> None:
        self._intake, self._archive, self._numbers = intake, archive, numbers
        self._base, self._told = base, told
        self._splitter = MediaSplitter(self, intake.most_bytes)
        self._header: Header | None = None
        self._open: _Open | None = None
        self._early: list[tuple[str, str]] = []
        self._latest: int | None = None
        self._waiting = 0
        self.over = False
        """Whether nothing more is taken: the media has ended, or was refused."""
        self.acks: deque[Ack] = deque()

    @property
    def ended(self) -> bool:
        """Whether no acknowledgement will follow those that are there."""
        return self.over and not self._waiting

    def feed(self, data: bytes) -> None:
        """The next piece of the media."""
        if not self.over:
            self._trying(lambda: self._splitter.feed(data))

    def finish(self) -> None:
        """The media has ended."""
        if not self.over:
            self._trying(self._finish)
            self._end()

    def cut(self) -> None:
        """The producer went away: what is not whole is lost."""
        self.over = True
        self._open = None

    def refuse(self, name: str) -> None:
        """End the connection with an error that is not the media's."""
        if not self.over:
            self._refused(MediaFault(name))

    def idle(self) -> None:
        """Nothing has come for a while."""
        self._say(Ack(acks.IDLE))

    def _finish(self) -> None:
        self._splitter.finish()
        self._complete()

    def _trying(self, run: Callable[[], None]) -> None:
        try:
            run()
        except MediaFault as refused:
            self._refused(refused)
        except MalformedMedia:
            self._refused(MediaFault("INVALID_MKV_DATA"))
        except Oversized:
            self._refused(MediaFault("MAX_FRAGMENT_SIZE_REACHED"))

    def _refused(self, refused: MediaFault) -> None:
        meant, self._open = self._open, None
        timecode = None if meant is None else meant.timecode
        number = None if meant is None else meant.number
        self._say(Ack(acks.ERROR, timecode, number, refused.name, refused.error_id))
        self._intake.tell(
            MediaRefused, error=refused.name, error_id=refused.error_id, timecode=timecode
        )
        self._end()

    def _end(self) -> None:
        self.over = True
        self._told()

    def _say(self, ack: Ack) -> None:
        self.acks.append(ack)
        self._told()

    # --- what the splitter tells --------------------------------------------------------------

    def header(self, header: Header) -> None:
        """The tracks are known. Raises MediaFault for more than a stream may have."""
        if len(header.tracks) > self._intake.most_tracks:
            raise MediaFault("MORE_THAN_ALLOWED_TRACKS_FOUND", acks.TOO_MANY_TRACKS)
        self._header = header

    def cluster(self, timestamp: int) -> None:
        """A fragment begins. Raises MediaFault."""
        timecode = self._ms(timestamp)
        self._long_enough(timecode)
        self._complete()
        produced = self._base + timecode
        self._intake.check()
        if not 0 <= produced <= LAST:
            raise MediaFault("INVALID_PRODUCER_TIMESTAMP")
        now = self._intake.now
        number = self._numbers.next(now)
        self._open = _Open(timecode, produced, number, self._numbers.count, now)
        self._in_order(timecode)
        self._say(Ack(acks.BUFFERING, timecode, number))
        self._intake.tell(
            FragmentBegan, sequence=self._open.sequence, timecode=timecode, produced=produced
        )
        early, self._early = self._early, []
        self.tags(early)

    def block(self, track: int, timestamp: int, key: bool) -> None:
        """A frame of the fragment begins. Raises MediaFault."""
        open_, at = self._open, self._ms(timestamp)
        assert open_ is not None
        assert self._header is not None
        if self._header.track(track) is None:
            raise MediaFault("TRACK_NUMBER_MISMATCH")
        self._in_order(at)
        if open_.first is None:
            open_.first = open_.last = at
        open_.first, open_.last = min(open_.first, at), max(open_.last, at)
        if open_.last - open_.first > self._intake.most_ms:
            raise MediaFault("MAX_FRAGMENT_DURATION_REACHED")
        open_.frames[track] = open_.frames.get(track, 0) + 1

    def whole(self, raw: bytes) -> None:
        """The fragment's media is there; its tags may follow. Raises MediaFault."""
        open_ = self._open
        assert open_ is not None
        assert self._header is not None
        if any(track.number not in open_.frames for track in self._header.tracks):
            raise MediaFault("FRAMES_MISSING_FOR_TRACK")
        open_.raw = raw
        self._latest = open_.last

    def tags(self, pairs: list[tuple[str, str]]) -> None:
        """Tags of the fragment before them, or of the first. Raises MediaFault."""
        own = [pair for pair in pairs if pair[0] != END_OF_FRAGMENT]
        held = self._early if self._open is None else self._open.tags
        held += own
        if not self._intake.takes(held):
            raise MediaFault("FRAGMENT_METADATA_LIMIT_REACHED")
        if len(own) < len(pairs):
            self._complete()

    # --- a fragment is whole ------------------------------------------------------------------

    def _complete(self) -> None:
        """The fragment that is open, if one is, came in whole: keep it."""
        open_, self._open = self._open, None
        if open_ is None:
            return
        assert open_.raw is not None
        assert self._header is not None
        fragment = Fragment(
            sequence=open_.sequence,
            number=open_.number,
            header=self._header,
            raw=open_.raw,
            timecode=open_.timecode,
            produced=open_.produced,
            received=open_.received,
            length=open_.length,
            frames=sum(open_.frames.values()),
            tags=tuple(open_.tags),
        )
        self._say(Ack(acks.RECEIVED, fragment.timecode, fragment.number))
        self._intake.tell(
            FragmentReceived,
            sequence=fragment.sequence,
            timecode=fragment.timecode,
            produced=fragment.produced,
            received=fragment.received,
            length=fragment.length,
            bytes=fragment.size,
            frames=fragment.frames,
        )
        self._archive.add(fragment)
        if self._archive.retention:
            self._waiting += 1
            self._intake.clock.after(self._intake.persist_ms, lambda: self._persisted(fragment))

    def _persisted(self, fragment: Fragment) -> None:
        self._waiting -= 1
        if self._intake.gone():
            self._told()
            return
        self._archive.persist(fragment)
        self._say(Ack(acks.PERSISTED, fragment.timecode, fragment.number))

    def _ms(self, timestamp: int) -> int:
        assert self._header is not None
        return timestamp * self._header.scale // 1_000_000

    def _long_enough(self, following: int) -> None:
        """A fragment lasts until the next begins; the last of all is not asked (model's choice)."""
        open_ = self._open
        if open_ is not None and 0 < following - open_.timecode < self._intake.least_ms:
            raise MediaFault("MIN_FRAGMENT_DURATION_REACHED")

    def _in_order(self, at: int) -> None:
        """What begins must be later than all that came before its fragment."""
        if self._latest is not None and at <= self._latest:
            raise MediaFault("FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS")
