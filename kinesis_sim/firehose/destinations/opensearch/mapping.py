"""Dynamic mapping, as far as a receiver needs it: the first value of a field decides its type.

The rules are those of OpenSearch's field types with their default coercion. Left out: dates found
in text (``date_detection``), multi-fields, and the limit on the number of fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FieldType = str
_WORDS = {"true", "false", ""}


class Misfit(Exception):
    """A value that does not fit its field; the text is OpenSearch's reason."""


@dataclass
class FieldMapping:
    """Field types by dotted path. fields: may be given ahead, e.g. ``{"preco": "long"}``."""

    fields: dict[str, FieldType] = field(default_factory=dict)

    def take(self, document: dict[str, Any], document_id: str) -> None:
        """Fit a document in, learning the fields it brings.

        Raises Misfit, and then learns nothing.
        """
        learned: dict[str, FieldType] = {}
        self._fit("", document, document_id, learned)
        self.fields.update(learned)

    def _fit(self, path: str, value: Any, where: str, learned: dict[str, FieldType]) -> None:
        if isinstance(value, list):
            for each in value:
                self._fit(path, each, where, learned)
            return
        if value is None:
            return
        if path:
            self._fit_one(path, value, where, learned)
        if isinstance(value, dict):
            for name, each in value.items():
                self._fit(f"{path}.{name}" if path else name, each, where, learned)

    def _fit_one(self, path: str, value: Any, where: str, learned: dict[str, FieldType]) -> None:
        kind = self.fields.get(path) or learned.setdefault(path, _type_of(value))
        if kind == "object" and not isinstance(value, dict):
            raise Misfit(
                f"object mapping for [{path}] tried to parse field [{path}] as object, "
                "but found a concrete value"
            )
        if not _fits(kind, value):
            raise Misfit(
                f"failed to parse field [{path}] of type [{kind}] in document with id '{where}'"
            )


def _type_of(value: Any) -> FieldType:
    if isinstance(value, dict):
        return "object"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    return "float" if isinstance(value, float) else "text"


def _fits(kind: FieldType, value: Any) -> bool:
    if isinstance(value, dict):
        return kind == "object"
    if kind == "boolean":
        return isinstance(value, bool) or (isinstance(value, str) and value in _WORDS)
    if kind in ("long", "float"):
        return not isinstance(value, bool) and _is_number(value)
    return True


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
