"""What a stack exports, and the stacks that import it: while one does, the export stays as it is.

AWS cancels the deletion of its stack, and undoes an update that would change it (User Guide, on
outputs: all imports have to go first). The sentences are those of users' events (re:Post, on
"Cannot delete/update export"). moto lets exports go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def deletion_canceled(stack: Any, known: dict[str, Any], stacks: Any) -> str:
    """Why a stack cannot be deleted; empty for no reason. known: all exports, by their names."""
    for name, _ in _own(stack, known):
        for user in _importers(name, stack, stacks):
            return f"Delete canceled. Cannot delete export {name} as it is in use by {user}."
    return ""


def update_refused(stack: Any, known: dict[str, Any], stacks: Any) -> str:
    """Why an update of a stack has to be undone; empty for no reason."""
    now = {export.name: export.value for export in stack.exports}
    for name, export in _own(stack, known):
        if now.get(name) != export.value:
            for user in _importers(name, stack, stacks):
                verb = "update" if name in now else "delete"
                return f"Cannot {verb} export {name} as it is in use by {user}."
    return ""


def taken(stack: Any, template: Any, backend: Any) -> str:
    """Why a stack cannot export by a template what another one does; empty for no reason.

    An export's name is made of parameters and texts, never of resources (User Guide, on outputs).
    """
    from moto.cloudformation.parsing import clean_json

    for output in (template.get("Outputs") or {}).values():
        name = clean_json((output.get("Export") or {}).get("Name"), stack.resource_map)
        export = backend.exports.get(name) if isinstance(name, str) else None
        if export is not None and export.exporting_stack_id != stack.stack_id:
            owner = backend.stacks[export.exporting_stack_id].name
            return (
                f"Export with name {name} is already exported by stack {owner}. "
                "Rollback requested by user."
            )
    return ""


def _own(stack: Any, known: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, export)
        for name, export in known.items()
        if export.exporting_stack_id == stack.stack_id
    ]


def _importers(name: str, stack: Any, stacks: Any) -> Iterator[str]:
    """The names of the other stacks whose templates import an export."""
    from moto.cloudformation.parsing import clean_json

    for other in list(stacks.values()):
        if other is not stack:
            nodes = _imports(getattr(other, "template_dict", {}))
            if any(clean_json(node, other.resource_map) == name for node in nodes):
                yield other.name


def _imports(value: Any) -> Iterator[Any]:
    """What follows each Fn::ImportValue of a template."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "Fn::ImportValue":
                yield inner
            else:
                yield from _imports(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _imports(each)
