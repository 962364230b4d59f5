"""One look for figures and browser widgets: colours, sizes, light and dark.

The hues are the palette of Okabe and Ito, which readers with any kind of colour vision can tell
apart; state is always shape or text as well. In the browser everything neutral follows
JupyterLab's theme through its CSS variables; a figure is an image and brings its own light paper.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kinesis_sim.show.kit.sheet import Sheet

OKABE_ITO = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "purple": "#CC79A7",
}
SHARD_HUES = tuple(OKABE_ITO[name] for name in ("blue", "orange", "green", "purple", "sky"))
"""Hues of shards by number; vermillion is kept for what went wrong, yellow is too pale on paper."""

TROUBLE = OKABE_ITO["vermillion"]
INK, QUIET, LINE, PAPER, TRIMMED = "#1F2933", "#5B6672", "#C9D0D8", "#FFFFFF", "#F1F4F8"

TEXT_ON_LIGHT = {"good": "#00664B", "wait": "#8A5A00", "bad": "#A84300", "plain": "#005A8C"}
TEXT_ON_DARK = {"good": "#4FD8B0", "wait": "#FFC14D", "bad": "#FF9A62", "plain": "#7CC8F5"}
"""What a message is about, as a text colour with a contrast of at least 4.5 on either theme."""

SMALLEST = 11  # px at 100 %: no text in a figure or widget is smaller
DPI = 100


def shard_hue(number: int) -> str:
    """The hue that shard ``number`` keeps through its life, e.g. "#0072B2" for 0."""
    return SHARD_HUES[number % len(SHARD_HUES)]


def ink_on(hue: str) -> str:
    """White or black, whichever has more contrast as text on a filled ``hue``."""
    return max((PAPER, OKABE_ITO["black"]), key=lambda ink: contrast(ink, hue))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2 has it, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def new_figure(width: int = 800, height: int = 320) -> "Sheet":
    """An empty figure of ``width`` x ``height`` px on light paper.

    Made without pyplot, so that a cell shows it once and nothing global remembers it.
    """
    from kinesis_sim.show.kit.sheet import Sheet

    size = (width / DPI, height / DPI)
    return Sheet(figsize=size, dpi=DPI, facecolor=PAPER, layout="constrained")


def points(pixels: float) -> float:
    """A font size of ``pixels`` in matplotlib's points."""
    return pixels * 72 / DPI


def css() -> str:
    """The style sheet that every widget starts with: its root has the class ``kinesis-lab``."""
    return _BASE.replace("/*light*/", _rules(TEXT_ON_LIGHT)).replace(
        "/*dark*/", _rules(TEXT_ON_DARK)
    )


def _rules(texts: dict[str, str]) -> str:
    hues = {f"hue-{name}": value for name, value in OKABE_ITO.items()}
    rules = hues | {f"text-{name}": value for name, value in texts.items()}
    return " ".join(f"--kl-{name}: {value};" for name, value in rules.items())


_BASE = """
.kinesis-lab {
  /*light*/
  --kl-ink: var(--jp-ui-font-color0, #1f2933);
  --kl-quiet: var(--jp-ui-font-color1, #5b6672);
  --kl-paper: var(--jp-layout-color1, #ffffff);
  --kl-shade: var(--jp-layout-color2, #f1f4f8);
  --kl-line: var(--jp-border-color1, #c9d0d8);
  --kl-focus: var(--jp-brand-color1, #005a8c);
  color: var(--kl-ink);
  font-family: var(--jp-content-font-family, system-ui, sans-serif);
  font-size: var(--jp-content-font-size1, 14px);
  line-height: 1.5;
}
body[data-jp-theme-light="false"] .kinesis-lab { /*dark*/ }
.kinesis-lab *, .kinesis-lab *::before { box-sizing: border-box; }
.kinesis-lab code {
  background: var(--kl-shade); padding: 0 3px; border-radius: 3px;
  font-family: var(--jp-code-font-family, monospace); font-size: 0.92em;
}
.kinesis-lab button, .kinesis-lab input[type="number"], .kinesis-lab select {
  color: var(--kl-ink); background: var(--kl-paper); border: 1px solid var(--kl-quiet);
  border-radius: 6px; font: inherit; min-height: 32px; padding: 3px 12px;
}
.kinesis-lab button { cursor: pointer; }
.kinesis-lab button:hover:not(:disabled) { background: var(--kl-shade); }
.kinesis-lab button:disabled { opacity: 0.6; cursor: default; }
.kinesis-lab :is(button, input, select):focus-visible {
  outline: 3px solid var(--kl-focus); outline-offset: 2px;
}
@media (prefers-reduced-motion: reduce) {
  .kinesis-lab * { animation: none !important; transition: none !important; }
}
"""
