"""What a machine may see at the dock: functions of a frame for ``sim.video.watch``.

>>> sim.video.watch("dock-camera", count_bikes, to="findings")
>>> sim.video.watch("dock-camera", Motion(), to="findings", every=200)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kinesis_sim.arguments import number, whole
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.camera.dock_camera import DOCKS, HEIGHT, SKY, WIDTH, saddle

if TYPE_CHECKING:
    from kinesis_sim.video.watching import SeenFrame

_BIKE_LUMA = 75
"""Between the night's luma and a bike's."""
_CHANGED_LUMA = 24
"""How much lighter or darker a pixel is that changed: more than a codec's noise."""


def count_bikes(frame: SeenFrame) -> dict[str, int]:
    """How many bikes stand at the dock: ``{"bikes": 4}``.

    Raises UsageError for a frame that is not the dock camera's.
    """
    if (frame.width, frame.height) != (WIDTH, HEIGHT):
        raise UsageError(
            f"The frame has {frame.width} × {frame.height} pixels; the dock camera's have "
            f"{WIDTH} × {HEIGHT}."
        )
    luma = frame.luma
    places = map(saddle, range(DOCKS))
    return {"bikes": sum(luma[y * WIDTH + x] > _BIKE_LUMA for x, y in places)}


class Motion:
    """Says what share of the picture changed since the frame before: ``{"motion": 0.021}``.

    least: the share from which on it says anything. above: rows of pixels at the top that do not
    count, such as those of a clock. It remembers a frame of each camera.
    """

    def __init__(self, least: float = 0.005, *, above: int = SKY) -> None:
        self._least = number("least", least, least=0, most=1)
        self._above = whole("above", above, least=0)
        self._before: dict[str, bytes] = {}

    def __call__(self, frame: SeenFrame) -> dict[str, float] | None:
        """The share of pixels that changed; None for too few, or the first frame."""
        luma = frame.luma[self._above * frame.width :]
        before = self._before.get(frame.stream, b"")
        self._before[frame.stream] = luma
        if not luma or len(before) != len(luma):
            return None
        pairs = zip(luma, before, strict=True)
        share = sum(abs(now - then) > _CHANGED_LUMA for now, then in pairs) / len(luma)
        return {"motion": round(share, 4)} if share >= self._least else None
