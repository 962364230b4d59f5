"""Values of the wrong type, and what AWS's deserialiser says of them in a SerializationException.

Words: validations/index.js and the tests of mhart/kinesalite, which were also run against AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

_JAVA = {
    "string": "String", "integer": "Integer", "long": "Long", "float": "Float", "double": "Double",
    "boolean": "Boolean",
}  # fmt: skip
_ACCEPTED: dict[str, tuple[type, ...]] = {
    "string": (str,), "blob": (bytes,), "boolean": (bool,), "timestamp": (int,), "integer": (int,),
    "long": (int,), "float": (int, float), "double": (int, float), "structure": (Mapping,),
    "map": (Mapping,), "list": (list, tuple),
}  # fmt: skip


def mistype(shape: Shape, value: Any) -> str | None:
    """AWS's message for the first value of a wrong type in a plain value, or None if there is none.

    Null is of every type. Members that the model does not know are ignored, as AWS ignores them.
    """
    if value is None or getattr(shape, "is_document_type", False):
        return None
    if not fits(shape.type_name, value):
        return wrong_type(shape.type_name, value)
    return next((text for text in map(_inner, _parts(shape, value)) if text), None)


def fits(type_name: str, value: Any) -> bool:
    """Whether a plain value is of a botocore type; True is no number and no number is True."""
    if isinstance(value, bool):
        return type_name == "boolean"
    if isinstance(value, str) and not is_unicode(value):
        return False
    return isinstance(value, _ACCEPTED[type_name])


def is_unicode(text: str) -> bool:
    """Whether a text can be written as UTF-8: Python lets half of a surrogate pair stand alone."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inner(part: tuple[Shape, Any]) -> str | None:
    return mistype(*part)


def _parts(shape: Shape, value: Any) -> list[tuple[Shape, Any]]:
    if shape.type_name == "structure":
        return [(member, value.get(name)) for name, member in shape.members.items()]
    if shape.type_name == "list":
        return [(shape.member, item) for item in value]
    if shape.type_name == "map":
        return [(shape.value, item) for item in value.values()]
    return []


def wrong_type(type_name: str, value: Any) -> str:
    """AWS's message for a value that is not of a botocore type, e.g. ``wrong_type("list", 3)``.

    A blob where something else is wanted can only come in CBOR, and half a surrogate pair only from
    Python; their words are this model's choice.
    """
    if isinstance(value, list | tuple):
        return "Start of list found where not expected"
    if isinstance(value, Mapping):
        return "Start of structure or map found where not expected."
    if isinstance(value, str) and not is_unicode(value):
        return "Half of a surrogate pair found in a string."
    if type_name in _EXPECTED:
        return _EXPECTED[type_name]
    if type_name == "boolean" and isinstance(value, str):
        return f"'{value.upper()}' can not be converted to an Boolean"
    return f"class {_java_class(value)} can not be converted to {_target(type_name)}"


_EXPECTED = {
    "list": "Expected list or null",
    "map": "Expected map or null",
    "structure": "Expected null",
}


def _java_class(value: Any) -> str:
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if isinstance(value, str):
        return "java.lang.String"
    if isinstance(value, bytes):
        return "java.nio.HeapByteBuffer"
    return "com.amazon.coral.value.json.numbers.TruncatingBigNumber"


def _target(type_name: str) -> str:
    if type_name == "blob":
        return "a Blob"
    if type_name == "timestamp":
        return "milliseconds since epoch"
    return f"an {_JAVA[type_name]}"
