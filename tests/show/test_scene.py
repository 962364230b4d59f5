"""The kit's scene: places on any width, lifetimes, marks that move, and looks in both worlds."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Wedge

from kinesis_sim.show.kit import looks, theme
from kinesis_sim.show.kit.desk import SCENE
from kinesis_sim.show.kit.drawing import draw
from kinesis_sim.show.kit.looks import LOOKS, on_paper
from kinesis_sim.show.kit.page import Frame, Page, figure, sign
from kinesis_sim.show.kit.paper import Paper
from kinesis_sim.show.kit.scene import BAND, Scene, X, ways
from kinesis_sim.show.kit.words import Words


@given(place=st.floats(0, 1), width=st.integers(300, 1400), px=st.integers(-50, 50))
def test_a_place_of_the_band_stays_between_its_ends_on_every_width(
    place: float, width: int, px: int
) -> None:
    scene = Scene(120, 60)
    assert 120 - 1e-6 <= scene.x(place).on(width) <= width - 60 + 1e-6
    assert (scene.x(place) + px).on(width) == pytest.approx(scene.x(place).on(width) + px)


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("ab")), min_size=1, max_size=30))
def test_what_moves_is_at_every_instant_where_its_marks_put_it(
    steps: list[tuple[int, str]],
) -> None:
    scene = Scene()
    for n, (x, said) in enumerate(steps):
        with scene.during(n, n + 1):
            scene.text((X(x), 5), said)
    [row] = scene.rows()["marks"]
    kind, role, points, more = row
    assert (kind, role, more.get("since"), more["until"]) == ("text", "said", 0, len(steps))
    moves = more.get("moves", [[0, points, more["said"]]])
    for n, (x, said) in enumerate(steps):
        newest = [move for move in moves if move[0] <= n][-1]
        assert newest[1:] == [[[x, 5]], said]
    assert len(moves) == 1 + sum(a != b for a, b in pairwise(steps))


def test_two_of_one_kind_that_live_at_the_same_time_stay_two() -> None:
    scene = Scene()
    for n in range(3):
        with scene.during(n, n + 1):
            scene.dot((X(n), 5), 2, "record", hue="#0072B2")
            scene.dot((X(n), 9), 2, "record", hue="#E69F00")
    assert len(ways(scene.marks)) == 2


def test_only_what_lives_is_drawn_and_a_text_gives_way_in_its_row() -> None:
    scene, paper = Scene(), Paper(300, 60)
    with scene.during(0, 5):
        scene.text((X(10), 10), "before")
    with scene.during(5, None):
        scene.text((X(10), 10), "after")
    scene.text((X(100), 30), "first of its row", row="ticks")
    scene.text((X(120), 30), "in its way", row="ticks")
    scene.text((X(0, 1), 30), "kept inside", row="ticks", align="middle")
    scene.text((X(5), 50), "")
    draw(scene, paper, 0, 0, 300, 5)
    drawn = {text.get_text(): text.get_position()[0] for text in paper.figure.axes[0].texts}
    assert drawn.keys() == {"after", "first of its row", "kept inside"}
    assert drawn["kept inside"] < 300 - 20


def test_a_slice_is_a_piece_of_the_same_ring_in_both_worlds() -> None:
    scene, paper = Scene(), Paper(200, 200)
    scene.slice((X(100), 100), 50, (0.25, 0.5), "slice", hue="#0072B2")
    draw(scene, paper, 0, 0, 200, None)
    [wedge] = [patch for patch in paper.figure.axes[0].patches if isinstance(patch, Wedge)]
    assert (wedge.theta1, wedge.theta2) == (360, 450)  # clockwise from the right: y grows downwards
    assert wedge.width == 50 * BAND
    [[kind, _, points, more]] = scene.rows()["marks"]
    assert (kind, points, more["r"], more["turn"]) == ("slice", [[100, 100]], 50, (0.25, 0.5))
    assert f"const BAND = {BAND};" in SCENE.read_text("utf-8")


def test_every_role_has_a_colour_on_paper_and_a_rule_of_the_style_sheet() -> None:
    rules = looks.css()
    names = {f"--kl-hue-{name}" for name in theme.OKABE_ITO} | {"--hue"}
    names |= {"--hatch", "--hatch-purple"}
    names |= {f"--kl-text-{name}" for name in theme.TEXT_ON_LIGHT}
    names |= {f"--kl-{name}" for name in ("ink", "quiet", "line", "paper")}
    assert set(re.findall(r"var\((--[a-z-]+)\)", rules)) <= names
    for role, look in LOOKS.items():
        assert f".kl-scene .kl-{role} {{" in rules
        assert on_paper(look.fill, "#123456")
        assert on_paper(look.stroke, "#123456")
        assert look.size >= theme.SMALLEST


def test_a_role_without_a_look_is_refused() -> None:
    with pytest.raises(KeyError, match="No look for the role 'nobody'"):
        Scene().dot((X(), 0), 3, "nobody")


def test_a_page_is_the_same_bytes_in_every_run_and_has_its_words() -> None:
    scene = Scene(20, 20)
    scene.height = 40
    scene.line([(scene.x(0), 20), (scene.x(1), 20)], "lag", hue="#0072B2", begin="reader")
    legend = [(sign(kind, "load"), f"a {kind} of load") for kind in ("dot", "line", "box")] * 3
    frame = Frame(0, "07:00", "Nothing yet.")
    page = Page("A title", "below it", [scene], [frame], "in words", legend=legend)
    one, other = (figure(page, Words("kit", "en")) for _ in range(2))
    assert one.png() == other.png()
    assert repr(one) == "in words"
    written = {text.get_text() for text in one.axes[0].texts}
    assert {"A title", "07:00 UTC", "Nothing yet.", "What to notice", "a box of load"} <= written


def test_a_text_that_moves_stays_above_the_box_drawn_before_it() -> None:
    scene = Scene()
    for since, until, x in ((0, 1, 0), (1, None, 50)):
        with scene.during(since, until):
            scene.box((X(x, 0), 0), (X(x + 40, 0), 40), "state-here", data={"here": str(x)})
            scene.text((X(x + 20, 0), 20), str(x), "name-here")
    marks = scene.rows()["marks"]
    assert [kind for kind, *_ in marks] == ["box", "box", "text"]


def test_what_stays_from_instant_to_instant_is_drawn_once_while_it_lasts() -> None:
    scene = Scene()
    values = {0: "a", 5: "a", 10: "b", 15: "a"}
    for at, said in scene.each(list(values), values.__getitem__):
        scene.text((X(at), 0), said)
    found = [(mark.points[0][0].px, mark.said, mark.alive) for mark in scene.marks]
    assert found == [(0, "a", (0, 10)), (10, "b", (10, 15)), (15, "a", (15, None))]
    scene.dot((X(), 0), 1, "record")
    assert scene.marks[-1].alive == (None, None)
