"""AWS's query protocol: parameters as form fields, answers as XML.

``MetricData.member.1.MetricName=espera`` is the first element's member of a list; a map's entries
are ``Name.entry.1.key`` and ``Name.entry.1.value`` (Smithy specification, "AWS query protocol").
Only what botocore's shapes name is read; numbers of elements order them and need not be dense.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from kinesis_sim.aws.wire.shapes import moment
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.instants import to_datetime, to_ms

if TYPE_CHECKING:
    from botocore.model import Shape

_DEEPEST = 32


@dataclass(slots=True)
class Node:
    """Fields as a tree: a name's own text, and what its dotted name goes on with."""

    text: str = ""
    under: dict[str, Node] = field(default_factory=dict)

    def at(self, step: str) -> Node:
        """What is under a step; an empty node where nothing is."""
        return self.under.get(step) or Node()


def tree(fields: Iterable[tuple[str, str]]) -> Node:
    """Form fields by the parts of their dotted names."""
    root = Node()
    for name, text in fields:
        node = root
        steps = name.split(".")
        if len(steps) > _DEEPEST:
            raise malformed(name)
        for step in steps:
            node = node.under.setdefault(step, Node())
        node.text = text
    return root


def malformed(name: str) -> ServiceError:
    """What a field is refused with that is not of its type (model's wording)."""
    return ServiceError("MalformedInput", f"The parameter {name} cannot be read.")


def read(node: Node, shape: Shape, name: str = "") -> Any:
    """The plain value of a shape in a tree of fields. Raises ServiceError (MalformedInput)."""
    kind = shape.type_name
    if kind == "structure":
        return {
            member: read(node.under[wire], inner, wire)
            for member, inner in shape.members.items()
            if (wire := str(inner.serialization.get("name", member))) in node.under
        }
    if kind == "list":
        items = node if shape.serialization.get("flattened") else node.at("member")
        return [read(item, shape.member, name) for item in _numbered(items)]
    if kind == "map":
        entries = _numbered(node.at("entry"))
        return {
            entry.at("key").text: read(entry.at("value"), shape.value, name) for entry in entries
        }
    return _scalar(node.text, kind, name)


def _numbered(node: Node) -> list[Node]:
    """The elements of a list, in the order of their numbers."""
    under = node.under
    numbers = [key for key in under if key.isascii() and key.isdecimal() and len(key) < 10]
    return [under[key] for key in sorted(numbers, key=int)]


def _scalar(text: str, kind: str, name: str) -> Any:
    try:
        if kind in ("integer", "long"):
            return int(_plain(text))
        if kind in ("float", "double"):
            return _finite(float(_plain(text)))
        if kind == "boolean":
            return {"true": True, "false": False}[text.lower()]
        if kind == "timestamp":
            return _moment(text)
        if kind == "blob":
            return b64decode(text, validate=True)
    except (ValueError, KeyError, Base64Error, UsageError, ServiceError):
        raise malformed(name) from None
    return text


def _plain(number: str) -> str:
    """A number as Python reads it, without what only Python reads: digits of other scripts, 1_0."""
    if not number.isascii() or "_" in number:
        raise ValueError
    return number


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError
    return value


def _moment(text: str) -> int:
    """Epoch ms of ISO 8601 text, in UTC unless it says otherwise, or of epoch seconds."""
    if text.replace(".", "", 1).isdecimal():
        return moment(float(text) * 1000, text)
    has_zone = text.endswith("Z") or "+" in text or text.count("-") > 2
    return to_ms(text if has_zone else f"{text}Z")


# --- answers --------------------------------------------------------------------------------------


def answer(operation: str, shape: Shape | None, value: Any, namespace: str, request: str) -> bytes:
    """The document of an answer. request: the request's id."""
    result = f"<{operation}Result>{_inside(shape, value)}</{operation}Result>" if shape else ""
    return (
        f'<{operation}Response xmlns="{namespace}">{result}'
        f"<ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata>"
        f"</{operation}Response>\n"
    ).encode()


def query_code(code: str) -> str:
    """A code as the query protocol has it: what violates a shape is a ValidationError there.

    Source: localstack/localstack, CloudWatch's snapshots of 2025-09-22.
    """
    return "ValidationError" if code == "ValidationException" else code


def refusal(error: ServiceError, namespace: str, request: str) -> bytes:
    """The document of an error."""
    side = "Receiver" if error.status >= 500 else "Sender"
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{side}</Type>'
        f"<Code>{_text(query_code(error.code))}</Code>"
        f"<Message>{_text(error.message)}</Message></Error>"
        f"<RequestId>{request}</RequestId></ErrorResponse>\n"
    ).encode()


def _element(tag: str, shape: Shape, value: Any) -> str:
    return f"<{tag}>{_inside(shape, value)}</{tag}>"


def _inside(shape: Shape, value: Any) -> str:
    kind = shape.type_name
    if kind == "structure":
        return "".join(
            _element(str(inner.serialization.get("name", member)), inner, value[member])
            for member, inner in shape.members.items()
            if value.get(member) is not None
        )
    if kind == "list":
        return "".join(_element("member", shape.member, item) for item in value)
    if kind == "map":
        return "".join(
            f"<entry>{_element('key', shape.key, key)}"
            f"{_element('value', shape.value, item)}</entry>"
            for key, item in value.items()
        )
    return _text(_written(kind, value))


def _written(kind: str, value: Any) -> str:
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return to_datetime(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if kind == "blob":
        return b64encode(value).decode("ascii")
    return str(value)


def _text(text: str) -> str:
    """Text as XML has it; what XML 1.0 has no characters for is left out."""
    return escape("".join(char for char in text if char >= " " or char in "\t\n\r"))
