"""JSON paths as schemas write them: ``$.a.b``, ``$['a']``, ``$.list[0]``, ``$.list[0:]``."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"\.([A-Za-z_@$][\w@$-]*|\*)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]|\[(\d+):(\d*)\]|\[(\*)\]"
)


class JsonPath:
    """A path, read once. Raises ValueError for what is none.

    flattens: whether it runs over the elements of an array.
    """

    def __init__(self, text: str) -> None:
        if not text.startswith("$"):
            raise ValueError(f"{text[:60]!r} is no JSON path; one begins with $.")
        self.text = text
        self.steps: list[str | int | tuple[int, int | None]] = []
        at = 1
        while at < len(text):
            found = _STEP.match(text, at)
            if found is None:
                raise ValueError(f"{text[:60]!r} is no JSON path, from {text[at : at + 20]!r} on.")
            self.steps.append(_step(found))
            at = found.end()
        self.flattens = any(isinstance(step, tuple) for step in self.steps)

    def all(self, document: Any) -> list[Any]:
        """The values that it leads to; none where something on the way is missing."""
        found = [document]
        for step in self.steps:
            found = [value for one in found for value in _taken(one, step)]
        return found

    def first(self, document: Any) -> Any:
        """The first value that it leads to; None where there is none."""
        found = self.all(document)
        return found[0] if found else None


def _step(found: re.Match[str]) -> str | int | tuple[int, int | None]:
    name = found[1] if found[1] is not None else found[2] if found[2] is not None else found[3]
    if name == "*" or found[7]:
        return (0, None)
    if name is not None:
        return str(name)
    if found[4] is not None:
        return int(found[4])
    return (int(found[5]), int(found[6]) if found[6] else None)


def _taken(value: Any, step: str | int | tuple[int, int | None]) -> list[Any]:
    if isinstance(step, str):
        return [value[step]] if isinstance(value, dict) and step in value else []
    if not isinstance(value, list):
        return []
    if isinstance(step, int):
        return [value[step]] if step < len(value) else []
    return value[step[0] : step[1]]
