"""What is unfair about a bank as a whole: questions alike, and keys that can be guessed.

Guessing is measured against chance: whoever picks the longest option, the shortest or the one at a
certain place, and knows nothing, is right as often as luck has it. A bank on which such a rule does
so well that luck would bring it about less than once in a hundred banks gives its keys away.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from kinesis_sim.course.item import EXAM_KINDS, Item, Option
from kinesis_sim.course.words import LANGUAGES, in_language

ALIKE = 0.8  # share of words two stems may have in common
SAID_AGAIN = 0.5  # share of the shorter stem's runs of three words that another may repeat
RUN = 3
LUCK = 0.01  # what luck brings about less often than this is no luck

Guess = Callable[[Sequence[Option]], Option | None]


def unique_ids(items: Sequence[Item]) -> Iterator[str]:
    """No two items share an id: answers are kept by it."""
    for item_id, count in Counter(item.id for item in items).items():
        if count > 1:
            yield f"{count} items share the id {item_id}"


def different_stems(items: Sequence[Item]) -> Iterator[str]:
    """No two items ask nearly the same: neither in the same words nor in the same phrases."""
    stems = [(item.id, *_words_and_runs(item.stem["en"])) for item in items]
    for (one, words, runs), (other, others, more) in combinations(stems, 2):
        shorter = min(len(runs), len(more))
        alike = len(words & others) > ALIKE * len(words | others)
        if alike or (shorter > RUN and len(runs & more) > SAID_AGAIN * shorter):
            yield f"{one} and {other} ask nearly the same"


def _words_and_runs(text: str) -> tuple[set[str], set[tuple[str, ...]]]:
    words = re.findall(r"\w+", text.lower())
    return set(words), set(zip(*(words[at:] for at in range(RUN)), strict=False))


def lengths_tell_nothing(items: Sequence[Item]) -> Iterator[str]:
    """Neither the longest option nor the shortest is a key more often than luck would have it.

    Options whose number a seed draws are as long as the number.
    """
    worded = [item for item in items if not item.numbers]
    for language in LANGUAGES:
        for name, guess in _by_length(language).items():
            yield from _beaten(worded, f"the {name} option ({language})", guess)


def _by_length(language: str) -> dict[str, Guess]:
    def size(option: Option) -> int:
        return len(in_language(option.text, language))

    return {
        "longest": lambda options: _only(options, max(map(size, options)), size),
        "shortest": lambda options: _only(options, min(map(size, options)), size),
    }


def _only(options: Sequence[Option], wanted: int, size: Callable[[Option], int]) -> Option | None:
    """The option of that size, where no other has it."""
    found = [option for option in options if size(option) == wanted]
    return found[0] if len(found) == 1 else None


def places_tell_nothing(items: Sequence[Item]) -> Iterator[str]:
    """The key does not favour a place in the list."""
    most = max((len(item.options) for item in items), default=0)
    for place in range(most):
        yield from _beaten(items, f"option {place + 1}", _at(place))


def _at(place: int) -> Guess:
    return lambda options: options[place] if place < len(options) else None


def _beaten(items: Sequence[Item], name: str, guess: Guess) -> Iterator[str]:
    """A sentence if the guess does better than luck on questions that have options to pick."""
    hits, chances = 0, []
    for item in items:
        option = guess(item.options) if item.kind in EXAM_KINDS and item.options else None
        if option is not None:
            hits += option.id in item.keys
            chances.append(len(item.keys) / len(item.options))
    if luck(hits, chances) < LUCK:
        yield f"{name} is a key in {hits} of {len(chances)} items, by luck in {sum(chances):.0f}"


def luck(hits: int, chances: Sequence[float]) -> float:
    """How likely as many hits or more are, each guess being right with its own chance."""
    spread = [1.0]
    for chance in chances:
        missed = [share * (1 - chance) for share in spread] + [0.0]
        hit = [0.0] + [share * chance for share in spread]
        spread = [one + other for one, other in zip(missed, hit, strict=True)]
    return sum(spread[hits:])


BANK_RULES: tuple[Callable[[Sequence[Item]], Iterator[str]], ...] = (
    unique_ids,
    different_stems,
    lengths_tell_nothing,
    places_tell_nothing,
)
