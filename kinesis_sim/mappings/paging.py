"""Pages of Lambda's lists: a Marker goes on with the question that made it, and no other."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.account.paging import cut, question, refused_text
from kinesis_sim.mappings.refusals import invalid


def page(name: str, rows: list[Request], request: Request, most: int, key: str) -> Request:
    """One page of rows under ``name``, with a NextMarker if there is more.

    most: rows of a page. key: the member that tells a row from the others. Raises
    InvalidParameterValueException for a Marker that no answer gave to this question (model's
    wording: no recording shows what AWS says of one made with another filter).
    """
    marker = request.get("Marker") or None
    told, after = cut(
        rows,
        min(request.get("MaxItems") or most, most),
        marker,
        invalid(refused_text("Marker", marker)),
        question=question(request, name, "MaxItems", "Marker"),
        key=lambda row: row[key],
    )
    return {name: told} if after is None else {name: told, "NextMarker": after}
