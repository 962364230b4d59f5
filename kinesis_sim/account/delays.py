"""How long state changes take on the clock, by ``<room>.<change>``: ``streams.create_stream``.

AWS says "a few seconds to minutes" and no more. ``realistic`` is what was recorded, where it was,
and else this model's choice in that range, in each room's ``delays.toml``; ``quick`` (500 ms for
all) is what public emulators settled on; ``instant`` is for tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.rooms import ROOMS, packages, rows

_UNIFORM = {"quick": 500, "instant": 0}


@cache
def _realistic(places: tuple[str, ...]) -> dict[str, int]:
    return {
        f"{room}.{change}": ms
        for room, content in rows(places, "delays.toml").items()
        for change, ms in content["ms"].items()
    }


class Delays:
    """Milliseconds from the request of a change until it is done: ``delays["streams.reshard"]``.

    chosen: ``realistic``, ``quick`` or ``instant``, or a dict that changes some of the realistic
    ones; own Delays pass through ``of``. changes: what differs from the set that is named.
    Raises UsageError for another set, or a change that no room has.
    """

    def __init__(
        self,
        chosen: str | Mapping[str, int] = "realistic",
        changes: Mapping[str, int] | None = None,
        rooms: Mapping[str, str] = ROOMS,
    ) -> None:
        if not isinstance(chosen, str | Mapping):
            raise UsageError(
                f"delays={said(chosen)}: give 'realistic', 'quick', 'instant', a dict of changed "
                "ones, or Delays."
            )
        named = chosen if isinstance(chosen, str) else "realistic"
        changed = {**({} if isinstance(chosen, str) else chosen), **(changes or {})}
        known = _realistic(packages(rooms))
        if named != "realistic" and named not in _UNIFORM:
            raise UsageError(
                f"delays={named!r}: choose realistic, quick or instant, or give changes by name."
            )
        uniform = _UNIFORM.get(named)
        own = known if uniform is None else dict.fromkeys(known, uniform)
        for name, ms in changed.items():
            if name not in known:
                raise UsageError(f"delays has no {name!r}; the names are: {', '.join(known)}.")
            if not isinstance(ms, int) or ms < 0:
                raise UsageError(f"delays {name}={ms!r}: give whole milliseconds, 0 or more.")
        self._ms = {**own, **changed}

    @classmethod
    def of(
        cls, chosen: str | Mapping[str, int] | Delays, rooms: Mapping[str, str] = ROOMS
    ) -> Delays:
        """The delays that somebody chose, by name, as changes, or as Delays of their own."""
        return chosen if isinstance(chosen, Delays) else cls(chosen, rooms=rooms)

    def __getitem__(self, name: str) -> int:
        return self._ms[name]
