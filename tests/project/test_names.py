"""A class says whose it is: no public name stands in two rooms, but for those listed here."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.project.source import modules

SHARED = {
    "Backlog": "what waits: records before a mapping, and messages in signaling channels",
    "Cell": "a notebook's cell, and a heat map's",
    "Reader": "who reads: a picture's shard, and what a signaling channel gives",
    "Record": "a shape of botocore's in both services",
    "Rows": "the log's columns of folded rows, and those of a metric's points",
    "Run": "a run of equal samples, and the run of a pipeline",
    "Sums": "sums over time: of the log, and of a heat map",
    "Tally": "counts by what became of something: of records, and of shares",
}
"""Names that two rooms have, and why that is right."""


def rooms_by_name() -> dict[str, set[str]]:
    """The rooms in which each public class is defined, by its name."""
    found = defaultdict[str, set[str]](set)
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(module.room)
    return found


def test_no_class_name_stands_in_two_rooms() -> None:
    double = {name: sorted(rooms) for name, rooms in rooms_by_name().items() if len(rooms) > 1}
    assert {name: rooms for name, rooms in double.items() if name not in SHARED} == {}


def test_what_is_listed_is_still_so() -> None:
    found = rooms_by_name()
    assert [name for name in SHARED if len(found[name]) < 2] == []
