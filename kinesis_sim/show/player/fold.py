"""An HLS session as a player meets it: playlists fetched at an address, segments one by one.

Nothing is signed, and nothing of the stream is known but what the playlists say (RFC 8216).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urljoin, urlsplit

from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from kinesis_sim.account.service import ServedPage
    from kinesis_sim.simulator import Simulator

SERVICE = "kinesis-video-archived-media"
PATH = "/hls/v1/getHLSMasterPlaylist.m3u8"
_TOKEN = re.compile(r"(SessionToken=[\w-]{8})[\w=-]*")
_CODECS = re.compile(r'CODECS="([^"]+)"')
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')
_FIRST = re.compile(r"#EXT-X-MEDIA-SEQUENCE:(\d+)")
_LENGTH = re.compile(r"#EXTINF:([\d.]+)")


@dataclass(frozen=True, slots=True)
class Segment:
    """A fragment as a playlist lists it. seconds: its length; said: its date and time, or ""."""

    address: str
    seconds: float
    said: str


@dataclass(frozen=True, slots=True)
class Screening:
    """What a player knows of a session.

    status: of the first answer that was not 200, else 200; why: what it said. codecs: of the first
    variant. first: the number of the first segment that is listed. playlist: of its video, tokens
    cut short. over: whether it will not grow any more.
    """

    status: int
    why: str = ""
    codecs: str = ""
    init: str = ""
    first: int = 1
    segments: tuple[Segment, ...] = ()
    playlist: str = ""
    over: bool = False


def screening(sim: Simulator, address: str) -> Screening:
    """Fetch a session's playlists. Raises UsageError for what is no address of an HLS session."""
    if urlsplit(str(address)).path != PATH:
        raise UsageError(
            f"player({str(address)[:80]!r}): give what GetHLSStreamingSessionURL answers, "
            "its HLSStreamingSessionURL."
        )
    master = fetch(sim, address)
    if master.status != 200:
        return Screening(master.status, master.body.decode())
    text = master.body.decode()
    found = _CODECS.search(text)
    inner = urljoin(address, next(line for line in text.splitlines() if line[:1] not in ("", "#")))
    answer = fetch(sim, inner)
    if answer.status != 200:
        return Screening(answer.status, answer.body.decode())
    return _read(answer.body.decode(), inner, found[1] if found else "")


def fetch(sim: Simulator, address: str) -> ServedPage:
    """What lies at an address of a session, as over HTTP but without leaving the process."""
    from kinesis_sim.account.service import ServedPage

    parts = urlsplit(address)
    with sim.lock:
        page = sim.services[SERVICE].pages(parts.path, dict(parse_qsl(parts.query)))
    return page or ServedPage(404, b"There is nothing at this address.", "text/plain")


def _read(text: str, address: str, codecs: str) -> Screening:
    lines = text.splitlines()
    init = _MAP.search(text)
    return Screening(
        200,
        codecs=codecs,
        init=urljoin(address, init[1]) if init else "",
        first=int(first[1]) if (first := _FIRST.search(text)) else 1,
        segments=tuple(_segments(lines, address)),
        playlist=_TOKEN.sub(r"\1…", text),
        over="#EXT-X-ENDLIST" in lines,
    )


def _segments(lines: list[str], address: str) -> Iterator[Segment]:
    seconds, said = 0.0, ""
    for line in lines:
        if found := _LENGTH.match(line):
            seconds = float(found[1])
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            said = line.partition(":")[2]
        elif line and not line.startswith("#"):
            yield Segment(urljoin(address, line), seconds, said)
            seconds, said = 0.0, ""
