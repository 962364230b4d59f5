"""A template's properties as the API's members: numbers and booleans may be written as text."""

from __future__ import annotations

from typing import Any


def typed(service: str, operation: str, value: dict[str, Any]) -> Any:
    """Properties with the types that the API wants: a template may write numbers as text."""
    from kinesis_sim.aws.model import operation as model

    shape = model(service, operation).input_shape
    return value if shape is None else _as(shape, value)


def _as(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {
            name: _as(shape.members[name], each) if name in shape.members else each
            for name, each in value.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_as(shape.member, each) for each in value]
    if kind in ("integer", "long") and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value
