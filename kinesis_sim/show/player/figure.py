"""A session's fragments as a strip, for places that cannot play them."""

from __future__ import annotations

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.page import PAPER
from kinesis_sim.show.kit.paper import Paper, wrapped
from kinesis_sim.show.kit.sheet import Sheet
from kinesis_sim.show.player.fold import Screening
from kinesis_sim.show.player.words import Told

WIDTH, EDGE, ACROSS, TALL, GAP = PAPER, 24, 7, 44, 6
MOST = 30
HUE = theme.OKABE_ITO["blue"]


def figure(found: Screening, told: Told) -> Sheet:
    """A box a fragment, in the order of the playlist."""
    segments = found.segments[:MOST]
    lines = wrapped(told.notice, WIDTH - 2 * EDGE, 12.5)
    rows = -(-len(segments) // ACROSS)
    top = 52 + 19 * len(lines)
    paper = Paper(WIDTH, top + (TALL + GAP) * rows + 14)
    paper.figure.summary = told.summary
    paper.text(EDGE, 26, told.title, size=18, bold=True)
    for row, line in enumerate(lines):
        paper.text(EDGE, 54 + 19 * row, line, size=12.5)
    wide = (WIDTH - 2 * EDGE + GAP) / ACROSS - GAP
    for place, segment in enumerate(segments):
        x = EDGE + (wide + GAP) * (place % ACROSS)
        y = top + (TALL + GAP) * (place // ACROSS)
        paper.box(x, y, wide, TALL, edge=HUE, face=HUE, radius=4, alpha=0.12)
        time, middle = told.time(segment), y + TALL / 2
        if time:
            paper.text(x + wide / 2, middle - 9, time, size=11.5, align="center", bold=True)
            middle += 9
        paper.text(x + wide / 2, middle, told.length(segment), size=11.5, align="center")
    return paper.figure
