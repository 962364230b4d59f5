"""A figure that shows itself: sharp in a notebook, and with words for who cannot see it."""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure

SHARP = 2


class Sheet(Figure):
    """A Figure without pyplot, which a notebook shows once. summary: what it shows, in words."""

    summary = ""

    def png(self, sharp: float = 1) -> bytes:
        """The picture as PNG, ``sharp`` times its own size; the same bytes in every run."""
        image = BytesIO()
        self.savefig(image, format="png", dpi=sharp * self.dpi, metadata={"Software": None})
        return image.getvalue()

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        width, height = (round(inches * self.dpi) for inches in self.get_size_inches())
        return self.png(SHARP), {"width": width, "height": height}

    def __repr__(self) -> str:
        return self.summary or super().__repr__()
