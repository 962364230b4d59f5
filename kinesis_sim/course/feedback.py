"""What the course says back to a learner: the same words as text, as HTML, and on GitHub.

The HTML carries its few styles inline, because GitHub and untrusted notebooks drop style sheets.
Colours are JupyterLab's own variables, so both themes work; the first word says the state, so
colour is never the only sign.
"""

import re
from dataclasses import dataclass
from html import escape

EDGES = {  # what a message is about -> the colour of its edge (Okabe-Ito, see show.theme)
    "good": "#009E73",
    "wait": "#E69F00",
    "bad": "#D55E00",
    "plain": "#0072B2",
}


@dataclass(frozen=True, slots=True)
class Feedback:
    """A few paragraphs; ``tone`` is one of ``EDGES``. Shows itself when it ends a cell.

    hidden: paragraphs that only the HTML holds, folded away under ``summary`` until asked for.
    """

    tone: str
    lines: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    summary: str = ""

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        first, *rest = self.lines
        paragraphs = [f"<strong>{inline(first)}</strong>", *map(inline, rest)]
        return boxed("<br>".join(paragraphs) + self._folded(), self.tone, ' role="status"')

    def _folded(self) -> str:
        if not self.hidden:
            return ""
        inside = "<br>".join(map(inline, self.hidden))
        return f"<details><summary>{inline(self.summary)}</summary>{inside}</details>"


def boxed(html: str, tone: str, attributes: str = "") -> str:
    """``html`` with a coloured edge on its left."""
    style = f"border-left:4px solid {EDGES[tone]};padding:4px 12px;margin:4px 0;line-height:1.5"
    return f'<div{attributes} style="{style}">{html}</div>'


def inline(text: str) -> str:
    """``text`` as HTML: escaped, with `code` and **strong** set as such; stars in code are code."""
    return _MARKS.sub(_set, escape(text, quote=False))


_MARKS = re.compile(r"`([^`]+)`|\*\*((?:`[^`]+`|[^*`])+)\*\*")


def _set(found: re.Match[str]) -> str:
    code, strong = found.groups()
    return f"<code>{code}</code>" if code else f"<strong>{_MARKS.sub(_set, strong)}</strong>"
