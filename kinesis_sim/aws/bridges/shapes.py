"""What CloudFormation wants of a resource's properties before anything is made of them.

That is the type's schema (``schemas``). AWS's validator is public (aws-cloudformation's
cloudformation-resource-schema, over everit's json-schema) and its words are told here as it has
them: what would show a property's value names the schema's word only (``failed validation
constraint for keyword [pattern]``), and each violation is a line of its own. A property that is a
text of several is told twice, by the text's own rules and as an unfulfilled ``enum``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from kinesis_sim.aws.bridges.schemas import Schema, resolved, schema_of, typed
from kinesis_sim.errors import ServiceError

_NAMES = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean", int: "Integer"}
_TYPES = {
    "object": ("JSONObject", dict),
    "array": ("JSONArray", list),
    "string": ("String", str),
    "boolean": ("Boolean", bool),
    "integer": ("Integer", int),
    "number": ("Number", int | float),
}
_LONGEST = 1024
"""Characters of a text that are tried against a pattern (model's choice: the patterns are AWS's,
and some take the square of a text's length)."""


def check(kind: str, logical_id: str, properties: Any) -> None:
    """Raise ServiceError (ValidationError) for properties that are not as their type wants them."""
    schema = schema_of(kind)
    wrong = [*_read_only(schema, properties), *_wrong(schema, schema, typed(kind, properties), "#")]
    if wrong:
        raise ServiceError(
            "ValidationError",
            f"Properties validation failed for resource {logical_id} with message:\n"
            + "\n".join(wrong),
        )


def _read_only(schema: Schema, properties: Any) -> Iterator[str]:
    """What a template may not have, for only AWS says it."""
    for path in schema.get("readOnlyProperties", ()):
        name = path.removeprefix("/properties/")
        if isinstance(properties, dict) and name in properties:
            yield f"#: extraneous key [{name}] is not permitted"


def _wrong(schema: Schema, node: Schema, value: Any, place: str) -> Iterator[str]:
    node = resolved(schema, node)
    own = list(_of_type(schema, node, value, place))
    if "enum" in node and value not in node["enum"]:
        held = 1 - bool(own)
        yield f"{place}: #: only {held} subschema matches out of 2"
        own.append(f"{place}: failed validation constraint for keyword [enum]")
    yield from own


def _of_type(schema: Schema, node: Schema, value: Any, place: str) -> Iterator[str]:
    """By a node's type; a node of several types, or of none, takes all of them."""
    wanted = [node["type"]] if isinstance(node.get("type"), str) else list(node.get("type", _TYPES))
    if not any(_is(wish, value) for wish in wanted):
        found = _NAMES.get(type(value), "Null" if value is None else "Number")
        yield f"{place}: expected type: {_TYPES[wanted[0]][0]}, found: {found}"
    elif isinstance(value, dict):
        yield from _object(schema, node, value, place)
    elif isinstance(value, list):
        yield from _array(schema, node, value, place)
    elif isinstance(value, str):
        yield from _text(node, value, place)
    elif not isinstance(value, bool):
        yield from _number(node, value, place)


def _is(wanted: str, value: Any) -> bool:
    return isinstance(value, _TYPES[wanted][1]) and (
        wanted == "boolean" or not isinstance(value, bool)
    )


def _object(schema: Schema, node: Schema, value: dict[str, Any], place: str) -> Iterator[str]:
    for name in node.get("required", ()):
        if name not in value:
            yield f"{place}: required key [{name}] not found"
    if len(value) > node.get("maxProperties", len(value)):
        yield f"{place}: maximum size: [{node['maxProperties']}], found: [{len(value)}]"
    members, patterns = node.get("properties", {}), node.get("patternProperties", {})
    for name, each in value.items():
        fitting = [inner for pattern, inner in patterns.items() if _matches(pattern, name)]
        if name in members:
            continue
        if not fitting and node.get("additionalProperties") is False:
            yield f"{place}: extraneous key [{name}] is not permitted"
        for inner in fitting:
            yield from _wrong(schema, inner, each, f"{place}/{name}")
    for name, inner in members.items():
        if name in value:
            yield from _wrong(schema, inner, value[name], f"{place}/{name}")


def _array(schema: Schema, node: Schema, value: list[Any], place: str) -> Iterator[str]:
    size = len(value)
    if size < node.get("minItems", 0):
        yield f"{place}: expected minimum item count: {node['minItems']}, found: {size}"
    if size > node.get("maxItems", size):
        yield f"{place}: expected maximum item count: {node['maxItems']}, found: {size}"
    if node.get("uniqueItems") and any(each in value[:number] for number, each in enumerate(value)):
        yield f"{place}: array items are not unique"
    for number, each in enumerate(value):
        yield from _wrong(schema, node.get("items", {}), each, f"{place}/{number}")


def _text(node: Schema, value: str, place: str) -> Iterator[str]:
    size = len(value)
    if size < node.get("minLength", 0):
        yield f"{place}: expected minLength: {node['minLength']}, actual: {size}"
    if size > node.get("maxLength", size):
        yield f"{place}: expected maxLength: {node['maxLength']}, actual: {size}"
    if "pattern" in node and not _matches(node["pattern"], value):
        yield f"{place}: failed validation constraint for keyword [pattern]"


def _number(node: Schema, value: float, place: str) -> Iterator[str]:
    for keyword, is_out in (
        ("minimum", value < node.get("minimum", value)),
        ("maximum", value > node.get("maximum", value)),
    ):
        if is_out:
            yield f"{place}: failed validation constraint for keyword [{keyword}]"


def _matches(pattern: str, text: str) -> bool:
    """Whether a pattern of AWS's is found in a text; Java's classes are those of ``regex``."""
    regex: Any = import_module("regex")  # comes with cfn-lint
    return len(text) > _LONGEST or bool(regex.search(pattern, text))
