"""Recorded values against seen ones: equal to the word, but for placeholders by kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kinesis_sim.errors import UsageError

KINDS = {
    "account": r"\d{12}",
    "arn": r"arn:aws[\w-]*:[^\s\"']+",
    "date": r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}",
    "hash": r"\d{1,39}",
    "id": r"[\w-]+",
    "iterator": r"[A-Za-z0-9+/=]{100,}",
    "name": r"[\w.-]+",
    "number": r"-?\d+(?:\.\d+)?",
    "region": r"[a-z]{2}(?:-[a-z]+)+-\d",
    "sequence": r"\d{56}",
    "shard": r"shardId-\d{12}",
    "text": r"[\s\S]*",
    "time": r"(?:\d+(?:\.\d+)?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?)",
    "token": r"\S+",
}
"""What a placeholder of each kind fits."""
JSON = "$json"
"""A recorded object with this member alone is a text that is JSON: its value is what it says."""
SOME = "*"
"""A member of a recorded object that allows others beside those it names."""
_PLACE = re.compile(r"<<(\w+(?::[\w-]+)?)>>")
Names = dict[str, str]
"""What placeholders with a name stand for, by ``kind:name``."""


class NotGiven(UsageError):
    """A request names what an earlier answer was to give, and did not."""


def filled(value: Any, names: Mapping[str, str], now: float) -> Any:
    """A request with its placeholders and ``$`` texts written out. now: epoch seconds."""
    if isinstance(value, str):
        return _PLACE.sub(lambda place: _known(place[1], names), value)
    if isinstance(value, list):
        return [filled(item, names, now) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$repeat"}:
        part, times = value["$repeat"]
        return part * times
    if value.keys() == {"$now"}:
        return now + value["$now"]
    if value.keys() == {JSON}:
        import json

        return json.dumps(filled(value[JSON], names, now))
    return {filled(key, names, now): filled(item, names, now) for key, item in value.items()}


def _known(place: str, names: Mapping[str, str]) -> str:
    run = _run(place)
    if run is not None:
        return run
    if place not in names:
        raise NotGiven(f"<<{place}>> is written in a request, and no answer gave it.")
    return names[place]


def differences(
    recorded: Any, seen: Any, names: Names, newer: Mapping[str, str], where: str = ""
) -> Iterator[str]:
    """How a seen value differs from a recorded one, a line each; learns named placeholders."""
    if isinstance(recorded, dict) and recorded.keys() == {JSON} and isinstance(seen, str):
        yield from _said(recorded[JSON], seen, names, newer, where)
    elif isinstance(recorded, dict) and isinstance(seen, dict):
        yield from _members(recorded, seen, names, newer, where)
    elif isinstance(recorded, list) and isinstance(seen, list) and len(recorded) == len(seen):
        for place, (was, now) in enumerate(zip(recorded, seen, strict=True)):
            yield from differences(was, now, names, newer, f"{where}[{place}]")
    elif isinstance(recorded, str) and isinstance(seen, (str, int, float)):
        if not fits(recorded, seen, names):
            yield f"{where}: recorded {recorded!r}, here {seen!r}"
    elif recorded != seen or isinstance(recorded, bool) is not isinstance(seen, bool):
        yield f"{where}: recorded {recorded!r}, here {seen!r}"


def _said(
    recorded: Any, seen: str, names: Names, newer: Mapping[str, str], where: str
) -> Iterator[str]:
    import json

    try:
        said = json.loads(seen)
    except ValueError:
        yield f"{where}: recorded JSON, here {seen!r}"
        return
    yield from differences(recorded, said, names, newer, where)


def _members(
    recorded: dict[str, Any],
    seen: dict[str, Any],
    names: Names,
    newer: Mapping[str, str],
    where: str,
) -> Iterator[str]:
    for name in recorded.keys() - {SOME} - seen.keys():
        yield f"{where}.{name}: recorded {recorded[name]!r}, absent here"
    if SOME not in recorded:
        for name in seen.keys() - recorded.keys() - newer.keys():
            yield f"{where}.{name}: not recorded, here {seen[name]!r}"
    for name, was in recorded.items():
        if name in seen:
            yield from differences(was, seen[name], names, newer, f"{where}.{name}")


def fits(recorded: str, seen: str | int | float, names: Names) -> bool:
    """Whether a seen text is the recorded one, placeholders aside; learns those with a name.

    A number fits a recorded text only where that is a placeholder and nothing else.
    """
    whole = _PLACE.fullmatch(recorded)
    if not isinstance(seen, str):
        if whole is None:
            return False
        seen = f"{seen:f}".rstrip("0").rstrip(".") if isinstance(seen, float) else str(seen)
    groups: list[str] = []
    pattern = ""
    for position, part in enumerate(_PLACE.split(recorded)):
        run = _run(part) if position % 2 else part
        if run is not None:
            pattern += re.escape(run)
        elif part in names:
            pattern += re.escape(names[part])
        else:
            pattern += f"({_kind(part)})"
            groups.append(part)
    found = re.fullmatch(pattern, seen)
    if found is None:
        return False
    for place, text in zip(groups, found.groups(), strict=True):
        if ":" in place and names.setdefault(place, text) != text:
            return False
    return True


def of_parts(parts: Iterable[str], seen: str, names: Names) -> bool:
    """Whether a text counts violations and lists just these, in any order."""
    left = list(parts)
    word = "error" if len(left) == 1 else "errors"
    head = f"{len(left)} validation {word} detected: "
    if not seen.startswith(head):
        return False
    said = seen.removeprefix(head)
    for number in range(len(left), 0, -1):
        end = "; " if number > 1 else ""
        for part in left:
            text = filled(part, names, 0) + end
            if said.startswith(text):
                said = said.removeprefix(text)
                left.remove(part)
                break
    return not left and not said


def _run(place: str) -> str | None:
    """What ``times:a-257`` stands for: so many of one character."""
    kind, _, rest = place.partition(":")
    if kind != "times":
        return None
    character, _, count = rest.partition("-")
    return character * int(count)


def _kind(place: str) -> str:
    kind = place.partition(":")[0]
    if kind not in KINDS:
        raise UsageError(f"<<{place}>> is of no kind; the kinds are: {', '.join(KINDS)}.")
    return KINDS[kind]
