"""A figure that shows itself: sharp in a notebook, and with words for who cannot see it."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from math import ceil
from typing import Any

from matplotlib.figure import Figure
from matplotlib.text import Text

SHARP = 2
POINTS = 72
"""In an inch."""
DARK = (
    '<style>body[data-jp-theme-light="false"] img.kl-figure{'
    "filter:invert(0.93) hue-rotate(180deg)}</style>"
)
"""In a dark theme light paper turns dark; hues stay what they are."""
SMALLEST_PX = 11
"""Of a text on the page: narrower paper scrolls rather than shrink it further."""


class Sheet(Figure):
    """A Figure without pyplot, which a notebook shows once. summary: what it shows, in words."""

    summary = ""

    def png(self, sharp: float = 1) -> bytes:
        """The picture as PNG, ``sharp`` times its own size; the same bytes in every run."""
        from PIL import Image

        drawn, image = BytesIO(), BytesIO()
        self.savefig(drawn, format="rgba", dpi=sharp * self.dpi)
        size = tuple(round(inches * sharp * self.dpi) for inches in self.get_size_inches())
        whole = Image.frombytes("RGBA", size, drawn.getvalue()).convert("RGB")
        # Few hues and their edges: 256 colours are a quarter of the bytes, and look the same.
        whole.quantize(256, dither=Image.Dither.NONE).save(image, "png", optimize=True)
        return image.getvalue()

    @property
    def size(self) -> dict[str, int]:
        """width and height in px."""
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return {"width": width, "height": height}

    @property
    def least_width(self) -> int:
        """px that the picture has to be wide for its smallest text to be ``SMALLEST_PX`` high."""
        texts = [each for each in self.findobj(Text) if each.get_text() and each.get_visible()]
        smallest = min(
            (float(each.get_fontsize()) * self.dpi / POINTS for each in texts), default=0
        )
        shrunk = min(SMALLEST_PX / smallest, 1) if smallest else 0
        return ceil(round(self.size["width"] * shrunk, 3))

    def html(self, image: bytes) -> str:
        """The picture in HTML, for JupyterLab: with its sentence, and at home in a dark theme.

        A PNG by itself has no alternative text there. It shrinks with the paper as far as its texts
        can be read; then its frame scrolls, by arrow keys as well. image: its PNG.
        """
        width, height = self.size["width"], self.size["height"]
        size = f'width="{width}" height="{height}"'
        fits = f"width:max({self.least_width}px,min(100%,{width}px));max-width:none;height:auto"
        source = f"data:image/png;base64,{b64encode(image).decode()}"
        said = escape(repr(self))
        drawn = f'<img class="kl-figure" {size} style="{fits}" alt="{said}" src="{source}">'
        return f'{DARK}<div style="overflow-x:auto" tabindex="0">{drawn}</div>'

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What a notebook shows: data and metadata by their types."""
        image = self.png(SHARP)
        data = {
            "text/plain": repr(self),
            "text/html": self.html(image),
            "image/png": b64encode(image).decode(),
        }
        return data, {"image/png": self.size}

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.bundle()

    def __repr__(self) -> str:
        return self.summary or super().__repr__()
