"""A sheet to draw on in pixels from the top left, as the browser widgets do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.textpath import TextPath

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.sheet import Sheet

Point = tuple[float, float]
DASHES = (4.0, 3.0)
NOTICE_STEP = 19
"""px from line to line of what to notice."""
HAIR = 0.72
"""Points in a pixel at the theme's resolution."""
HINTED = 1.04  # letters fitted to pixels run a little wider than their outlines


class Paper:
    """A figure of width x height px with one coordinate system: pixels, y downwards."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.figure: Sheet = theme.new_figure(width, height)
        self.figure.set_layout_engine("none")
        self._axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        self._axes.axis("off")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12,
        color: str = theme.INK,
        bold: bool = False,
        align: str = "left",
        halo: bool = False,
        z: float = 6,
    ) -> None:
        """Write a line with its middle height at ``y``; align: left, center or right of ``x``.

        halo: keep lines that cross it a little away.
        """
        written = self._axes.text(
            x,
            y,
            text,
            fontsize=theme.points(size),
            color=color,
            weight="bold" if bold else "normal",
            ha=align,
            va="center_baseline",
            parse_math=False,
            zorder=z,
        )
        if halo:
            written.set_path_effects([withStroke(linewidth=3, foreground=theme.PAPER)])

    def lines(
        self, x: float, y: float, text: str, room: float, *, size: float = 12, step: float = 18,
        color: str = theme.INK, align: str = "left",
    ) -> float:  # fmt: skip
        """Write a text in lines of at most ``room`` px; returns where the next line would be."""
        for line in wrapped(text, room, size):
            self.text(x, y, line, size=size, color=color, align=align)
            y += step
        return y

    def notice(
        self, x: float, y: float, lines: Sequence[str], *, title: str = "", bold: bool = False
    ) -> float:
        """Write what to notice under its title, if any; returns where the next line would be."""
        if title:
            self.text(x, y, title, size=12.5, bold=True)
            y += NOTICE_STEP
        for row, line in enumerate(lines):
            self.text(x, y + NOTICE_STEP * row, line, size=12.5, bold=bold)
        return y + NOTICE_STEP * len(lines)

    def box(
        self, x: float, y: float, width: float, height: float, *, edge: str, face: str = "none",
        dashed: bool = False, radius: float = 6, line: float = 1.4, alpha: float = 1, z: float = 2,
    ) -> None:  # fmt: skip
        """A rounded rectangle. alpha is that of the face."""
        shape = f"round,pad=0,rounding_size={min(radius, height / 2, width / 2)}"
        fill = FancyBboxPatch((x, y), width, height, boxstyle=shape, fc=face, ec="none")
        fill.set_alpha(alpha)
        self.add(fill, z)
        edges = FancyBboxPatch((x, y), width, height, boxstyle=shape, fc="none", ec=edge)
        edges.set_linewidth(line * HAIR)
        edges.set_linestyle((0, DASHES) if dashed else "solid")
        self.add(edges, z + 0.1)

    def shade(
        self, x: float, y: float, width: float, height: float, color: str, alpha: float = 1
    ) -> None:
        """A plain filled rectangle behind everything."""
        self.add(Rectangle((x, y), width, height, fc=color, ec="none", alpha=alpha), 1)

    def hatched(self, x: float, y: float, width: float, height: float, *, color: str) -> None:
        """A hollow rectangle with diagonal strokes: what was refused."""
        edges = Rectangle((x, y), width, height, fc=theme.PAPER, ec=color, hatch="/////")
        edges.set_linewidth(HAIR)
        self.add(edges, 1.5)

    def dot(
        self, x: float, y: float, r: float, *, face: str, edge: str = "none", line: float = 1.2,
        alpha: float = 1, z: float = 3,
    ) -> None:  # fmt: skip
        """A circle of radius ``r``."""
        self.add(Circle((x, y), r, fc=face, ec=edge, lw=line * HAIR, alpha=alpha), z)

    def marker(self, x: float, y: float, *, color: str) -> None:
        """A reader: a triangle whose tip is at its place."""
        corners = [(x - 8, y - 5), (x - 8, y + 5), (x + 1, y)]
        self.add(Polygon(corners, fc=color, ec=theme.PAPER, lw=0.8 * HAIR), 4)

    def line(
        self, points: Sequence[Point], *, color: str = theme.INK, width: float = 1.4,
        dashed: bool = False, z: float = 3,
    ) -> None:  # fmt: skip
        """A line through points."""
        xs, ys = zip(*points, strict=True)
        style = (0, DASHES) if dashed else "solid"
        self._axes.plot(xs, ys, color=color, lw=width * HAIR, zorder=z, linestyle=style)

    def arrow(
        self, points: Sequence[Point], *, color: str = theme.INK, width: float = 1.4,
        dashed: bool = False, z: float = 3,
    ) -> None:  # fmt: skip
        """A line through points that ends in an arrow head."""
        (x0, y0), (x1, y1) = points[-2], points[-1]
        length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1)
        ux, uy = (x1 - x0) / length, (y1 - y0) / length
        back = (x1 - 8 * ux, y1 - 8 * uy)
        self.line([*points[:-1], back], color=color, width=width, dashed=dashed, z=z)
        left, right = (back[0] - 4 * uy, back[1] + 4 * ux), (back[0] + 4 * uy, back[1] - 4 * ux)
        self.add(Polygon([left, right, (x1, y1)], fc=color, ec="none"), z)

    def add(self, patch: object, z: float) -> None:
        """Put a matplotlib artist on the paper; the higher ``z``, the nearer."""
        patch.set_zorder(z)  # type: ignore[attr-defined]
        # Not add_patch: it would measure every shape to grow limits that are fixed.
        self._axes.add_artist(patch)  # type: ignore[arg-type]


@lru_cache(maxsize=32_768)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line is, in px at a font size of ``size`` px."""
    if not text:
        return 0
    font = FontProperties(weight="bold" if bold else "normal")
    outline = TextPath((0, 0), text, size=size, prop=font, usetex=False)
    # A curve of these letters never leaves its points; get_extents would solve for each of them.
    across = outline.vertices[outline.codes != Path.CLOSEPOLY, 0]
    return HINTED * float(across.max() - across.min()) if len(across) else 0


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """A text broken between words into lines of at most ``room`` px."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
