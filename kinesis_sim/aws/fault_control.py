"""The control API's side of the fault plan: JSON in, JSON out."""

from __future__ import annotations

from typing import Any

from kinesis_sim.account.faults.kinds import KINDS
from kinesis_sim.account.faults.plan import Faults
from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError

Document = dict[str, Any]
_MEMBERS = {
    "kind": str,
    "target": str,
    "part": str,
    "service": str,
    "operations": list,
    "share": (int, float),
    "code": str,
    "ms": int,
    "from": str,
    "until": str,
    "for": str,
}
_NAMES = {"from": "at", "for": "lasts"}


def told(faults: Faults) -> Document:
    """The faults that are planned or in force, with how often they struck, and the kinds."""
    force = {each.id for each in faults.in_force()}
    rows = [
        {**each.row(), "inForce": each.id in force, "struck": faults.struck(each)}
        for each in faults
    ]
    kinds = [
        {"kind": kind.name, "target": kind.target, "says": kind.says, "codes": list(kind.codes)}
        for kind in KINDS.values()
        if kind.site != "crash"  # of a process of Python's; those of a server's clients are theirs
    ]
    return {"faults": rows, "kinds": kinds}


def planned(faults: Faults, document: Document) -> Document:
    """Plan what a document says; its row. Raises UsageError, naming the member that is wrong."""
    if document.get("kind") == "clock-jump":
        _check(document, {"kind": str, "by": str, "from": str})
        if "by" not in document:
            raise UsageError('A clock-jump needs "by", a duration such as "1h".')
        return faults.jump(document["by"], at=document.get("from")).row()
    _check(document, _MEMBERS)
    if "kind" not in document:
        raise UsageError(f'The body needs "kind", one of {", ".join(KINDS)}.')
    operations = document.get("operations", [])
    if not all(isinstance(each, str) for each in operations):
        raise UsageError("operations is a list of names of operations.")
    return faults.add(**{_NAMES.get(name, name): value for name, value in document.items()}).row()


def ended(faults: Faults, document: Document) -> Document:
    """End one fault, or all of them. Raises UsageError for one that is not there."""
    _check(document, {"id": str})
    if document.get("id") == "*":
        faults.clear()
    else:
        faults.end(document.get("id", ""))
    return told(faults)


def _check(document: Document, members: dict[str, Any]) -> None:
    for name, value in document.items():
        if name not in members:
            raise UsageError(f"The body has {said(name)}; its members are {', '.join(members)}.")
        if isinstance(value, bool) or not isinstance(value, members[name]):
            raise UsageError(f"{name}={said(value)} is of the wrong type.")
