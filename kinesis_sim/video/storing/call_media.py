"""A call's pictures and sound as a stream's media: Matroska, a cluster from key frame to key frame.

Laws
1. A fragment begins with a key frame and has both, picture and sound: the service stores no call
   that lacks one of them (facts/video/7/ingestion-storage).
2. Sound and pictures come each in order, but not in one: a fragment is closed when the sound has
   come as far as the key frame after it, or is a second late. What comes later still is dropped.
3. What is kept back is bounded: by the size and the length that a fragment may have, beyond which
   it is handed on, for the stream to refuse.
"""

from __future__ import annotations

from math import inf

from kinesis_sim.video import matroska
from kinesis_sim.video.ingest import END_OF_FRAGMENT
from kinesis_sim.video.matroska import MediaTrack
from kinesis_sim.video.packaging.codecs import AAC, AVC
from kinesis_sim.video.storing import annex_b

PICTURE, SOUND = 1, 2
"""The numbers of the tracks."""
LATE_MS = 1_000
"""How far the sound may be behind (model's choice)."""
FURTHEST_MS = 30_000
"""After which media without a key frame is handed on: what a Matroska block's time can say, nearly
(RFC 9559: 16 bits with a sign)."""
RATE, CHANNELS = 48_000, 2
"""Of the sound (RFC 7587: Opus is always played at 48 kHz)."""
_END = matroska.tags([(END_OF_FRAGMENT, "")])
_Frame = tuple[int, int, bool, bytes]


class CallMedia:
    """What comes from one call.

    private: the sound's codec data (AudioSpecificConfig). least_ms: how long a fragment is at
    least; most_bytes: how large at most. Times are epoch ms.
    """

    def __init__(self, private: bytes, least_ms: int, most_bytes: int) -> None:
        self._private, self._least, self._most = private, max(1, least_ms), most_bytes
        self._sets: dict[int, bytes] = {}
        self._track: MediaTrack | None = None
        self._frames: list[_Frame] = []
        self._keys: list[int] = []
        self._latest = {PICTURE: -1, SOUND: -1}
        self._begin: int | None = None
        self._size = 0

    def picture(self, at: int, data: bytes) -> bytes:
        """An access unit of H.264 (annex B); what of the media is whole now."""
        found = annex_b.units(data)
        known = {kind: unit for unit in found if (kind := annex_b.kind(unit)) in (7, 8)}
        if not annex_b.is_picture(found):
            self._sets.update(known)
            return b""
        whole = self._changed(known) if known else b""
        key = any(annex_b.kind(unit) == annex_b.KEY for unit in found)
        at = max(at, self._latest[PICTURE] + 1)  # times of two frames may round to one
        whole += self._overdue(at)
        if self._begin is None:
            if not key or len(self._sets) < 2:
                return whole
            self._begin = at
        self._take(at, PICTURE, key, annex_b.framed(found))
        return whole + self._whole()

    def sound(self, at: int, data: bytes) -> bytes:
        """A frame of AAC; what of the media is whole now."""
        whole = self._overdue(at)
        if self._begin is None or at < self._begin or at <= self._latest[SOUND]:
            return whole
        self._take(at, SOUND, True, data)
        return whole + self._whole()

    def end(self) -> bytes:
        """The call is over: what is left, if it has both."""
        frames, self._frames, self._begin, self._size = self._frames, [], None, 0
        self._keys.clear()
        return self._cluster(frames)

    # --- fragments ----------------------------------------------------------------------------

    def _changed(self, known: dict[int, bytes]) -> bytes:
        """Parameter sets came: others than before begin the media anew."""
        new = {**self._sets, **known}
        if new == self._sets:
            return b""
        left = self.end() if self._sets else b""
        self._sets, self._track = new, None
        return left

    def _take(self, at: int, track: int, key: bool, data: bytes) -> None:
        self._latest[track] = at
        self._frames.append((at, track, key, data))
        self._size += len(data)
        if track == PICTURE and key:
            self._keys.append(at)

    def _whole(self) -> bytes:
        """The fragments that nothing more can belong to."""
        whole = b""
        while (cut := self._cut()) is not None:
            before = [frame for frame in self._frames if frame[0] < cut]
            self._frames = [frame for frame in self._frames if frame[0] >= cut]
            self._begin = cut
            self._size = sum(len(frame[3]) for frame in self._frames)
            self._keys = [key for key in self._keys if key >= cut]
            whole += self._cluster(before)
        return whole + self.end() if self._size > self._most else whole

    def _cut(self) -> int | None:
        """The key frame at which the first fragment ends, if all is there that comes before it."""
        assert self._begin is not None
        first = self._first_sound()
        for key in self._keys:
            late = self._latest[PICTURE] >= key + LATE_MS
            there = self._latest[SOUND] >= key or late
            if key >= self._begin + self._least and there and first < key:
                return key
        return None

    def _first_sound(self) -> float:
        return min((at for at, track, _, _ in self._frames if track == SOUND), default=inf)

    def _overdue(self, at: int) -> bytes:
        """What was kept back for longer than a fragment can say."""
        far = self._begin is not None and at > self._begin + FURTHEST_MS
        return self.end() if far else b""

    def _cluster(self, frames: list[_Frame]) -> bytes:
        """A fragment as Matroska; nothing without picture or sound."""
        if {track for _, track, _, _ in frames} != {PICTURE, SOUND}:
            return b""
        head = b""
        if self._track is None:
            self._track = self._tracked()
            sound = MediaTrack(
                SOUND, matroska.AUDIO_TYPE, AAC, self._private, "sound", rate=RATE,
                channels=CHANNELS,
            )  # fmt: skip
            head = matroska.header([self._track, sound])
        begin = min(at for at, _, _, _ in frames)
        rows = [(track, at - begin, key, data) for at, track, key, data in frames]
        rows.sort(key=lambda row: (row[1], row[0]))
        return head + matroska.cluster(begin, rows) + _END

    def _tracked(self) -> MediaTrack:
        sequence, picture = self._sets[annex_b.SEQUENCE], self._sets[annex_b.PICTURE]
        try:
            width, height = annex_b.size(sequence)
        except (ValueError, IndexError):
            width, height = 0, 0
        private = annex_b.private(sequence, picture)
        return MediaTrack(
            PICTURE, matroska.VIDEO_TYPE, AVC, private, "picture", width=width, height=height
        )
