"""Things that several marks make together, for pictures of any subject.

Windows under a watermark, fragments on a timeline, messages between peers, joints of an account:
each is drawn into a scene, by roles of ``looks``, and so by both renderers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kinesis_sim.show.kit import theme
from kinesis_sim.show.kit.scene import Point, Scene, X
from kinesis_sim.show.kit.timeline import Axis, Tick, Times, ticks
from kinesis_sim.show.kit.words import Words

TICK, CROSS, HEAD, CORNER = 5, 5, 22, 6
"""px: half of a late tick and of a cross, a peer's box above its line, a box's corner."""


def time_axis(scene: Scene, y: float, axis: Axis, words: Words, role: str = "said-quiet") -> None:
    """The line of time, with its instants under it where there is room.

    role: of the instants' texts; one with a halo where something crosses them.
    """
    instants(scene, y, ticks(axis, Times(axis, words)), role)


def instants(scene: Scene, y: float, told: Sequence[Tick], role: str = "said-quiet") -> None:
    """The line of time, with what is told under it where there is room."""
    scene.line([(scene.x(0), y), (scene.x(1), y)], "axis")
    for tick in told:
        x = scene.x(tick.place)
        if tick.quiet:  # a break: two strokes across the line
            for aside in (-2, 2):
                scene.line([(x + (aside - 2), y + 4), (x + (aside + 2), y - 4)], "axis")
        else:
            scene.line([(x, y), (x, y + 5)], "axis")
        scene.text((x, y + 15), tick.label, role, align="middle", row="ticks")


def present(
    scene: Scene,
    instants: Sequence[int],
    x: Callable[[int], X],
    ends: tuple[float, float],
    said: Callable[[int], str],
) -> None:
    """The instant that is shown, as the scene counts: a line from top to bottom, named above."""
    top, bottom = ends
    for at, _ in scene.each(instants, int):
        scene.line([(x(at), top), (x(at), bottom)], "now")
        scene.text((x(at), top - 10), said(at), "said-strong", align="middle", row="top")


def window(scene: Scene, begin: X, end: X, top: float, bottom: float, hue: str, said: str) -> None:
    """A window over time, from ``begin`` to ``end``: a bracket above what falls into it."""
    scene.box((begin, top), (end, bottom), "window", hue=hue)
    corners = [(begin, top + 5), (begin, top), (end, top), (end, top + 5)]
    scene.line(corners, "bracket", hue=hue)
    middle = X((begin.px + end.px) / 2, (begin.share + end.share) / 2)
    scene.text((middle, top - 9), said, "label-strong", align="middle", row=f"windows-{top:g}")


def watermark(scene: Scene, points: Sequence[Point], said: str = "") -> None:
    """How far event time is known to be complete: a dashed line through its points, named."""
    scene.line(points, "watermark")
    if points and said:
        x, y = points[-1]
        scene.text((x + -6, y - 9), said, "label", align="end")


def late(scene: Scene, point: Point, tip: str = "") -> None:
    """What came after its window was closed: a tick that leans to the left."""
    x, y = point
    scene.line([(x + TICK, y - TICK), (x + -TICK, y + TICK)], "late", tip=tip)


def late_sign() -> Scene:
    """What a legend shows of a row that came late."""
    scene, place = Scene(), (X(26), 7.0)
    scene.height = 14
    scene.dot(place, 4.5, "record", hue=theme.shard_hue(0))
    late(scene, place)
    return scene


def lost(scene: Scene, point: Point, tip: str = "") -> None:
    """What is gone for good: a cross."""
    x, y = point
    for up in (-CROSS, CROSS):
        scene.line([(x + -CROSS, y - up), (x + CROSS, y + up)], "lost", tip=tip)


def fragment(
    scene: Scene,
    begin: X,
    end: X,
    y: float,
    height: float,
    hue: str,
    *,
    state: str = "",
    tip: str = "",
) -> None:
    """A fragment of media. state: empty once it is persisted, else "waiting" or "failed"."""
    role = f"fragment-{state}" if state else "fragment"
    scene.box((begin, y), (end + -1.5, y + height), role, hue=hue, r=2, tip=tip)


def peer(scene: Scene, x: X, top: float, bottom: float, name: str, width: float = 110) -> None:
    """One who talks: a named box, and the line of its time under it."""
    half = width / 2
    scene.line([(x, top + HEAD), (x, bottom)], "lifeline")
    scene.box((x + -half, top), (x + half, top + HEAD), "peer", r=CORNER)
    scene.text((x, top + HEAD / 2), name, "name", align="middle")


def between(one: X, other: X) -> X:
    """The middle of two places."""
    return X((one.px + other.px) / 2, (one.share + other.share) / 2)


def message(
    scene: Scene,
    sender: X,
    receiver: X,
    y: float,
    said: str,
    *,
    arrives: bool = True,
    beyond: X | None = None,
    below: str = "",
) -> None:
    """What one peer sends another; one that does not arrive ends half-way in a cross.

    beyond: where the first line of time is that it meets; what is said stands before that. below:
    what becomes of it, under its line.
    """
    middle, place = between(sender, receiver), between(sender, beyond or receiver)
    scene.text((place, y - 9), said, "label", align="middle")
    if below:
        scene.text((place, y + 10), below, "label", align="middle")
    if arrives:
        scene.line([(sender, y), (receiver, y)], "message", end="arrow")
        return
    scene.line([(sender, y), (middle, y)], "message-lost")
    lost(scene, (middle, y))


def joint(
    scene: Scene,
    place: Point,
    name: str,
    said: str,
    hue: str,
    size: tuple[float, float] = (128, 46),
) -> None:
    """A service of an account as a map shows it: a box with its name and what it does there."""
    (x, y), (width, height) = place, size
    scene.box((x, y), (x + width, y + height), "joint", hue=hue, r=CORNER)
    scene.text((x + 8, y + 15), name, "name")
    scene.text((x + 8, y + 32), said, "said-quiet")


def road(
    scene: Scene,
    points: Sequence[Point],
    hue: str,
    *,
    traffic: str = "",
    twice: bool = False,
    loses: bool = False,
) -> None:
    """From joint to joint. twice: it can bring a record twice; loses: it can lose one."""
    scene.line(points, "road-twice" if twice else "road", hue=hue, end="arrow")
    (x0, y0), (x1, y1) = points[0], points[-1]
    middle = (X((x0.px + x1.px) / 2, (x0.share + x1.share) / 2), (y0 + y1) / 2)
    if traffic:
        scene.text((middle[0], middle[1] - 10), traffic, "label", align="middle")
    if loses:
        lost(scene, middle)
