"""What makes a question unfair, stale or half translated: the rules that CI holds over the bank.

Each rule yields one sentence per fault. ``faults`` runs all but ``old_sources``, which needs a
date.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import combinations
from math import ceil

from kinesis_sim.course.bank import families
from kinesis_sim.course.blueprint import asked, topics
from kinesis_sim.course.item import KINDS, Item, Texts
from kinesis_sim.course.notebooks.invariants import differences
from kinesis_sim.course.outline import entries
from kinesis_sim.course.words import LANGUAGES

ID = re.compile(r"([A-Z]\d\d)-[a-z0-9]+(-[a-z0-9]+)*")
CATCH_ALL = re.compile(
    r"\b(all|none|both) of (the above|these)\b"
    r"|\b(todas|nenhuma) (as|das) (anteriores|alternativas|acima)\b",
    re.IGNORECASE,
)
ABSOLUTE = re.compile(
    r"\b(always|never|impossible|guaranteed|sempre|nunca|jamais|impossível|garantid\w)\b",
    re.IGNORECASE,
)
SELECT = re.compile(
    r"\b(select|choose|selecione|escolha)\s+(\d|two|three|duas|três)", re.IGNORECASE
)
RETIRED = re.compile(
    r"Kinesis (Data )?Firehose|Kinesis Data Analytics|Elasticsearch Service|Kinesis Analytics"
)
EXCUSED = re.compile(r"\b(formerly|once called|old name|antes|antigo nome)\b", re.IGNORECASE)
LONGEST_KEYS = 0.4  # share of items whose key may be the longest option
SAME_PLACE = 0.5  # share of single-answer items whose key may stand at one place
ALIKE = 0.8  # share of words two stems may have in common


def faults(items: Sequence[Item]) -> list[str]:
    """Every fault of the bank, one sentence each."""
    found = [f"{item.id}: {fault}" for item in items for rule in ITEM_RULES for fault in rule(item)]
    return found + [fault for rule in BANK_RULES for fault in rule(items)]


def old_sources(items: Iterable[Item], today: date, months: int = 18) -> list[str]:
    """The sources that were checked more than ``months`` before ``today``."""
    return [
        f"{item.id}: {source.what!r} was checked on {source.checked}"
        for item in items
        for source in item.sources
        if (today - source.checked).days > months * 30.5
    ]


# --- one item -------------------------------------------------------------------------------------


def form(item: Item) -> Iterator[str]:
    """Id, topics, exams, lesson, difficulty and kind are of those there are."""
    named = ID.fullmatch(item.id)
    if not named or named[1] not in item.topics:
        yield f"an id is <topic>-<words>, with one of the topics {', '.join(item.topics)}"
    for topic in item.topics:
        if topic not in topics():
            yield f"there is no topic {topic}"
    if unknown := set(item.exams) - set(families()):
        yield f"there is no exam family {', '.join(sorted(unknown))}"
    for family, task in item.exams.items():
        if not asked(item.topics, family, task):
            yield f"the blueprint has none of its topics in task {task} of {family}"
    if item.lesson not in {entry.slug for entry in entries()}:
        yield f"lesson {item.lesson!r} is not in the outline"
    if not 1 <= item.difficulty <= 5:
        yield f"difficulty {item.difficulty} is not 1 to 5"
    if item.kind not in KINDS:
        yield f"type {item.kind!r} is none of {', '.join(KINDS)}"
    if not item.sources or not item.provenance:
        yield "no source or no provenance"


def key_fits(item: Item) -> Iterator[str]:
    """The key names options that exist, as many as the kind of question wants."""
    ids = [option.id for option in item.options]
    if len(set(ids)) < len(ids):
        yield "two options share an id"
    if unknown := set(item.keys) - set(ids):
        yield f"the key names {', '.join(sorted(unknown))}, which is no option"
    if not _right_count(item, ids):
        yield f"the key {item.key!r} does not fit a {item.kind} question of {len(ids)} options"
    if item.kind == "order" and item.key == tuple(ids):
        yield "the options are listed in the right order already"


def _right_count(item: Item, ids: Sequence[str]) -> bool:
    count = len(item.keys)
    match item.kind:
        case "single":
            return count == 1 and len(ids) >= 3
        case "multi":
            return 2 <= count < len(ids) and count <= 4
        case "order":
            return sorted(item.keys) == sorted(ids) and 3 <= count <= 5
        case "match":
            wanted = {prompt.id for prompt in item.prompts}
            return isinstance(item.key, dict) and set(item.key) == wanted and 3 <= len(wanted) <= 7
        case _:
            return isinstance(item.key, int | float) and not ids


def explained(item: Item) -> Iterator[str]:
    """Every option says why it is right or wrong; an item without options explains itself."""
    for option in item.options:
        if not option.why.get("en"):
            yield f"option {option.id} has no why"
    if item.kind == "numeric" and not item.why.get("en"):
        yield "no why"


def fair(item: Item) -> Iterator[str]:
    """No catch-all option, no absolute word that only a wrong option has, no count in the stem."""
    for language in LANGUAGES:
        texts = {option.id: option.text.get(language, "") for option in item.options}
        for option, text in texts.items():
            if CATCH_ALL.search(text):
                yield f"option {option} is a catch-all"
        loud = {option for option, text in texts.items() if ABSOLUTE.search(text)}
        if loud and not loud & set(item.keys):
            yield f"only wrong options are absolute ({', '.join(sorted(loud))}, {language})"
        if SELECT.search(item.stem.get(language, "")):
            yield "the stem says how many to select; the quiz does that, from the key"


def names(item: Item) -> Iterator[str]:
    """A service is called by today's name, or the text says that the name is an old one."""
    for where, texts in all_texts(item):
        for language, text in texts.items():
            if (found := RETIRED.search(text)) and not EXCUSED.search(text):
                yield f"{where} ({language}) uses the retired name {found[0]!r}"


def languages(item: Item) -> Iterator[str]:
    """English throughout; another language throughout or not at all, and faithful."""
    texts = list(all_texts(item))
    for where, by_language in texts:
        if not by_language.get("en"):
            yield f"{where} has no English"
        if unknown := set(by_language) - set(LANGUAGES):
            yield f"{where} speaks {', '.join(sorted(unknown))}"
    for language in LANGUAGES[1:]:
        if any(language in by_language for _, by_language in texts):
            yield from _translation(texts, language)


def _translation(texts: list[tuple[str, Texts]], language: str) -> Iterator[str]:
    for where, by_language in texts:
        if not by_language.get(language):
            yield f"{where} has no {language}, other texts of the item have"
            continue
        for what in differences(by_language.get("en", ""), by_language[language]):
            yield f"{where} ({language}): {what}"


def all_texts(item: Item) -> Iterator[tuple[str, Texts]]:
    """Every text of an item with where it stands."""
    yield "stem", item.stem
    for option in item.options:
        yield f"option {option.id}", option.text
        yield f"why of {option.id}", option.why
    for prompt in item.prompts:
        yield f"prompt {prompt.id}", prompt.text
    if item.kind == "numeric":
        yield "why", item.why
        yield "unit", item.unit


# --- the whole bank -------------------------------------------------------------------------------


def unique_ids(items: Sequence[Item]) -> Iterator[str]:
    """No two items share an id: answers are kept by it."""
    for item_id, count in Counter(item.id for item in items).items():
        if count > 1:
            yield f"{count} items share the id {item_id}"


def different_stems(items: Sequence[Item]) -> Iterator[str]:
    """No two items ask nearly the same."""
    words = {item.id: set(re.findall(r"\w+", item.stem["en"].lower())) for item in items}
    for (one, mine), (other, yours) in combinations(words.items(), 2):
        if len(mine & yours) > ALIKE * len(mine | yours):
            yield f"{one} and {other} ask nearly the same"


def lengths_tell_nothing(items: Sequence[Item]) -> Iterator[str]:
    """The key is not the longest option more often than chance would have it."""
    choice = [item for item in items if item.kind == "single"]
    longest = [item.id for item in choice if _key_is_longest(item)]
    if len(longest) > ceil(LONGEST_KEYS * len(choice)):
        yield f"the key is the longest option in {len(longest)} of {len(choice)}: {longest}"


def _key_is_longest(item: Item) -> bool:
    by_length = sorted((len(option.text["en"]), option.id) for option in item.options)
    return by_length[-1][1] in item.keys and by_length[-1][0] > by_length[-2][0]


def places_tell_nothing(items: Sequence[Item]) -> Iterator[str]:
    """The key does not favour a place in the list."""
    places = Counter(
        [option.id for option in item.options].index(item.keys[0]) + 1
        for item in items
        if item.kind == "single"
    )
    for place, count in places.items():
        if count > max(ceil(SAME_PLACE * places.total()), 2):
            yield f"the key is option {place} in {count} of {places.total()} items"


ITEM_RULES: tuple[Callable[[Item], Iterator[str]], ...] = (
    form,
    key_fits,
    explained,
    fair,
    names,
    languages,
)
BANK_RULES: tuple[Callable[[Sequence[Item]], Iterator[str]], ...] = (
    unique_ids,
    different_stems,
    lengths_tell_nothing,
    places_tell_nothing,
)
