"""Pages of Lambda's lists: a Marker is the number of the row to go on with."""

from __future__ import annotations

from kinesis_sim.account.calls import Request
from kinesis_sim.mappings.refusals import invalid


def page(name: str, rows: list[Request], request: Request, most: int) -> Request:
    """One page of rows under ``name``, with a NextMarker if there is more. most: rows of a page.

    Raises InvalidParameterValueException for a Marker that no answer gave (model's wording).
    """
    marker = request.get("Marker") or "0"
    if not (marker.isascii() and marker.isdecimal() and int(marker[:12]) <= len(rows)):
        raise invalid(f"Marker {marker[:100]!r} was given by no answer; leave it out.")
    start = int(marker)
    rest = start + min(request.get("MaxItems") or most, most)
    answer: Request = {name: rows[start:rest]}
    if rest < len(rows):
        answer["NextMarker"] = str(rest)
    return answer
