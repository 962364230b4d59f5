"""How the roles of a scene look: one table that the style sheet and the paper both read.

A colour is a name: "hue" is the mark's own; ink, quiet, line and paper follow the theme; good,
wait, bad and plain have the contrast of text on it; blue, green, sky … are hues of the palette.
"""

from __future__ import annotations

from dataclasses import dataclass

from kinesis_sim.show.kit import theme


@dataclass(frozen=True, slots=True)
class Look:
    """One role.

    fill, stroke: colours by name, "hatch": strokes in ``bad`` on paper, "hatch-purple": strokes
    alone; width: px of the line; opacity: of
    the fill; size: px of letters; halo: lines that cross the text stay a little away; crisp: edges
    on whole px, so that neighbours leave no seam.
    """

    fill: str = ""
    stroke: str = ""
    width: float = 1.4
    opacity: float = 1
    dashed: bool = False
    size: float = 11.5
    bold: bool = False
    halo: bool = False
    crisp: bool = False


HATCHES = ("hatch", "hatch-purple")
LOOKS = {
    # what stands: lanes, states, places
    "lane": Look("hue", "hue", 1.2, opacity=0.1),
    "lane-closed": Look("hue", "hue", 1.4, opacity=0.1, dashed=True),
    "lane-expired": Look("quiet", "quiet", 1.2, opacity=0.06, dashed=True),
    "slice": Look("hue", "paper", 2.5),
    "slice-none": Look("line", "line", 1, opacity=0.35),
    "state": Look("plain", "plain", 1.4, opacity=0.1),
    "state-here": Look("plain", "ink", 2.4),
    "state-gone": Look("paper", "quiet", 1.4, dashed=True),
    # what comes and goes
    "record": Look("hue", "paper", 0.6),
    "record-past": Look("hue", "paper", 0.6, opacity=0.38),
    "record-gone": Look("quiet", "", 0, opacity=0.32),
    "refused": Look("hatch", "bad", 0),
    "refused-part": Look("hatch", "bad", 1),
    "refused-dot": Look("hatch", "bad", 1.5),
    "refused-gone": Look("paper", "line", 1.5),
    "stored": Look("hue"),
    "outline": Look("", "hue", 1.2),
    "pin": Look("paper", "ink", 1),
    "pin-home": Look("hue", "ink", 1.3),
    "lag": Look("", "hue", 5),
    "load": Look("sky", "", 0, opacity=0.6, crisp=True),
    "limit": Look("", "plain", 3),
    "change": Look("plain", "paper", 1.3),
    "ahead": Look("", "quiet", 1.8, dashed=True),
    "stem": Look("", "ink", 1.6),
    "stem-halo": Look("", "paper", 5),
    "node": Look("ink", "paper", 1.2),
    "step": Look("", "quiet", 1.4),
    "step-taken": Look("", "plain", 3),
    "gap": Look("paper", "", 0),
    "kept": Look("sky", "", 0, crisp=True),
    "gone": Look("paper", "quiet", 1, crisp=True),
    "unread": Look("", "ink", 3.5),
    "missed": Look("hatch", "bad", 1),
    "reader": Look("ink", "paper", 0.8),
    "reader-bad": Look("vermillion", "paper", 0.8),
    "reader-fallen": Look("paper", "ink", 1.8),
    # event time: windows, watermarks, what comes too late
    "window": Look("hue", "hue", 1.4, opacity=0.1),
    "bracket": Look("", "hue", 1.8),
    "watermark": Look("", "plain", 2, dashed=True),
    "late": Look("", "bad", 2.2),
    "lost": Look("", "vermillion", 2.4),
    # media: fragments on a timeline
    "fragment": Look("hue", "paper", 1.2, opacity=0.85),
    "fragment-waiting": Look("paper", "hue", 1.4, dashed=True),
    "fragment-failed": Look("hatch", "bad", 1.2),
    "fragment-held": Look("hue", "hue", 1.2, opacity=0.3),
    "fragment-gone": Look("paper", "quiet", 1.1, dashed=True),
    "behind": Look("line", "", 0, opacity=0.35),
    # who talks to whom: peers, joints of an account
    "peer": Look("paper", "quiet", 1.4),
    "lifeline": Look("", "line", 1.4, dashed=True),
    "message": Look("", "plain", 1.8),
    "message-lost": Look("", "bad", 1.8, dashed=True),
    "joint": Look("hue", "hue", 1.4, opacity=0.12),
    "road": Look("", "hue", 2.2),
    "road-twice": Look("", "wait", 2.2),
    # a pipeline: its stages, ways from one to the next, tries over time
    "stage": Look("paper", "blue", 1.4),
    "stage-bad": Look("paper", "vermillion", 2.6),
    "stage-off": Look("paper", "quiet", 1.4, dashed=True),
    "output": Look("paper", "vermillion", 1.4),
    "copy": Look("paper", "green", 1.4),
    "way": Look("", "blue", 1.8),
    "way-bad": Look("", "vermillion", 1.8),
    "way-copy": Look("", "green", 1.8),
    "taken": Look("green", "", 0),
    "taken-later": Look("line", "", 0),
    "refusal": Look("", "vermillion", 2.2),
    "refusal-later": Look("", "line", 2.2),
    "stem-good": Look("", "green", 1.2),
    "stem-bad": Look("", "vermillion", 1.2),
    "stem-later": Look("", "line", 1.2),
    "object": Look("paper", "vermillion", 1.4),
    "object-later": Look("paper", "line", 1.4),
    # a buffer's scales, and the objects that it left
    "filled": Look("hue", "", 0, opacity=0.85),
    "glass": Look("", "ink", 1.8),
    "glass-thin": Look("", "ink", 1),
    "first": Look("", "bad", 2.2),
    "fired": Look("bad", "bad", 3.4, opacity=0.18),
    "pale": Look("hue", "hue", 1.4, opacity=0.35),
    "held-up": Look("hatch-purple", "purple", 1.2),
    "expected": Look("", "hue", 1.6, dashed=True),
    "outside": Look("purple", "", 0, opacity=0.35, crisp=True),
    "count": Look("quiet", "", 0),
    "brim": Look("", "quiet", 1, dashed=True),
    # time
    "axis": Look("", "quiet", 1.1),
    "axis-gap": Look("", "paper", 4),
    "grid": Look("", "line", 0.8),
    "now": Look("", "ink", 2),
    "oldest": Look("", "quiet", 1.2, dashed=True),
    "horizon": Look("", "plain", 2, dashed=True),
    # texts
    "name": Look("ink", size=12.5, bold=True),
    "value": Look("ink", size=14, bold=True),
    "name-here": Look("paper", size=12.5, bold=True),
    "name-off": Look("quiet", size=12.5, bold=True),
    "name-gone": Look("quiet", size=12.5),
    "said": Look("ink"),
    "label": Look("ink", halo=True),
    "number": Look("hue", size=14, bold=True),
    "said-strong": Look("ink", bold=True),
    "said-quiet": Look("quiet"),
    "said-small": Look("quiet", size=11),
    "said-bad": Look("bad", bold=True),
    "label-strong": Look("ink", bold=True, halo=True),
    "label-quiet": Look("quiet", halo=True),
    "label-bad": Look("bad", bold=True, halo=True),
    "label-plain": Look("plain", bold=True, halo=True),
}


def css() -> str:
    """The rules of all roles, and of the heads of lines."""
    rules = [f".kl-scene .kl-{role} {{ {_rule(look)} }}" for role, look in LOOKS.items()]
    heads = [
        f".kl-scene .kl-{role}.kl-head {{ fill: {_variable(look.stroke)}; stroke: none; }}"
        for role, look in LOOKS.items()
        if look.stroke and not look.fill
    ]
    return "\n".join(rules + heads)


def _rule(look: Look) -> str:
    hatches = {name: f"var(--{name})" for name in HATCHES}
    fill = ({"": "none"} | hatches).get(look.fill) or _variable(look.fill)
    rule = f"fill: {fill}; font-size: {look.size}px;"
    if look.opacity < 1:
        rule += f" fill-opacity: {look.opacity};"
    if look.stroke:
        rule += f" stroke: {_variable(look.stroke)}; stroke-width: {look.width};"
    if look.dashed:
        rule += " stroke-dasharray: 4 3;"
    if look.bold:
        rule += " font-weight: 700;"
    if look.crisp:
        rule += " shape-rendering: crispEdges;"
    if look.halo:
        rule += " paint-order: stroke; stroke: var(--kl-paper); stroke-width: 4px;"
    return rule


def _variable(color: str) -> str:
    if color == "hue":
        return "var(--hue)"
    if color in theme.TEXT_ON_LIGHT:
        return f"var(--kl-text-{color})"
    return f"var(--kl-hue-{color})" if color in theme.OKABE_ITO else f"var(--kl-{color})"


def on_paper(color: str, hue: str) -> str:
    """A colour by name as a figure has it; ``hue`` is that of the mark."""
    neutral = {"hue": hue, "": "none", "hatch": theme.PAPER, "hatch-purple": "none"}
    neutral |= {name: getattr(theme, name.upper()) for name in ("ink", "quiet", "line", "paper")}
    return (neutral | theme.TEXT_ON_LIGHT | theme.OKABE_ITO)[color]
