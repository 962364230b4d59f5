"""A figure that shows itself: sharp in a notebook, and with words for who cannot see it."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure

SHARP = 2
DARK = (
    '<style>body[data-jp-theme-light="false"] img.kl-figure{'
    "filter:invert(0.93) hue-rotate(180deg)}</style>"
)
"""In a dark theme light paper turns dark; hues stay what they are."""


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

    def html(self, image: bytes) -> str:
        """The picture in HTML, for JupyterLab: with its sentence, and at home in a dark theme.

        A PNG by itself has no alternative text there. image: its PNG.
        """
        size = "".join(f' {name}="{px}"' for name, px in self.size.items())
        source = f"data:image/png;base64,{b64encode(image).decode()}"
        said = escape(repr(self))
        return f'{DARK}<img class="kl-figure"{size} alt="{said}" src="{source}">'

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
