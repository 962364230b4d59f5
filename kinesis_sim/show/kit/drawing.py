"""A scene on a figure's paper."""

from __future__ import annotations

from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyBboxPatch, Patch, Polygon, Wedge

from kinesis_sim.show.kit.looks import HATCHES, LOOKS, Look, on_paper
from kinesis_sim.show.kit.paper import DASHES, HAIR, Paper, text_width
from kinesis_sim.show.kit.scene import BAND, Mark, Scene

Places = list[tuple[float, float]]
BEFORE = {"": 0.0, "start": 0.0, "middle": 0.5, "end": 1.0}
"""How much of a text stands left of its place."""
ALIGN = {"": "left", "start": "left", "middle": "center", "end": "right"}


def draw(scene: Scene, paper: Paper, left: float, top: float, width: float, at: int | None) -> None:
    """Draw what of a scene is there at an instant, from back to front, in ``width`` px."""
    brush = _Brush(paper, left, width)
    for mark in scene.marks:
        if mark.lives(at):
            brush.draw(mark, [(left + x.on(width), top + y) for x, y in mark.points])


class _Brush:
    """Draws mark after mark; each lies above those before it."""

    def __init__(self, paper: Paper, left: float, width: float) -> None:
        self._paper, self._left, self._width = paper, left, width
        self._z = 1.0
        self._taken: dict[str, Places] = {}

    def draw(self, mark: Mark, places: Places) -> None:
        """One mark."""
        self._z += 0.001
        look = LOOKS[mark.role]
        if mark.kind == "text":
            self._text(mark, look, places[0])
        elif mark.kind == "line":
            self._line(mark, look, places)
        else:
            self._patch(_patch(mark, places), look, mark.hue, mark.strength)

    def _patch(self, patch: Patch, look: Look, hue: str, strength: float = 1) -> None:
        face = on_paper(look.fill, hue)
        patch.set_facecolor("none" if face == "none" else to_rgba(face, look.opacity * strength))
        patch.set_edgecolor(on_paper(look.stroke, hue) if look.stroke else "none")
        patch.set_linewidth(look.width * HAIR)
        patch.set_linestyle((0, DASHES) if look.dashed else "solid")
        if look.fill in HATCHES:
            patch.set_hatch("/////")
        self._paper.add(patch, self._z)

    def _line(self, mark: Mark, look: Look, places: Places) -> None:
        color = on_paper(look.stroke, mark.hue)
        draw = self._paper.arrow if mark.end else self._paper.line
        draw(places, color=color, width=look.width, dashed=look.dashed, z=self._z)
        if mark.begin:
            x, y = places[0]
            tip = Polygon([(x - 8, y - 5), (x - 8, y + 5), (x + 1, y)])
            self._patch(tip, LOOKS[mark.begin], mark.hue)

    def _text(self, mark: Mark, look: Look, place: tuple[float, float]) -> None:
        """A text of a row gives way to one before it, and stays inside."""
        x, y = place
        if mark.row:
            wide = text_width(mark.said, look.size)
            before = wide * BEFORE[mark.align]
            start = x - before
            start = min(max(start, self._left), self._left + self._width - wide)
            taken = self._taken.setdefault(mark.row, [])
            if any(start < end + 8 and begin < start + wide + 8 for begin, end in taken):
                return
            taken.append((start, start + wide))
            x = start + before
        self._paper.text(
            x, y, mark.said, size=look.size, color=on_paper(look.fill, mark.hue), bold=look.bold,
            align=ALIGN[mark.align], halo=look.halo, z=self._z,
        )  # fmt: skip


def _patch(mark: Mark, places: Places) -> Patch:
    if mark.kind == "dot":
        return Circle(places[0], mark.r)
    if mark.kind == "shape":
        return Polygon(places)
    if mark.turn:
        first, last = (270 + 360 * turn for turn in mark.turn)
        return Wedge(places[0], mark.r, first, last, width=mark.r * BAND)
    (x0, y0), (x1, y1) = places
    x, y, width, height = min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
    radius = min(mark.r, width / 2, height / 2)
    return FancyBboxPatch((x, y), width, height, boxstyle=f"round,pad=0,rounding_size={radius}")
