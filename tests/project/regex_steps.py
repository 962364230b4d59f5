"""How many steps a regular expression takes: a plain backtracking matcher that counts.

It reads Python's own parse of the pattern and does what ``re`` does, one step after the other, so
that growth can be counted instead of timed. And texts that are made to cost a pattern much: what
it repeats, repeated, behind what leads there and before what does not fit.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator
from re import _constants as codes
from re import _parser as parser
from typing import Any

Go = Callable[[int], bool]
MANY = 40
"""Repeats that may be more than this are pumped."""
MOST_STEPS = 60_000
TAILS = ("", "\0", "!", "x", "\n", "/\n")


class TooMany(Exception):
    """More steps than anybody would wait for."""


class Matcher:
    """Matches one pattern, counting. steps: so far; end: where the last match ended."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.tree = list(parser.parse(pattern.pattern, pattern.flags))
        self.ignore_case = bool(pattern.flags & re.IGNORECASE)
        self.steps = 0
        self.end = 0
        self._text = ""
        self._groups: dict[int, tuple[int, int]] = {}

    def match(self, text: str, at: int = 0, *, whole: bool = False) -> bool:
        self._text, self._groups = text, {}

        def ends(end: int) -> bool:
            self.end = end
            return not whole or end == len(text)

        return self._all(self.tree, 0, at, ends)

    def search(self, text: str) -> int:
        """Steps of looking for it everywhere; after a match it goes on from there, as ``sub``."""
        at = 0
        while at <= len(text):
            at = max(self.end, at + 1) if self.match(text, at) else at + 1
        return self.steps

    def _all(self, items: Any, place: int, at: int, go: Go) -> bool:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMany
        if place == len(items):
            return go(at)
        code, given = items[place]
        return self._one(code, given, at, lambda end: self._all(items, place + 1, end, go))

    def _one(self, code: Any, given: Any, at: int, go: Go) -> bool:
        text = self._text
        if code in (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN):
            return at < len(text) and self._fits(code, given, text[at]) and go(at + 1)
        if code is codes.BRANCH:
            return any(self._all(list(each), 0, at, go) for each in given[1])
        if code is codes.SUBPATTERN:
            return self._group(given[0], list(given[3]), at, go)
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            return self._repeat(code is codes.MAX_REPEAT, *given, at, go)
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            return self._ahead(given, at) is (code is codes.ASSERT) and go(at)
        if code is codes.AT:
            return self._stands(given, at) and go(at)
        if code is codes.GROUPREF:
            start, end = self._groups.get(given, (0, 0))
            return text.startswith(text[start:end], at) and go(at + end - start)
        raise NotImplementedError(code)

    def _group(self, number: int | None, items: Any, at: int, go: Go) -> bool:
        def left(end: int) -> bool:
            if number is not None:
                self._groups[number] = at, end
            return go(end)

        return self._all(items, 0, at, left)

    def _repeat(self, greedy: bool, least: int, most: Any, items: Any, at: int, go: Go) -> bool:
        body = list(items)

        def more(count: int, at: int) -> bool:
            def came(end: int) -> bool:
                return (end > at or count < least) and again(count + 1, end)

            return count < int(most) and self._all(body, 0, at, came)

        def again(count: int, at: int) -> bool:
            if count < least:
                return more(count, at)
            return (more(count, at) or go(at)) if greedy else (go(at) or more(count, at))

        return again(0, at)

    def _ahead(self, given: Any, at: int) -> bool:
        direction, items = given
        if direction > 0:
            return self._all(list(items), 0, at, lambda end: True)
        width = items.getwidth()[0]
        return at >= width and self._all(list(items), 0, at - width, lambda end: end == at)

    def _stands(self, where: Any, at: int) -> bool:
        text = self._text
        if where in (codes.AT_BEGINNING, codes.AT_BEGINNING_STRING):
            return at == 0
        if where in (codes.AT_END, codes.AT_END_STRING):
            return at == len(text)
        words = [0 <= i < len(text) and (text[i].isalnum() or text[i] == "_") for i in (at - 1, at)]
        return (words[0] != words[1]) is (where is codes.AT_BOUNDARY)

    def _fits(self, code: Any, given: Any, letter: str) -> bool:
        forms = {letter, letter.lower(), letter.upper()} if self.ignore_case else {letter}
        if code is codes.ANY:
            return letter != "\n"
        if code is codes.LITERAL:
            return given in map(ord, forms)
        if code is codes.NOT_LITERAL:
            return given not in map(ord, forms)
        negated = given[0][0] is codes.NEGATE
        return any(_within(row, each) for each in forms for row in given) is not negated


def _within(row: Any, letter: str) -> bool:
    kind, given = row
    if kind is codes.LITERAL:
        return bool(ord(letter) == given)
    if kind is codes.RANGE:
        return bool(given[0] <= ord(letter) <= given[1])
    if kind is codes.CATEGORY:
        name = str(given).rpartition("_")[2].lower()
        found = {"digit": letter.isdigit(), "space": letter.isspace(),
                 "word": letter.isalnum() or letter == "_"}[name]  # fmt: skip
        return found is not ("NOT" in str(given))
    return False


# --- texts that cost ------------------------------------------------------------------------------

LETTERS = "a0 /.,:;'\"\\-_AZ\n\t!{}()[]<>=+*%$#@~|&?^é\ud800\0"


def sample(items: Any, matcher: Matcher) -> str:
    """A short text that items match, about."""
    return "".join(_sampled(code, given, matcher) for code, given in items)


def _sampled(code: Any, given: Any, matcher: Matcher) -> str:
    if code is codes.LITERAL:
        return chr(given)
    if code in (codes.NOT_LITERAL, codes.ANY, codes.IN):
        return next((x for x in LETTERS if matcher._fits(code, given, x)), "")
    if code is codes.BRANCH:
        return sample(given[1][0], matcher)
    if code is codes.SUBPATTERN:
        return sample(given[3], matcher)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        return sample(given[2], matcher) * max(1, min(int(given[0]), 20))
    return ""


def pumps(items: Any, matcher: Matcher, before: str = "") -> Iterator[tuple[str, str]]:
    """What leads to each repeat, and what it repeats, in several spellings."""
    for code, given in items:
        for part in given[1] if code is codes.BRANCH else ():
            yield from pumps(part, matcher, before)
        if code is codes.SUBPATTERN:
            yield from pumps(given[3], matcher, before)
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            if int(given[1]) > MANY:
                yield before, sample(given[2], matcher)
                body = list(given[2])
                single = len(body) == 1 and body[0][0] in (codes.IN, codes.ANY, codes.NOT_LITERAL)
                if single:
                    fit = [x for x in LETTERS if matcher._fits(*body[0], x)]
                    yield from ((before, letter) for letter in fit[:8])
            yield from pumps(given[2], matcher, before)
        before += _sampled(code, given, matcher)


def steps(pattern: re.Pattern[str], text: str, searches: bool) -> int:
    """Steps of matching a text, or of looking for the pattern in it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 50_000))
    matcher = Matcher(pattern)
    try:
        if searches:
            return matcher.search(text)
        matcher.match(text, whole=True)
    except TooMany:
        return MOST_STEPS
    finally:
        sys.setrecursionlimit(before)
    return matcher.steps


def growth(
    pattern: re.Pattern[str], searches: bool, enough: float, size: int = 16
) -> tuple[float, str]:
    """By how much the steps grow when a bad text is twice as long; the text.

    enough: growth beyond which no worse text is looked for.
    """
    matcher, worst = Matcher(pattern), (0.0, "")
    whole = sample(matcher.tree, matcher)
    found = dict.fromkeys([*pumps(matcher.tree, matcher), ("", whole)])
    for before, body in found:
        for tail in TAILS:
            make = lambda n: before + body * n + tail  # noqa: B023, E731
            once = steps(pattern, make(size), searches)
            if once == MOST_STEPS:
                return math.inf, make(3)
            if once > 10 * size:
                worst = max(worst, (steps(pattern, make(2 * size), searches) / once, make(3)))
            if worst[0] > enough:
                return worst
    return worst
