"""What a track's codec is, and what its own data says; refused where AWS would not play it.

H.264, H.265, AAC and G.711 are played (facts/video/5/get-clip). The layouts are those of ISO/IEC
14496-15 (avcC, hvcC), 14496-3 (AudioSpecificConfig) and of WAVEFORMATEX.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kinesis_sim.errors import ServiceError
from kinesis_sim.video import refusals
from kinesis_sim.video.matroska import AUDIO_TYPE, VIDEO_TYPE, MediaTrack

LARGEST = 0xFFFF
"""Pixels of a side, channels and Hz that a sample entry has room for (ISO/IEC 14496-12)."""
AVC, HEVC, AAC, ACM = "V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "A_AAC", "A_MS/ACM"
SPELT = {"V_MPEG/ISO/AVC": AVC, "V_MPEG/ISO/HEVC": HEVC}
"""As AWS's API texts write them, which real files do not."""
_TOLD = 60
"""Letters of a codec's name that an error repeats."""
_G711 = {6: "alaw", 7: "ulaw"}
RATES = (
    96_000,
    88_200,
    64_000,
    48_000,
    44_100,
    32_000,
    24_000,
    22_050,
    16_000,
    12_000,
    11_025,
    8_000,
    7_350,
)


@dataclass(frozen=True, slots=True)
class PlayableTrack:
    """A track that can be played.

    entry: its sample entry in MP4 ("avc1"); name: its RFC 6381 name for playlists. width: bytes of
    a frame's length fields; sets: its parameter sets, whole NAL units.
    """

    track: MediaTrack
    entry: str
    name: str
    width: int = 0
    sets: tuple[bytes, ...] = ()
    rate: int = 0
    channels: int = 0

    @property
    def is_video(self) -> bool:
        """Whether it is the picture."""
        return self.track.type == VIDEO_TYPE


def playable(tracks: tuple[MediaTrack, ...]) -> tuple[PlayableTrack, ...]:
    """The tracks of a stream for a player, the picture first.

    Raises UnsupportedStreamMediaTypeException for what cannot be played,
    MissingCodecPrivateDataException and InvalidCodecPrivateDataException.
    """
    found = [_playable(track) for track in tracks if track.type in (VIDEO_TYPE, AUDIO_TYPE)]
    if not any(each.is_video for each in found):
        raise _unsupported("no track of video")
    return tuple(sorted(found, key=lambda each: not each.is_video))


@lru_cache(maxsize=64)
def _playable(track: MediaTrack) -> PlayableTrack:
    codec = SPELT.get(track.codec, track.codec)
    read = {AVC: _avc, HEVC: _hevc, AAC: _aac, ACM: _acm}.get(codec)
    if read is None:
        raise _unsupported(f"the codec {track.codec[:_TOLD]}")
    if max(track.width, track.height, track.channels) > LARGEST:
        raise _unsupported(f"a picture or sound of over {LARGEST:,} pixels a side or channels")
    if not track.private:
        text = f"Missing codec private data in fragment for track {track.number}."
        raise refusals.media("MissingCodecPrivateDataException", text)
    try:
        return read(track)
    except (IndexError, ValueError):
        raise _invalid(track) from None


def _avc(track: MediaTrack) -> PlayableTrack:
    data = track.private
    if data[0] != 1:
        raise ValueError
    sequence, at = _sets(data, 6, data[5] & 0x1F)
    picture, _ = _sets(data, at + 1, data[at])
    if not sequence:
        raise ValueError
    name = f"avc1.{data[1:4].hex().upper()}"
    return PlayableTrack(track, "avc1", name, (data[4] & 3) + 1, (*sequence, *picture))


def _hevc(track: MediaTrack) -> PlayableTrack:
    data = track.private
    if data[0] != 1:
        raise ValueError
    sets: list[bytes] = []
    at = 23
    for _ in range(data[22]):
        found, at = _sets(data, at + 3, int.from_bytes(data[at + 1 : at + 3], "big"))
        sets += found
    if not sets:
        raise ValueError
    return PlayableTrack(track, "hvc1", _hevc_name(data), (data[21] & 3) + 1, tuple(sets))


def _hevc_name(data: bytes) -> str:
    """Profile, compatibility (bits reversed), tier and level, constraints without their zeros."""
    space = ("", "A", "B", "C")[data[1] >> 6]
    fits = int(f"{int.from_bytes(data[2:6], 'big'):032b}"[::-1], 2)
    tier = "H" if data[1] & 0x20 else "L"
    limits = "".join(f".{byte:X}" for byte in data[6:12].rstrip(b"\0"))
    return f"hvc1.{space}{data[1] & 0x1F}.{fits:X}.{tier}{data[12]}{limits}"


def _aac(track: MediaTrack) -> PlayableTrack:
    first, second = track.private[0], track.private[1]
    kind, index = first >> 3, (first & 7) << 1 | second >> 7
    rate, channels = RATES[index], second >> 3 & 15
    if not kind:
        raise ValueError
    return PlayableTrack(track, "mp4a", f"mp4a.40.{kind}", rate=rate, channels=channels)


def _acm(track: MediaTrack) -> PlayableTrack:
    form = int.from_bytes(track.private[:2], "little")
    if form not in _G711:
        raise _unsupported(f"the audio format {form}")
    entry = _G711[form]
    rate = track.rate or int.from_bytes(track.private[4:8], "little")
    if not 0 < rate <= LARGEST:
        raise ValueError
    return PlayableTrack(track, entry, entry, rate=rate, channels=track.channels or 1)


def _unsupported(what: str) -> ServiceError:
    text = f"The stream has {what}; H.264 or H.265 with AAC or G.711 can be played."
    return refusals.media("UnsupportedStreamMediaTypeException", text)


def _invalid(track: MediaTrack) -> ServiceError:
    codec = track.codec[:_TOLD]
    text = f"The codec private data of track {track.number} is not that of {codec}."
    return refusals.media("InvalidCodecPrivateDataException", text)


def _sets(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    """So many parameter sets, each after its length, and where they end.

    Raises ValueError for more than there are: a count is never believed beyond the data.
    """
    found = []
    for _ in range(count):
        begin = at + 2
        at = begin + int.from_bytes(data[at:begin], "big")
        if at > len(data):
            raise ValueError
        found.append(data[begin:at])
    return found, at
