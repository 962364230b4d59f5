"""DASH: the manifest of a session (ISO/IEC 23009-1; facts/video §5).

How AWS names the segments in its template is not known: by their times is the model's choice.
"""

from __future__ import annotations

from collections.abc import Iterator

from kinesis_sim.instants import to_datetime
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging.codecs import PlayableTrack
from kinesis_sim.video.sessions import PlaybackSession

CONTENT_TYPE = "application/dash+xml"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
    'xmlns:kvs="urn:amazon:kinesisvideo" profiles="urn:mpeg:dash:profile:isoff-live:2011"'
)


def manifest(session: PlaybackSession, now: int) -> str:
    """What a player may play now."""
    _, fragments = session.window(now)
    lines = [f"{_HEAD} {_kind(session, fragments, now)}>", '<Period id="1" start="PT0S">']
    for playable in session.tracks():
        lines += _set(session, playable, fragments)
    return "\n".join([*lines, "</Period>", "</MPD>", ""])


def _kind(session: PlaybackSession, fragments: list[Fragment], now: int) -> str:
    longest = max((each.length for each in fragments), default=1_000)
    buffered = f'minBufferTime="PT{longest / 1_000:g}S"'
    if session.mode == "ON_DEMAND":
        last = fragments[-1]
        whole = session.at(last) + last.length
        return f'type="static" mediaPresentationDuration="PT{whole / 1_000:g}S" {buffered}'
    begins = to_datetime(session.origin).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    window = sum(each.length for each in fragments)
    return (
        f'type="dynamic" availabilityStartTime="{begins}" minimumUpdatePeriod="PT1S" '
        f'publishTime="{_written(now)}" timeShiftBufferDepth="PT{window / 1_000:g}S" {buffered}'
    )


def _written(ms: int) -> str:
    return to_datetime(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _set(
    session: PlaybackSession, playable: PlayableTrack, fragments: list[Fragment]
) -> Iterator[str]:
    track, token = playable.track, session.token
    kind = "video" if playable.is_video else "audio"
    place = f"SessionToken={token}&amp;TrackNumber={track.number}"
    yield f'<AdaptationSet contentType="{kind}" mimeType="{kind}/mp4" segmentAlignment="true">'
    size = f' width="{track.width}" height="{track.height}"' if playable.is_video else ""
    rate = "" if playable.is_video else f' audioSamplingRate="{playable.rate}"'
    bits = max(8_000 * each.size // max(1, each.length) for each in fragments) + 1
    yield (
        f'<Representation id="{track.number}" codecs="{playable.name}" bandwidth="{bits}"'
        f"{size}{rate}>"
    )
    first = fragments[0].sequence
    yield (
        f'<SegmentTemplate timescale="1000" initialization="getMP4InitFragment.mp4?{place}&amp;'
        f'SequenceNumber={first}" media="getMP4MediaFragment.mp4?{place}&amp;Time=$Time$">'
    )
    yield "<SegmentTimeline>"
    for fragment in fragments:
        said = f' kvs:fn="{fragment.number}"' if session.numbers else ""
        if session.times:
            said += f' kvs:ts="{session.chosen.begins(fragment)}"'
        yield f'<S t="{session.at(fragment)}" d="{fragment.length}"{said}/>'
    yield "</SegmentTimeline></SegmentTemplate></Representation></AdaptationSet>"
