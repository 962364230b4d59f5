"""The dock camera: pictures that any decoder plays, and a clock that says when."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.errors import UsageError
from kinesis_sim.video import ebml, matroska
from kinesis_sim.workloads.camera.dock_camera import (
    CLOCK_AT,
    CLOCK_SIZE,
    HEIGHT,
    WIDTH,
    DockCamera,
    clock_text,
)
from kinesis_sim.workloads.camera.h264 import Bits
from kinesis_sim.workloads.camera.picture import digits_in

START = "2026-01-01T08:59:50Z"
START_MS = 1_767_257_990_000


@given(st.lists(st.integers(0, 5_000), min_size=1))
def test_exp_golomb_codes_come_back(values: list[int]) -> None:
    bits = Bits()
    for value in values:
        bits.ue(value)
    text = "".join(f"{byte:08b}" for byte in bits.end())
    found, at = [], 0
    while len(found) < len(values):
        zeros = text.index("1", at) - at
        found.append(int(text[at + zeros : at + 2 * zeros + 1], 2) - 1)
        at += 2 * zeros + 1
    assert found == values
    assert set(text[at + 1 :]) <= {"0"}
    assert text[at] == "1"


def test_the_same_seed_makes_the_same_media() -> None:
    def media(seed: int) -> bytes:
        return b"".join(DockCamera(seed).media(START, seconds=10))

    assert media(7) == media(7)
    assert media(7) != media(8)


def test_media_is_a_fragment_every_two_seconds_with_a_key_frame_first() -> None:
    header, *fragments = DockCamera(7).media(START_MS, seconds=10, absolute=True)
    assert header.startswith(b"\x1a\x45\xdf\xa3")
    assert len(fragments) == 5
    for number, raw in enumerate(fragments):
        blocks = list(matroska.blocks_of(raw))
        assert [(block.offset, block.key) for block in blocks] == [
            (200 * place, place == 0) for place in range(10)
        ]
        top = ebml.head(raw, 0, len(raw))
        assert top is not None
        stamp = next(ebml.elements(raw, top.begin))
        assert ebml.unsigned(raw, stamp) == START_MS + 2_000 * number


def test_the_clock_can_be_read_in_what_it_draws() -> None:
    for at in (0, START_MS, START_MS + 10_000, 86_399_999):
        blocks = DockCamera().picture(at).blocks()
        across = WIDTH // 16
        luma = b"".join(
            b"".join(
                blocks[row // 16 * across + column][row % 16 * 16 :][:16]
                for column in range(across)
            )
            for row in range(HEIGHT)
        )
        assert digits_in(luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE) == clock_text(at)
    assert (clock_text(START_MS), clock_text(86_399_999)) == ("08:59:50", "23:59:59")


def test_bikes_come_and_go() -> None:
    camera = DockCamera(7)
    counts = {sum(camera.docked(START_MS + 5_000 * number)) for number in range(60)}
    assert min(counts) < 3 < max(counts)


@pytest.mark.parametrize("wrong", [{"gop": 100}, {"fps": 0}, {"fps": 30}, {"gop": 1_500, "fps": 5}])
def test_what_makes_no_whole_pictures_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=r"gop|fps"):
        DockCamera(**wrong)


def test_a_real_decoder_plays_every_frame_and_the_clock_goes_on() -> None:
    av = pytest.importorskip("av")
    media = b"".join(DockCamera(7).media(START, seconds=10))
    shown = []
    with av.open(io.BytesIO(media)) as container:
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            rows = bytes(plane)
            luma = b"".join(rows[row * plane.line_size :][:WIDTH] for row in range(HEIGHT))
            shown.append(digits_in(luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE))
    assert shown == [clock_text(START_MS + 200 * number) for number in range(50)]
