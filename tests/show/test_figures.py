"""Figures: nothing overlaps, text can be read, and state is never colour alone."""

from __future__ import annotations

import re
from base64 import b64decode
from functools import cache
from html import unescape
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from kinesis_sim import Simulator
from kinesis_sim.errors import UsageError
from kinesis_sim.show import DIAGRAMS
from kinesis_sim.show.diagrams.diagram import Box
from kinesis_sim.show.diagrams.figure import COMING
from kinesis_sim.show.diagrams.figure import DIAGRAMS as DRAWN
from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.history import MOST_LANES
from kinesis_sim.show.kit.looks import LOOKS
from kinesis_sim.show.kit.page import PAPER
from kinesis_sim.show.kit.scene import Scene
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.kit.words import LANGUAGES
from kinesis_sim.show.shards.scene import lane_height, spread
from kinesis_sim.state_tables import state_tables
from tests.browser.pictures import PICTURES as DESK_OF
from tests.show.scenario import BEGIN, DAY, SPLIT_AT, STREAM, split_in_the_morning


def texts(sheet: Sheet) -> list[Text]:
    return [text for axes in sheet.axes for text in axes.texts if text.get_text()]


def written(sheet: Sheet) -> set[str]:
    return {text.get_text() for text in texts(sheet)}


def overlapping(sheet: Sheet) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than a hair."""
    sheet.canvas.draw()  # type: ignore[no-untyped-call]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1.5)) for text in texts(sheet)]
    return [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]


def outside(sheet: Sheet) -> list[str]:
    sheet.canvas.draw()  # type: ignore[no-untyped-call]
    width, height = sheet.bbox.width, sheet.bbox.height
    return [
        text.get_text()
        for text in texts(sheet)
        if (box := text.get_window_extent()).x0 < 0
        or box.x1 > width
        or box.y0 < 0
        or box.y1 > height
    ]


OTHERWISE = {"journey": 0}
"""Of a widget whose picture without a kernel is none: a page of text."""
DESKS = sorted(set(DESK_OF) - set(OTHERWISE))
PICTURES = ("today", "the next day", *state_tables(), *DIAGRAMS)


@cache
def sheet(name: str, lang: str) -> Sheet:
    sim = split_in_the_morning()
    if name == "the next day":
        sim.run_until(BEGIN + DAY + 45_000)
    if name in state_tables():
        return sim.show.states(name, lang=lang)
    if name in DIAGRAMS:
        return sim.show.architecture(name, lang=lang)
    return sim.show.shards(STREAM, keys=["bike-0042", "station-9", "bike-0107"], lang=lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_texts_are_large_enough_apart_and_inside(name: str, lang: str) -> None:
    drawn = sheet(name, lang)
    smallest = min(text.get_fontsize() for text in texts(drawn))
    assert smallest >= theme.points(theme.SMALLEST) - 1e-9
    assert overlapping(drawn) == []
    assert outside(drawn) == []
    assert drawn.get_size_inches()[0] * drawn.dpi <= 900


@pytest.mark.parametrize("name", DESKS)
def test_a_page_s_figure_fits_a_lesson_s_paper_in_a_narrow_window(name: str) -> None:
    """Its layout is the one for that width; what would be squeezed beside it stands below."""
    desk = DESK_OF[name]("pt-BR")
    try:
        drawn = desk.drawn()
    finally:
        desk.close()
    assert drawn.size["width"] == PAPER
    assert outside(drawn) == []
    assert overlapping(drawn) == []


def test_a_shard_map_says_every_state_in_words() -> None:
    sim = split_in_the_morning()
    sim.run_until(SPLIT_AT + DAY - 5_000)
    assert {"open", "closed", "trim horizon", "now"} <= written(sim.show.shards(STREAM))
    sim.run_until(SPLIT_AT + DAY + 1)
    assert {"open", "expired"} <= written(sim.show.shards(STREAM))


def test_an_earlier_instant_shows_what_was_there_then() -> None:
    sim = split_in_the_morning()
    then = written(sim.show.shards(STREAM, at=SPLIT_AT - 1))
    assert {"shard 0", "shard 1", "shown"} <= then
    assert then.isdisjoint({"shard 2", "shard 3", "closed"})


def test_an_instant_outside_history_and_an_unknown_stream_are_refused() -> None:
    sim = split_in_the_morning()
    with pytest.raises(UsageError, match="the history of meu-stream runs from 2026-01-01"):
        sim.show.shards(STREAM, at="2027-01-01T00:00:00Z")
    with pytest.raises(UsageError, match="There is no stream 'other'"):
        sim.show.shards("other")


def test_a_figure_is_the_same_bytes_in_every_run() -> None:
    one, other = (split_in_the_morning().show.shards(STREAM) for _ in range(2))
    assert one.png() == other.png()
    assert repr(one) == repr(other)
    assert repr(one).startswith("Shard map of meu-stream at 2026-01-01 00:00:50 UTC: provisioned")


def test_a_notebook_shows_a_figure_at_its_own_size_but_sharp() -> None:
    data, metadata = split_in_the_morning().show.states()._repr_mimebundle_()
    image, size = b64decode(data["image/png"]), metadata["image/png"]
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 2 * size["width"]


def test_a_figure_says_what_it_shows_to_who_cannot_see_it() -> None:
    sheet = split_in_the_morning().show.shards(STREAM)
    data, _ = sheet._repr_mimebundle_()
    [said] = re.findall(r'<img [^>]* alt="([^"]+)"', data["text/html"])
    assert unescape(said) == repr(sheet) == data["text/plain"]
    assert data["image/png"] in data["text/html"]


def test_the_diagram_of_states_follows_the_tables(sim: Simulator) -> None:
    for of, table in state_tables().items():
        drawn = sim.show.states(of)
        assert {state.value for state in table.states} <= written(drawn)
        assert repr(drawn).count("→") == len(list(table))


def test_an_unknown_picture_is_refused_by_name(sim: Simulator) -> None:
    with pytest.raises(UsageError, match="choose 'alarm', 'stream', 'shard'"):
        sim.show.states("firehose")
    with pytest.raises(UsageError, match="choose one of architecture, pipeline"):
        sim.show.architecture("plan")


# --- diagrams -----------------------------------------------------------------------------------


def boxes() -> list[tuple[str, tuple[Box, ...]]]:
    return [(name, tuple(diagram.boxes)) for name, diagram in DRAWN.items()]


def test_the_diagrams_are_those_that_show_names() -> None:
    assert tuple(DRAWN) == DIAGRAMS


@pytest.mark.parametrize(("name", "drawn"), boxes())
def test_what_is_not_built_is_marked_in_words(sim: Simulator, name: str, drawn: list[Box]) -> None:
    marks = [text.get_text() for text in texts(sim.show.architecture(name))]
    coming = sum(box.name in COMING for box in drawn)
    assert marks.count("coming") == coming + bool(coming)  # each box, and the legend's


@pytest.mark.parametrize(("name", "drawn"), boxes())
def test_boxes_do_not_overlap(name: str, drawn: list[Box]) -> None:
    for one, other in combinations(drawn, 2):
        apart = (
            one.x + one.width < other.x
            or other.x + other.width < one.x
            or one.y + one.tall < other.y
            or other.y + other.tall < one.y
        )
        assert apart, (one.name, other.name)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_fits_the_paper_and_its_texts_their_boxes(
    sim: Simulator, name: str, language: str
) -> None:
    sheet = sim.show.architecture(name, lang=language)
    sheet.canvas.draw()  # type: ignore[no-untyped-call]
    scale = PAPER / sheet.bbox.width
    assert sheet.get_figwidth() * sheet.dpi * scale == PAPER
    assert overlapping(sheet) == []
    for text in texts(sheet):
        assert text.get_window_extent().x1 * scale <= PAPER, text.get_text()
        x, y = text.get_position()
        for box in DRAWN[name].boxes:
            if box.x < x < box.x + box.width / 2 and box.y < y < box.y + box.tall:
                assert text.get_window_extent().x1 * scale <= box.x + box.width, text.get_text()
                assert y + 8 < box.y + box.tall


def test_every_coming_part_is_in_a_picture() -> None:
    assert {box.name for diagram in DRAWN.values() for box in diagram.boxes} >= COMING


# --- the theme ----------------------------------------------------------------------------------


@pytest.mark.parametrize("hue", theme.SHARD_HUES)
def test_numbers_on_the_ring_can_be_read(hue: str) -> None:
    assert theme.contrast(theme.ink_on(hue), hue) >= 4.5


@pytest.mark.parametrize("ink", [theme.INK, theme.QUIET])
@pytest.mark.parametrize("paper", [theme.PAPER, theme.TRIMMED])
def test_text_on_paper_can_be_read(ink: str, paper: str) -> None:
    assert theme.contrast(ink, paper) >= 4.5


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


# --- layout -------------------------------------------------------------------------------------


@pytest.mark.parametrize("lanes", range(1, MOST_LANES + 1))
def test_lanes_leave_a_gap_and_fit(lanes: int) -> None:
    height = lane_height(lanes)
    assert 16 <= height <= 44
    assert lanes * (height + 18) <= 820


@given(st.lists(st.floats(0, 200), max_size=12))
def test_spread_labels_keep_their_order_and_distance(heights: list[float]) -> None:
    found = sorted(spread(heights, 16))
    assert all(low + 16 <= high + 1e-9 for low, high in pairwise(found))
    assert all(new >= old for old, new in zip(heights, spread(heights, 16), strict=True))


def shape(sign: Scene) -> tuple[object, ...]:
    """What tells a legend's sign from another without its colours."""
    found: list[object] = []
    for mark in sign.marks:
        look = LOOKS[mark.role]
        filled = "hatched" if look.fill == "hatch" else bool(look.fill) and look.opacity > 0.5
        stroke = (bool(look.stroke), look.dashed, mark.kind == "line" and look.width > 2)
        corners = len(mark.points) if mark.kind == "shape" else 0
        found.append((mark.kind, corners, filled, *stroke, mark.r > 3, mark.end, mark.said))
    return tuple(found)


OWN_LEGENDS = {"buffer", "control_room", "player", "shards"}
"""Of pictures that are no pages of the kit."""


@pytest.mark.parametrize("name", sorted(set(DESKS) - OWN_LEGENDS))
def test_no_two_signs_of_a_legend_differ_by_their_colour_alone(name: str) -> None:
    desk = DESK_OF[name]("en")
    try:
        legend = desk._page.legend
    finally:
        desk.close()
    shapes = [shape(sign) for sign, _ in legend]
    alike = [said for (_, said), one in zip(legend, shapes, strict=True) if shapes.count(one) > 1]
    assert alike == []
