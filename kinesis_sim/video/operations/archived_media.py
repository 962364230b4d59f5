"""kinesis-video-archived-media: stored fragments, listed, read, cut into clips and played."""

from __future__ import annotations

from hashlib import blake2b

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.instants import HOUR
from kinesis_sim.video import refusals, wire
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.events import MediaRead
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.hosts import address
from kinesis_sim.video.operations.images import get_images
from kinesis_sim.video.packaging import mp4, transport
from kinesis_sim.video.packaging.codecs import playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.video.paging import page
from kinesis_sim.video.selection import selection, stored
from kinesis_sim.video.video_stream import VideoStream

__all__ = [
    "get_clip",
    "get_dash_streaming_session_url",
    "get_hls_streaming_session_url",
    "get_images",
    "get_media_for_fragment_list",
    "list_fragments",
]
_PAGE = 1_000


def list_fragments(catalog: VideoCatalog, request: Request) -> Answer:
    """The stored fragments of a range, a page of them, in no order: sort them by number.

    Raises ResourceNotFoundException, InvalidArgumentException. A stream without retention has none.
    """
    stream = catalog.find(request)
    stream.check_open()
    chosen = selection(request.get("FragmentSelector"), most=None)
    asked = request.get("MaxResults") or _PAGE
    catalog.admission.points(stream.name, "ListFragments", metadata=asked)
    found = sorted(filter(chosen.holds, stream.archive.persisted()), key=_shuffled)
    return page(
        "Fragments", [_row(each) for each in found], request, key="FragmentNumber", most=_PAGE
    )


def _shuffled(fragment: Fragment) -> bytes:
    """An order of no meaning, as AWS promises none (facts/video/5/list-fragments)."""
    return blake2b(fragment.number.encode(), digest_size=8).digest()


def _row(fragment: Fragment) -> Request:
    return {
        "FragmentNumber": fragment.number,
        "FragmentSizeInBytes": fragment.size,
        "ProducerTimestamp": fragment.produced,
        "ServerTimestamp": fragment.received,
        "FragmentLengthInMilliseconds": fragment.length,
    }


def get_media_for_fragment_list(catalog: VideoCatalog, request: Request) -> Answer:
    """Stored fragments by their numbers, as Matroska. One that is not there is told within.

    Raises ResourceNotFoundException, ClientLimitExceededException for more quota points or
    connections than the stream has.
    """
    stream = catalog.find(request)
    stream.check_open()
    api, numbers = "GetMediaForFragmentList", request["Fragments"]
    found = [stream.archive.stored(number) for number in numbers]
    parts = [
        wire.missing(number) if each is None else wire.archived(each)
        for number, each in zip(numbers, found, strict=True)
    ]
    catalog.admission.points(stream.name, api, media=len(numbers))
    catalog.admission.connection(stream.name, sum(map(len, parts)))
    for each, part in zip(found, parts, strict=True):
        if each is not None:
            _told(catalog, stream, api, [each], len(part))
    return {"ContentType": "video/webm", "Payload": b"".join(parts)}


def _check_retention(catalog: VideoCatalog, stream: VideoStream, selector: Request) -> None:
    """Refuse a range of the service's clock that ends before what is kept begins."""
    end = selector["TimestampRange"]["EndTimestamp"]
    by_server = selector["FragmentSelectorType"] == "SERVER_TIMESTAMP"
    if by_server and end < catalog.now - stream.archive.retention * HOUR:
        raise refusals.past_retention(end)


def get_clip(catalog: VideoCatalog, request: Request) -> Answer:
    """An MP4 of a range: its first 200 fragments or 100 MB, whichever come first.

    Raises ResourceNotFoundException when there is nothing in the range, InvalidArgumentException,
    NoDataRetentionException, and the four errors of media that cannot be packaged.
    """
    stream = catalog.find(request)
    selector = request["ClipFragmentSelector"]
    wanted, kept = selection(selector), stored(stream)
    _check_retention(catalog, stream, selector)
    found = _clipped(catalog, wanted.of(kept))
    if not found:
        raise refusals.nothing_to_play("clip")
    catalog.admission.points(stream.name, "GetClip", metadata=len(found), media=len(found))
    tracks = playable(found[0].header.tracks)
    chosen = selection(selector)
    begin = chosen.begins(found[0])
    rows = [
        (
            track,
            [
                mp4.TimedSample(chosen.begins(each) - begin + sample.decoded, sample)
                for each in found
                for sample in samples(each, track)
            ],
        )
        for track in tracks
    ]
    data = mp4.movie(rows)
    _told(catalog, stream, "GetClip", found, len(data))
    return {"ContentType": "video/mp4", "Payload": data}


def _clipped(catalog: VideoCatalog, fragments: list[Fragment]) -> list[Fragment]:
    """What fits into a clip (facts/video/5/get-clip), of one kind of media.

    What follows a change of codec is left out (model's choice).
    """
    taken: list[Fragment] = []
    room = catalog.limits["video.clip_bytes"]
    for fragment in fragments[: catalog.limits["video.clip_fragments"]]:
        room -= fragment.size
        if room < 0 or (taken and taken[0].header.codecs != fragment.header.codecs):
            break
        taken.append(fragment)
    return taken


def _told(
    catalog: VideoCatalog, stream: VideoStream, api: str, found: list[Fragment], size: int
) -> None:
    catalog.events.append(
        MediaRead(
            at=catalog.now,
            stream=stream.name,
            api=api,
            fragments=len(found),
            bytes=size,
            frames=sum(each.frames for each in found),
        )
    )


def get_hls_streaming_session_url(catalog: VideoCatalog, request: Request) -> Answer:
    """An address at which an HLS player finds the stream, until the session expires.

    Raises ResourceNotFoundException when there is nothing to play, InvalidArgumentException,
    NoDataRetentionException, UnsupportedStreamMediaTypeException, and the errors of codec private
    data.
    """
    session = catalog.sessions.open(
        request, "HLSFragmentSelector", "MaxMediaPlaylistFragmentResults"
    )
    if session.container == "MPEG_TS":
        transport.check_tracks(session.tracks())
    path = f"/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken={session.token}"
    return {"HLSStreamingSessionURL": address(catalog, "b", session.stream.arn, path)}


def get_dash_streaming_session_url(catalog: VideoCatalog, request: Request) -> Answer:
    """An address at which a DASH player finds the stream, until the session expires.

    Raises as GetHLSStreamingSessionURL.
    """
    session = catalog.sessions.open(request, "DASHFragmentSelector", "MaxManifestFragmentResults")
    path = f"/dash/v1/getDASHManifest.mpd?SessionToken={session.token}"
    return {"DASHStreamingSessionURL": address(catalog, "b", session.stream.arn, path)}
