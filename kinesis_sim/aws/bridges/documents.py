"""How moto's CloudFormation reads templates: as data, never as objects of Python's.

moto 5 reads them with ``yaml.Loader``, which makes whatever object a tag names by calling what
makes it: such a template is a program, and runs with the rights of whoever runs the server. Many
ways lead to that code, a saved file's inputs among them, and importing it takes seconds: so it is
changed at the moment at which somebody imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace
from typing import Any

READERS = ("moto.cloudformation.models", "moto.cloudformation.responses")
"""What reads templates."""


def build() -> None:
    """Have moto's CloudFormation read YAML safely, now or when it is imported."""
    sys.meta_path.insert(0, _AtImport())
    for name in READERS:
        if name in sys.modules:
            _change(sys.modules[name])


class _AtImport(MetaPathFinder):
    """Finds the readers as Python does, and changes each when it has run."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in READERS else None
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        run = loader.exec_module

        def changed(module: ModuleType) -> None:
            run(module)
            _change(module)

        loader.exec_module = changed
        return spec


def _change(module: Any) -> None:
    yaml: Any = import_module("yaml")
    utils: Any = import_module("moto.cloudformation.utils")
    loader: Any = type("DataLoader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("", utils.yaml_tag_constructor)
    module.yaml = SimpleNamespace(
        Loader=loader, load=yaml.load, add_multi_constructor=lambda *given, **named: None
    )
