"""How moto reads YAML: as data, never as objects of Python's, and no more of it than was sent.

moto 5 reads CloudFormation's templates with ``yaml.Loader``, which makes whatever object a tag
names by calling what makes it: such a template is a program, and runs with the rights of whoever
runs the server. SSM, API Gateway and OpenSearch Ingestion read theirs safely, but follow aliases: a
page of text becomes a hundred million values when it is merged or written out. Many ways lead to
that code, a saved file's inputs among them, and importing it takes seconds: so it is changed at the
moment at which somebody imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace
from typing import Any

from kinesis_sim.errors import ServiceError

READERS = ("moto.cloudformation.models", "moto.cloudformation.responses")
"""What reads templates."""
OTHERS = (
    "moto.apigateway.utils",
    "moto.apigatewayv2.models",
    "moto.osis.models",
    "moto.ssm.models",
)
"""What reads other documents."""
_MOST_NODES = 100_000
_MOST_LEVELS = 100
"""Of a document, each alias counted as what it stands for (the model's choice; the longest that is
taken, SSM's of 64 KiB, has some ten thousand)."""


def build() -> None:
    """Have moto read YAML safely, now or when what reads it is imported."""
    sys.meta_path.insert(0, _AtImport())
    for name in (*READERS, *OTHERS):
        if name in sys.modules:
            _change(sys.modules[name])


class _AtImport(MetaPathFinder):
    """Finds the readers as Python does, and changes each when it has run."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in _CHANGED else None
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
    loader: Any = type("DataLoader", (_counting(yaml),), {})
    if module.__name__ in READERS:
        utils: Any = import_module("moto.cloudformation.utils")
        loader.add_multi_constructor("", utils.yaml_tag_constructor)
    module.yaml = SimpleNamespace(
        Loader=loader,
        YAMLError=yaml.YAMLError,
        add_multi_constructor=lambda *given, **named: None,
        dump=yaml.dump,
        load=yaml.load,
        safe_load=lambda text: yaml.load(text, Loader=loader),
    )


_CHANGED = frozenset((*READERS, *OTHERS))


def _counting(yaml: Any) -> Any:
    """The safe loader, which refuses what grows beyond measure."""

    class Counting(yaml.SafeLoader):  # type: ignore[misc]
        """Counts what a document comes to before anything is made of it."""

        def __init__(self, text: Any) -> None:
            super().__init__(text)
            self._nodes = self._levels = 0
            self._sizes: dict[int, int] = {}

        def compose_node(self, parent: Any, index: Any) -> Any:
            before, is_alias = self._nodes, self.check_event(yaml.AliasEvent)
            self._levels += 1
            if self._levels > _MOST_LEVELS:
                raise _refused(f"more than {_MOST_LEVELS} levels lie in one another")
            node = super().compose_node(parent, index)
            self._levels -= 1
            # what is not whole yet contains itself
            self._nodes += self._sizes.get(id(node), _MOST_NODES) if is_alias else 1
            if self._nodes > _MOST_NODES:
                raise _refused(f"with its aliases written out it has over {_MOST_NODES:,} values")
            if not is_alias:
                self._sizes[id(node)] = self._nodes - before
            return node

    return Counting


def _refused(why: str) -> ServiceError:
    return ServiceError("ValidationException", f"The document cannot be taken: {why}.")
