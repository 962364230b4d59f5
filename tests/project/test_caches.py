"""A cache without an end is keyed by what there is a fixed number of.

What a caller chooses (a pattern of a row, a client's own model, a path) goes into one that forgets.
"""

from __future__ import annotations

import ast

from tests.project.source import modules

ENDLESS = {
    "account/delays.py:_realistic": "the rooms, as tuples",
    "account/prices/__init__.py:price_list": "Regions with a list; others raise, which is not kept",
    "account/quotas.py:quotas": "the rooms, as tuples",
    "analytics/functions/registry.py:functions": "two languages",
    "analytics/planning/planner.py:_load": "two languages",
    "aws/cloudwatch_ports.py:region_title": "a simulator's own Region, which was checked",
    "aws/model.py:service_model": "services of botocore; others raise",
    "aws/regions.py:known": "a simulator's own Region, which was checked",
    "aws/bridges/schemas.py:_paths": "two lists of each type that is made here",
    "aws/bridges/schemas.py:schema_of": "the types that are made here",
    "aws/shortcuts.py:_watching": "two responses of moto",
    "aws/wire/routes.py:routes": "our own models of services",
    "exam/places.py:_tagged": "lessons of the course, in its languages",
    "facts/document.py:document": "documents; others raise",
    "fidelity/ledger/entry.py:reason_rows": "services of the ledger",
    "rooms.py:data": "files of the package",
    "words.py:_in_one": "files of the package, in the languages there are",
    "words.py:tables": "files of the package",
}
"""Where → what bounds its keys."""
ENDLESS_FORMS = {"cache", "lru_cache(None)", "lru_cache(maxsize=None)"}


def test_every_endless_cache_is_keyed_by_what_is_few() -> None:
    assert set(found()) == set(ENDLESS)


def found() -> list[str]:
    return [
        f"{module.place}:{node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.args.args
        for form in node.decorator_list
        if ast.unparse(form).removeprefix("functools.") in ENDLESS_FORMS
    ]
