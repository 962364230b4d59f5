"""HLS: the master playlist, and the media playlist of a track (RFC 8216; facts/video §5).

The lines are those that a playlist of AWS's was seen to have (facts/video/5/media-playlist).
"""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.instants import to_datetime
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import PlayableTrack
from kinesis_sim.video.sessions import PlaybackSession

CONTENT_TYPE = "application/x-mpegURL"
SLACK_MS = 50
"""Gap or overlap that is no discontinuity yet (facts/video/5/discontinuity-mode-hls-only)."""


def master(session: PlaybackSession) -> str:
    """The playlist of playlists: one a track, or one in all for a transport stream."""
    tracks, token = session.tracks(), session.token
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    video, sound = tracks[0], [each for each in tracks[1:] if not each.is_video]
    apart = session.container == "FRAGMENTED_MP4"
    codecs = ",".join(each.name for each in (video, *sound[:1]))
    said = [f"BANDWIDTH={_bandwidth(session)}", f'CODECS="{codecs}"']
    if video.track.width and video.track.height:
        said.append(f"RESOLUTION={video.track.width}x{video.track.height}")
    if sound and apart:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES,'
            f'URI="{_media(token, sound[0])}"'
        )
        said.append('AUDIO="audio"')
    lines += ["#EXT-X-STREAM-INF:" + ",".join(said), _media(token, video if apart else None)]
    return "\n".join(lines) + "\n"


def _media(token: str, playable: PlayableTrack | None) -> str:
    track = "" if playable is None else f"&TrackNumber={playable.track.number}"
    return f"getHLSMediaPlaylist.m3u8?SessionToken={token}{track}"


def _bandwidth(session: PlaybackSession) -> int:
    """Bits a second of the fattest fragment."""
    return max(8_000 * each.size // max(1, each.length) for each in session.shown) + 1


def media(session: PlaybackSession, now: int, track: int | None) -> str:
    """What a player may play now. track: the number of a track; None for all in one."""
    first, fragments = session.window(now)
    longest = max((each.length for each in fragments), default=1_000)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{-(-longest // 1_000)}",
        f"#EXT-X-MEDIA-SEQUENCE:{first + 1}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if session.mode == "ON_DEMAND":
        lines.append("#EXT-X-PLAYLIST-TYPE:VOD")
    before = session.shown[first - 1] if first else None
    for fragment in fragments:
        lines += _rows(session, before, fragment, track)
        before = fragment
    if session.mode == "ON_DEMAND" or _is_over(session, now):
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"


def _is_over(session: PlaybackSession, now: int) -> bool:
    """Whether a replay is through with its range."""
    end = session.chosen.end
    shown = session.window(now)[1]
    return (
        session.mode == "LIVE_REPLAY"
        and end is not None
        and end < now
        and bool(shown)
        and shown[-1] is session.shown[-1]
    )


def _rows(
    session: PlaybackSession, before: Fragment | None, fragment: Fragment, track: int | None
) -> Iterator[str]:
    other = before is None or before.header.codecs != fragment.header.codecs
    if before is not None and (other or _is_break(session, before, fragment)):
        yield "#EXT-X-DISCONTINUITY"
    token = session.token
    if track is not None and (other or session.discontinuity == "ALWAYS"):
        yield (
            f'#EXT-X-MAP:URI="getMP4InitFragment.mp4?SessionToken={token}&TrackNumber={track}'
            f'&SequenceNumber={fragment.sequence}"'
        )
    if session.times:
        begins = to_datetime(session.chosen.begins(fragment))
        said = begins.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield f"#EXT-X-PROGRAM-DATE-TIME:{said}"
    yield f"#EXTINF:{fragment.length / 1_000:.3f},"
    if track is None:
        yield f"getTSFragment.ts?FragmentNumber={fragment.number}&SessionToken={token}"
    else:
        yield (
            f"getMP4MediaFragment.mp4?FragmentNumber={fragment.number}&SessionToken={token}"
            f"&TrackNumber={track}"
        )


def _is_break(session: PlaybackSession, before: Fragment, fragment: Fragment) -> bool:
    if session.discontinuity == "ON_DISCONTINUITY":
        begins = session.chosen.begins
        return abs(begins(fragment) - begins(before) - before.length) > SLACK_MS
    return session.discontinuity == "ALWAYS"
