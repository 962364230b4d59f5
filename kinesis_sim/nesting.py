"""How deep a value of JSON is: asked before it goes to a library that reads by recursion.

Python's own reader stops at the interpreter's recursion limit, which notebooks raise; what it let
through can take more stack in C than a process has, and that ends in no error but in its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def depth(value: Any) -> int:
    """Levels of objects and lists within one another; 0 for a plain value."""
    levels, layer = 0, [value]
    while holding := [each for each in layer if isinstance(each, Mapping | list)]:
        levels += 1
        layer = [
            member
            for each in holding
            for member in (each.values() if isinstance(each, Mapping) else each)
        ]
    return levels
