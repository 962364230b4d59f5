"""Regular expressions that no text can make run away.

Python's own and Java's search backwards without end on patterns such as ``(a+)+b``; a stranger's
SQL may hold one. This one visits each place of the program at each place of the text at most once,
so its work is bounded by the two lengths multiplied. It knows what a log parser needs: characters,
classes, groups, alternatives, greedy and reluctant repeats, ``^ $ \\b``. Back references and
look-around are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

LONGEST_PATTERN, LONGEST_TEXT, MOST_REPEATS, LONGEST_PROGRAM = 1_000, 65_536, 1_000, 10_000
LONGEST_MADE = 65_536
"""Characters that a function makes of a text (the model's choice)."""
_MOST_WORK = 1_000_000
"""Places of a program times places of a text (the model's choice)."""

Test = Callable[[str], bool]
Instruction = tuple[object, ...]
_CLASSES: dict[str, Test] = {
    "d": lambda sign: "0" <= sign <= "9",
    "w": lambda sign: sign == "_" or (sign.isascii() and sign.isalnum()),
    "s": lambda sign: sign in " \t\n\x0b\f\r",
}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "0": "\0"}


def _not(test: Test) -> Test:
    return lambda sign: not test(sign)


def _is(wanted: str) -> Test:
    return lambda sign: sign == wanted


class Spending:
    """Steps that the searches of one call have taken together."""

    def __init__(self) -> None:
        self.steps = 0

    def add(self, steps: int) -> None:
        """Count steps. Raises ValueError beyond what one search may take."""
        self.steps += steps
        if self.steps > _MOST_WORK:
            raise ValueError(f"a text takes more than {_MOST_WORK:,} steps with this pattern")


class Regex:
    """A compiled pattern. Raises ValueError for what is none, or is not supported.

    groups: how many groups it has.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise ValueError(f"a pattern has at most {LONGEST_PATTERN} characters")
        self.pattern = pattern
        self._at = 0
        self.groups = 0
        body = self._alternatives()
        if self._at < len(pattern):
            raise ValueError(f"pattern {pattern!r} has a bracket too many")
        self._program = [("save", 0), *body, ("save", 1), ("match",)]

    # --- reading --------------------------------------------------------------------------------

    def _peek(self) -> str:
        return self.pattern[self._at : self._at + 1]

    def _take(self) -> str:
        sign = self._peek()
        if not sign:
            raise ValueError(f"pattern {self.pattern!r} ends too early")
        self._at += 1
        return sign

    def _alternatives(self) -> list[Instruction]:
        made = self._sequence()
        while self._peek() == "|":
            self._take()
            other = self._sequence()
            made = [
                ("split", 1, len(made) + 2),
                *made,
                ("jump", len(other) + 1),
                *other,
            ]
        return made

    def _sequence(self) -> list[Instruction]:
        made: list[Instruction] = []
        while self._peek() and self._peek() not in "|)":
            made += self._repeated(self._atom())
            if len(made) > LONGEST_PROGRAM:
                raise ValueError(f"pattern {self.pattern!r} repeats too much")
        return made

    def _repeated(self, body: list[Instruction]) -> list[Instruction]:
        sign = self._peek()
        if sign and sign in "*+?":
            self._take()
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif sign == "{" and self._peek_count():
            least, most = self._count()
        else:
            return body
        reluctant = self._peek() == "?"
        if reluctant or self._peek() == "+":
            self._take()
        return self._times(body, least, most, reluctant)

    def _peek_count(self) -> bool:
        return self.pattern[self._at + 1 : self._at + 2].isdigit()

    def _count(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self._at)
        if end < 0:
            raise ValueError(f"pattern {self.pattern!r} has no end of its {{")
        low, comma, high = self.pattern[self._at + 1 : end].partition(",")
        self._at = end + 1
        try:
            least = int(low)
            most = (int(high) if high else None) if comma else least
        except ValueError:
            raise ValueError(f"pattern {self.pattern!r} counts with no number") from None
        if max(least, most or 0) > MOST_REPEATS:
            raise ValueError(f"pattern {self.pattern!r} repeats more than {MOST_REPEATS} times")
        return least, most

    def _times(
        self, body: list[Instruction], least: int, most: int | None, reluctant: bool
    ) -> list[Instruction]:
        size = len(body)
        if size * max(least, most or 0, 1) > LONGEST_PROGRAM:
            raise ValueError(f"pattern {self.pattern!r} repeats too much")

        def fork(on: int, out: int) -> Instruction:
            return ("split", out, on) if reluctant else ("split", on, out)

        made = body * least
        if most is None:
            return [*made, fork(1, size + 2), *body, ("jump", -size - 1)]
        for left in range(most - least, 0, -1):
            made = [*made, fork(1, left * (size + 1)), *body]
        return made

    def _atom(self) -> list[Instruction]:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return [("sign", self._class())]
        if sign == ".":
            return [("sign", _not(_is("\n")))]
        if sign in "^$":
            return [("edge", sign)]
        if sign == "\\":
            return [self._escaped()]
        if sign in "*+?":
            raise ValueError(f"pattern {self.pattern!r} repeats nothing")
        return [("sign", _is(sign))]

    def _group(self) -> list[Instruction]:
        number: int | None = None
        if self._peek() == "?":
            self._take()
            kind = self._take()
            if kind == "<" and self._peek() not in ("=", "!"):
                while self._take() != ">":
                    pass
                kind = ""
            elif kind != ":":
                raise ValueError(f"pattern {self.pattern!r} looks around, which is not supported")
        else:
            kind = ""
        if not kind:
            self.groups += 1
            number = self.groups
        body = self._alternatives()
        if self._peek() != ")":
            raise ValueError(f"pattern {self.pattern!r} has an open bracket")
        self._take()
        return body if number is None else [("save", 2 * number), *body, ("save", 2 * number + 1)]

    def _escaped(self) -> Instruction:
        sign = self._take()
        if sign in "bB":
            return ("edge", sign)
        if sign.isdigit() and sign != "0":
            raise ValueError(f"pattern {self.pattern!r} refers back, which is not supported")
        return ("sign", self._escape(sign))

    def _escape(self, sign: str) -> Test:
        if sign.lower() in _CLASSES:
            test = _CLASSES[sign.lower()]
            return test if sign.islower() else _not(test)
        return _is(_ESCAPES.get(sign, sign))

    def _class(self) -> Test:
        other = self._peek() == "^"
        if other:
            self._take()
        tests: list[Test] = []
        first = True
        while first or self._peek() != "]":
            first = False
            sign = self._take()
            if sign == "\\":
                tests.append(self._escape(self._take()))
            elif self._peek() == "-" and self.pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                tests.append(_between(sign, self._take()))
            else:
                tests.append(_is(sign))
        self._take()
        return lambda sign: any(test(sign) for test in tests) is not other

    # --- matching -------------------------------------------------------------------------------

    def search(self, text: str, start: int = 0, spent: Spending | None = None) -> list[int] | None:
        """Where the first match begins and ends, and its groups do (-1: took no part); or None.

        spent: what searches of the same call have used of what one may. Raises ValueError where
        text and pattern are too long together, or several searches take too many steps.
        """
        if len(text) > LONGEST_TEXT or len(text) * len(self._program) > _MOST_WORK:
            raise ValueError(f"a text of {len(text):,} characters is too long for this pattern")
        visited: set[tuple[int, int]] = set()
        for begin in range(start, len(text) + 1):
            before = len(visited)
            found = self._match(text, begin, visited)
            if spent is not None:
                spent.add(len(visited) - before)
            if found is not None:
                return found
        return None

    def whole(self, text: str) -> list[int] | None:
        """As ``search``, of the whole text."""
        return Regex.of(f"^(?:{self.pattern})$").search(text)

    def _match(self, text: str, begin: int, visited: set[tuple[int, int]]) -> list[int] | None:
        program = self._program
        waiting = [(0, begin, [-1] * (2 * self.groups + 2))]
        while waiting:
            step, at, saved = waiting.pop()
            while (step, at) not in visited:
                visited.add((step, at))
                what = program[step]
                kind = what[0]
                if kind == "sign":
                    if at >= len(text) or not what[1](text[at]):  # type: ignore[operator]
                        break
                    step, at = step + 1, at + 1
                elif kind == "split":
                    waiting.append((step + what[2], at, saved))  # type: ignore[operator]
                    step += what[1]  # type: ignore[operator]
                elif kind == "jump":
                    step += what[1]  # type: ignore[operator]
                elif kind == "save":
                    saved = list(saved)
                    saved[what[1]] = at  # type: ignore[call-overload]
                    step += 1
                elif kind == "edge":
                    if not _on_edge(text, at, str(what[1])):
                        break
                    step += 1
                else:
                    return saved
        return None

    @staticmethod
    @lru_cache(maxsize=256)
    def of(pattern: str) -> Regex:
        """A pattern, compiled once."""
        return Regex(pattern)


def _between(low: str, high: str) -> Test:
    if low > high:
        raise ValueError(f"a class goes from {low!r} to {high!r}, backwards")
    return lambda sign: low <= sign <= high


def _on_edge(text: str, at: int, kind: str) -> bool:
    if kind == "^":
        return at == 0
    if kind == "$":
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    word = _CLASSES["w"]
    before = at > 0 and word(text[at - 1])
    after = at < len(text) and word(text[at])
    return (before != after) is (kind == "b")


def found(pattern: str, text: str) -> bool:
    """Whether a pattern is somewhere in a text."""
    return Regex.of(pattern).search(text) is not None


def extracted(pattern: str, text: str, group: int = 0) -> str | None:
    """A group of the first match; None where there is none."""
    made = Regex.of(pattern)
    at = made.search(text)
    if at is None or not 0 <= group <= made.groups or at[2 * group] < 0:
        return None
    return text[at[2 * group] : at[2 * group + 1]]


def groups(pattern: str, text: str) -> list[str | None] | None:
    """All groups of a match of the whole text; None where there is none."""
    made = Regex.of(pattern)
    at = made.whole(text)
    if at is None:
        return None
    pairs = ((at[2 * number], at[2 * number + 1]) for number in range(1, made.groups + 1))
    return [None if start < 0 else text[start:end] for start, end in pairs]


def replaced(pattern: str, text: str, new: str, start: int = 0, occurrence: int = 0) -> str:
    """Matches replaced: all of them, or the n-th one only (occurrence from 1).

    Raises ValueError where it takes too many steps, or the result is longer than ``LONGEST_MADE``.
    """
    made, pieces, at, number = Regex.of(pattern), [text[:start]], start, 0
    spent, length = Spending(), len(text)
    while at <= len(text):
        where = made.search(text, at, spent)
        if where is None:
            break
        number += 1
        begin, end = where[0], where[1]
        pieces.append(text[at:begin])
        if occurrence in (0, number):
            pieces.append(new)
            length += len(new) - (end - begin)
            if length > max(LONGEST_MADE, len(text)):
                raise ValueError(f"the result has more than {LONGEST_MADE:,} characters")
        else:
            pieces.append(text[begin:end])
        if end == begin:
            pieces.append(text[end : end + 1])
        at = max(end, begin + 1) if end == begin else end
        if occurrence and number == occurrence:
            break
    return "".join([*pieces, text[at:]])
