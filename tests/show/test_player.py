"""The player's Python side: what it fetches at a session's address, and what it says of it."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from kinesis_sim import Simulator, UsageError
from kinesis_sim.show.kit.words import LANGUAGES
from kinesis_sim.show.player.fold import screening
from kinesis_sim.video.events import MediaRead
from kinesis_sim.workloads.scenes.filming import STREAM, Filming


@pytest.fixture
def filming() -> Filming:
    filming = Filming(Simulator(latency=None))
    filming.film(10)
    return filming


def address(filming: Filming, **request: Any) -> str:
    archived = filming.sim.client("kinesis-video-archived-media")
    made = filming.sim.video[STREAM].made
    span = {"StartTimestamp": made / 1_000, "EndTimestamp": filming.sim.clock.now / 1_000}
    given = {
        "PlaybackMode": "ON_DEMAND",
        "HLSFragmentSelector": {"FragmentSelectorType": "PRODUCER_TIMESTAMP",
                                "TimestampRange": span},
        "DisplayFragmentTimestamp": "ALWAYS",
    }  # fmt: skip
    given = request if request.get("PlaybackMode") == "LIVE" else {**given, **request}
    answer = archived.get_hls_streaming_session_url(StreamName=STREAM, **given)
    return str(answer["HLSStreamingSessionURL"])


def ask(player: Any, number: int) -> dict[str, Any]:
    player._handle_custom_msg({"kind": "segment", "number": number}, [])
    return dict(player.segment)


def test_it_reads_what_the_playlists_say_and_shows_no_whole_token(filming: Filming) -> None:
    url = address(filming)
    found = screening(filming.sim, url)
    assert (found.status, found.codecs, found.over, found.first) == (200, "avc1.42C01E", True, 1)
    assert [segment.seconds for segment in found.segments] == [2.0] * 5
    assert found.segments[0].said == "2026-01-01T00:00:03.000Z"
    token = url.partition("SessionToken=")[2]
    assert token[:8] in found.playlist
    assert token[:12] not in found.playlist


def test_it_fetches_what_the_page_asks_for_and_nothing_else(filming: Filming) -> None:
    player = filming.sim.show.player(address(filming))
    assert filming.sim.events.of(MediaRead) == []
    assert b64decode(ask(player, -1)["data"])[4:8] == b"ftyp"
    assert b"moof" in b64decode(ask(player, 1)["data"])[:64]
    assert [event.api for event in filming.sim.events.of(MediaRead)] == ["GetMP4MediaFragment"]
    before = dict(player.segment)
    for nonsense in (0, 6, -2, 10**12):
        assert ask(player, nonsense) == before


def test_a_session_that_is_over_is_told_with_its_status(filming: Filming) -> None:
    player = filming.sim.show.player(address(filming))
    filming.sim.advance(seconds=301)
    assert ask(player, 1)["why"].startswith("HTTP 403: The session is over")
    player._follow()
    assert player.summary() == "HLS session. HTTP 403: The session is over, or never was."


def test_media_that_expired_is_told_too(filming: Filming) -> None:
    player = filming.sim.show.player(address(filming, Expires=43_200))
    filming.sim.advance(hours=2)
    assert ask(player, 1)["why"].startswith("HTTP 404")


def test_a_live_playlist_moves_on_with_the_camera(filming: Filming) -> None:
    player = filming.sim.show.player(address(filming, PlaybackMode="LIVE"))
    assert (player.rows["first"], len(player.rows["fragments"])) == (1, 5)
    filming.film(4)
    player._follow()
    assert (player.rows["first"], len(player.rows["fragments"])) == (3, 5)
    assert not player.rows["over"]
    assert b64decode(ask(player, 7)["data"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_figure_and_summary_say_the_same(filming: Filming, lang: str) -> None:
    player = filming.sim.show.player(address(filming), lang=lang)
    assert repr(player) == repr(player.drawn())
    seconds = {"en": "10.0 s", "pt-BR": "10,0 s"}[lang]
    assert f"5 fragment{'s' if lang == 'en' else 'os'}, {seconds}" in repr(player)
    assert "00:00:03" in repr(player)


@pytest.mark.parametrize("wrong", ["", "https://example.com/x.m3u8", "file:///etc/passwd", 7])
def test_other_addresses_are_refused(filming: Filming, wrong: Any) -> None:
    with pytest.raises(UsageError, match="HLSStreamingSessionURL"):
        filming.sim.show.player(wrong)


def test_a_token_that_was_never_given_out_is_told(filming: Filming) -> None:
    url = address(filming).partition("SessionToken=")[0] + "SessionToken=guessed"
    assert "HTTP 403" in repr(filming.sim.show.player(url))
