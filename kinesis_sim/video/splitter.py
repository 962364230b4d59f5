"""Takes a Matroska stream apart while it comes in, in whatever pieces.

Laws
1. What is told depends on the bytes alone, never on where they were cut.
2. A cluster is handed on as it came, byte for byte.
3. What is held is one cluster, or one element of another kind, each up to a limit that is checked
   as soon as a size is said.
"""

from __future__ import annotations

from typing import Protocol

from kinesis_sim.units import MIB
from kinesis_sim.video import ebml, matroska
from kinesis_sim.video.ebml import UNKNOWN, Head, MalformedMedia
from kinesis_sim.video.matroska import Header

_TOP = frozenset(
    {
        ebml.EBML,
        ebml.SEGMENT,
        ebml.SEEK_HEAD,
        ebml.INFO,
        ebml.TRACKS,
        ebml.CLUSTER,
        ebml.CUES,
        ebml.TAGS,
        ebml.CHAPTERS,
        ebml.ATTACHMENTS,
    }
)
_SKIPPED = _TOP - {ebml.EBML, ebml.SEGMENT, ebml.INFO, ebml.TRACKS, ebml.CLUSTER, ebml.TAGS} | {
    ebml.VOID,
    ebml.CRC32,
}
_BLOCK_HEAD = 12
"""Bytes that hold a block's track, offset and flags."""
MOST_HEAD = MIB
"""Bytes of an element that is no cluster, such as Tracks or Tags (the model's choice)."""


MOST_ELEMENTS = 50_000
"""Elements of a cluster, which lasts ten seconds at most (the model's choice): whoever reads it
holds a row for each of its frames."""


class Oversized(ValueError):
    """A cluster is longer than it may be."""


class MediaTold(Protocol):
    """Who is told what a stream holds, in order. What any of it raises ends the stream."""

    def header(self, header: Header) -> None:
        """All that comes before the first cluster is there."""

    def cluster(self, timestamp: int) -> None:
        """A cluster began. timestamp: in units of the header's scale."""

    def block(self, track: int, timestamp: int, key: bool) -> None:
        """A block of the cluster began."""

    def whole(self, raw: bytes) -> None:
        """The cluster is there whole."""

    def tags(self, pairs: list[tuple[str, str]]) -> None:
        """Tags stood between clusters, or before the first."""


class MediaSplitter:
    """Splits one stream. most: bytes that a cluster may have, its head included."""

    def __init__(self, told: MediaTold, most: int) -> None:
        self._told, self._most = told, most
        self._data = bytearray()
        self._at = 0
        self._begin = -1
        """Where the cluster begins that is being read; -1 outside of one."""
        self._end = 0
        self._stamp: int | None = None
        self._elements = 0
        self._ebml = self._info = b""
        self._scale = 1_000_000
        self._header: Header | None = None

    def feed(self, data: bytes) -> None:
        """The next piece. Raises MalformedMedia, Oversized, and what ``told`` raises."""
        held = self._data
        held += data
        while self._at <= len(held) and self._step():
            pass
        done = min(self._begin if self._begin >= 0 else self._at, len(held))
        if done:
            del held[:done]
            self._at -= done
            if self._begin >= 0:
                self._begin, self._end = 0, self._end - done if self._end >= 0 else -1

    def finish(self) -> None:
        """The stream is over. Raises MalformedMedia when it ends in the middle of an element."""
        if self._begin >= 0 and self._end == UNKNOWN and self._at == len(self._data):
            self._close()
        if self._at != len(self._data) or self._begin >= 0:
            raise MalformedMedia("The stream ends in the middle of an element.")

    def _step(self) -> bool:
        """Read one element's head, or end a cluster; whether there may be more to do."""
        if self._begin >= 0 and self._at == self._end:
            self._close()
            return True
        found = ebml.head(self._data, self._at, len(self._data))
        if found is None:
            return False
        if self._begin < 0:
            return self._outside(found)
        if self._end == UNKNOWN and found.id in _TOP:
            self._close()
            return True
        return self._inside(found)

    # --- outside of clusters ------------------------------------------------------------------

    def _outside(self, found: Head) -> bool:
        if not self._ebml and found.id != ebml.EBML:
            raise MalformedMedia("The stream does not begin with an EBML header.")
        if found.id == ebml.CLUSTER:
            return self._open(found)
        if found.id == ebml.SEGMENT:
            self._at = found.begin
            return True
        if found.size == UNKNOWN:
            raise MalformedMedia("Only a segment or a cluster may be of unknown size.")
        if found.id in _SKIPPED:
            self._at = found.end
            return True
        if found.id not in _TOP:
            raise MalformedMedia(f"An element {found.id:#x} cannot stand in a segment.")
        if found.size > MOST_HEAD:
            raise MalformedMedia("An element that is no cluster is over 1 MiB long.")
        if found.end > len(self._data):
            return False
        self._read(found)
        self._at = found.end
        return True

    def _read(self, found: Head) -> None:
        raw = bytes(self._data[self._at : found.end])
        if found.id == ebml.EBML:
            if self._ebml:
                raise MalformedMedia("A second EBML header: a request carries one segment.")
            self._ebml = raw
        elif found.id == ebml.INFO:
            self._info, self._scale = raw, matroska.scale_of(self._data, found)
        elif found.id == ebml.TRACKS:
            if self._header is not None:
                raise MalformedMedia("A second Tracks element.")
            tracks = matroska.tracks_of(self._data, found)
            self._header = Header(self._ebml, self._info, raw, self._scale, tracks)
            self._told.header(self._header)
        else:
            self._told.tags(matroska.tags_of(self._data, found))

    # --- a cluster ----------------------------------------------------------------------------

    def _open(self, found: Head) -> bool:
        if self._header is None:
            raise MalformedMedia("A cluster before the Tracks element.")
        if found.size != UNKNOWN and found.end - self._at > self._most:
            raise Oversized
        self._begin, self._at = self._at, found.begin
        self._end = UNKNOWN if found.size == UNKNOWN else found.end
        self._stamp, self._elements = None, 0
        return True

    def _inside(self, found: Head) -> bool:
        if found.size == UNKNOWN or (self._end != UNKNOWN and found.end > self._end):
            raise MalformedMedia("An element does not end within its cluster.")
        if found.end - self._begin > self._most:
            raise Oversized
        if not self._take(found):
            return False
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise MalformedMedia(f"A cluster has more than {MOST_ELEMENTS:,} elements.")
        self._at = found.end
        return True

    def _take(self, found: Head) -> bool:
        """Tell of what lies in a cluster; False when too little of it is there yet."""
        data = self._data
        if found.id == ebml.SIMPLE_BLOCK:
            if len(data) < min(found.end, found.begin + _BLOCK_HEAD):
                return False
            self._tell(matroska.block_of(data, found, limit=len(data)))
        elif found.id in (ebml.BLOCK_GROUP, ebml.TIMESTAMP):
            if len(data) < found.end:
                return False
            if found.id == ebml.BLOCK_GROUP:
                self._tell(matroska.grouped(data, found))
            elif self._stamp is None:
                self._stamp = ebml.unsigned(data, found)
                self._told.cluster(self._stamp)
        return True

    def _tell(self, block: matroska.MediaBlock) -> None:
        if self._stamp is None:
            raise MalformedMedia("A block before its cluster's timestamp.")
        self._told.block(block.track, self._stamp + block.offset, block.key)

    def _close(self) -> None:
        if self._stamp is None:
            raise MalformedMedia("A cluster without a timestamp.")
        with memoryview(self._data) as held:  # a slice of its own would be copied twice
            raw = bytes(held[self._begin : self._at])
        self._begin = -1
        self._told.whole(raw)
