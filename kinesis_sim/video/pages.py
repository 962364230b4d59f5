"""What players get at the addresses of a session: playlists, manifests, segments.

403 when the session is over or was never opened, 404 for media that is not there, 400 for a request
that says too little, or comes when the session's rate or the stream's quota points are used up; the
answer names the kind of error (botocore kinesis-video-archived-media, GetHLSStreamingSessionURL).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kinesis_sim.account.service import ServedPage
from kinesis_sim.errors import ServiceError
from kinesis_sim.video import manifest, playlists
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.events import MediaRead
from kinesis_sim.video.fragment import Fragment
from kinesis_sim.video.packaging import mp4, transport
from kinesis_sim.video.packaging.codecs import PlayableTrack, playable
from kinesis_sim.video.packaging.samples import samples
from kinesis_sim.video.sessions import PlaybackSession, PlaybackSessions

Query = Mapping[str, str]
_TEXT = "text/plain"


class Player:
    """Serves the sessions of one account."""

    def __init__(self, catalog: VideoCatalog, sessions: PlaybackSessions) -> None:
        self._catalog, self._sessions = catalog, sessions
        self._serve: dict[str, Callable[[PlaybackSession, Query], ServedPage]] = {
            "getHLSMasterPlaylist.m3u8": self._master,
            "getHLSMediaPlaylist.m3u8": self._playlist,
            "getDASHManifest.mpd": self._manifest,
            "getMP4InitFragment.mp4": self._init,
            "getMP4MediaFragment.mp4": self._segment,
            "getTSFragment.ts": self._transport,
        }

    def page(self, path: str, query: Query) -> ServedPage | None:
        """What lies at a path; None for one that no session has."""
        folder, _, name = path.rpartition("/")
        serve = self._serve.get(name)
        if serve is None or folder not in ("/hls/v1", "/dash/v1"):
            return None
        session = self._sessions.find(query.get("SessionToken", ""))
        if session is None or session.expires <= self._catalog.now:
            return ServedPage(403, b"The session is over, or never was.", _TEXT)
        stream = session.stream
        if self._catalog.streams.get(stream.name) is not stream or not stream.takes_media:
            return _missing()
        try:
            self._catalog.admission.page(session.token, name)
            return serve(session, query)
        except ServiceError as error:
            return ServedPage(error.status, error.message.encode(), _TEXT, error.code)

    def _master(self, session: PlaybackSession, query: Query) -> ServedPage:
        return ServedPage(200, playlists.master(session).encode(), playlists.CONTENT_TYPE)

    def _playlist(self, session: PlaybackSession, query: Query) -> ServedPage:
        track = self._track(session, query)
        if track is None and session.container == "FRAGMENTED_MP4":
            return _bad("TrackNumber")
        self._points(session, "GetHLSMediaPlaylist", metadata=session.most)
        text = playlists.media(
            session, self._catalog.now, None if track is None else track.track.number
        )
        return ServedPage(200, text.encode(), playlists.CONTENT_TYPE)

    def _manifest(self, session: PlaybackSession, query: Query) -> ServedPage:
        self._points(session, "GetDASHManifest", metadata=session.most)
        text = manifest.manifest(session, self._catalog.now)
        return ServedPage(200, text.encode(), manifest.CONTENT_TYPE)

    def _init(self, session: PlaybackSession, query: Query) -> ServedPage:
        number = query.get("SequenceNumber", "")
        shown = [each for each in session.shown if str(each.sequence) == number]
        fragment = shown[0] if shown else session.shown[-1]
        found = [
            each
            for each in playable(fragment.header.tracks)
            if str(each.track.number) == query.get("TrackNumber")
        ]
        return ServedPage(200, mp4.init(found[0]), "video/mp4") if found else _bad("TrackNumber")

    def _segment(self, session: PlaybackSession, query: Query) -> ServedPage:
        track, fragment = self._track(session, query), self._fragment(session, query)
        if track is None:
            return _bad("TrackNumber")
        if fragment is None:
            return _missing()
        self._points(session, "GetMP4MediaFragment", media=1)
        data = mp4.segment(fragment.sequence, session.at(fragment), samples(fragment, track))
        self._told(session, "GetMP4MediaFragment", fragment, data)
        return ServedPage(200, data, "video/mp4")

    def _transport(self, session: PlaybackSession, query: Query) -> ServedPage:
        fragment = self._fragment(session, query)
        if fragment is None:
            return _missing()
        self._points(session, "GetTSFragment", media=1)
        tracks = playable(fragment.header.tracks)
        rows = [(each, samples(fragment, each)) for each in tracks]
        data = transport.transport(session.at(fragment), rows)
        self._told(session, "GetTSFragment", fragment, data)
        return ServedPage(200, data, "video/mp2t")

    def _track(self, session: PlaybackSession, query: Query) -> PlayableTrack | None:
        wanted = query.get("TrackNumber")
        found = (each for each in session.tracks() if str(each.track.number) == wanted)
        return next(found, None)

    def _fragment(self, session: PlaybackSession, query: Query) -> Fragment | None:
        if "Time" in query:
            at = (each for each in session.shown if str(session.at(each)) == query["Time"])
            named = next(at, None)
            return None if named is None else session.find(named.number)
        return session.find(query.get("FragmentNumber", ""))

    def _points(self, session: PlaybackSession, api: str, **asked: int) -> None:
        """Use quota points of the stream. Raises ClientLimitExceededException."""
        self._catalog.admission.points(session.stream.name, api, **asked, played=True)

    def _told(self, session: PlaybackSession, api: str, fragment: Fragment, data: bytes) -> None:
        self._catalog.events.append(
            MediaRead(
                at=self._catalog.now,
                stream=session.stream.name,
                api=api,
                fragments=1,
                bytes=len(data),
                frames=fragment.frames,
            )
        )


def _bad(name: str) -> ServedPage:
    return ServedPage(400, f"{name} is missing, or is none of the stream's.".encode(), _TEXT)


def _missing() -> ServedPage:
    return ServedPage(404, b"The fragment is not there: its retention is over.", _TEXT)
