"""What makes a question unfair, stale or half translated: the rules that CI holds over the bank.

Each rule yields one sentence per fault. ``faults`` runs all but ``old_sources``, which needs a
date.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from kinesis_sim.course.bank import families
from kinesis_sim.course.blueprint import asked, topics
from kinesis_sim.course.fairness import BANK_RULES
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
    r"Kinesis (Data )?Firehose|Kinesis (Data )?Analytics|Elasticsearch|delivery stream"
    r"|Kinesis Client Library 1|QuickSight Q\b|\bSSO\b",
)
EXCUSED = re.compile(
    r"\b(formerly|once called|old names?|antes|antigos? nomes?|nomes? antigos?)\b", re.IGNORECASE
)
BLANK = re.compile(r"\{([a-z_]+)\}")
HEARSAY = re.compile(
    r"established knowledge|not read again|unverified|several repos", re.IGNORECASE
)
"""What is said of a source that nobody has read, or that nobody can find."""
FEW, MANY = 4, 5  # options of a question with one answer, and at least of one with several


def faults(items: Sequence[Item]) -> list[str]:
    """Every fault of the bank, one sentence each."""
    found = [f"{item.id}: {fault}" for item in items for rule in ITEM_RULES for fault in rule(item)]
    return found + [fault for rule in BANK_RULES for fault in rule(items)]


def old_sources(items: Iterable[Item], today: date, months: int = 12) -> list[str]:
    """The sources that were checked more than ``months`` before ``today``: to be read again."""
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
    if item.lesson and item.lesson not in {entry.slug for entry in entries()}:
        yield f"lesson {item.lesson!r} is not in the outline"
    if not 1 <= item.difficulty <= 5:
        yield f"difficulty {item.difficulty} is not 1 to 5"
    if item.kind not in KINDS:
        yield f"type {item.kind!r} is none of {', '.join(KINDS)}"


def printed(item: Item) -> Iterator[str]:
    """A question that exams print has the form that they print: one of four, or some of five."""
    count = len(item.options)
    if item.kind == "single" and count != FEW:
        yield f"a question with one answer has {FEW} options, not {count}"
    if item.kind == "multi" and count < MANY:
        yield f"a question with several answers has {MANY} options or more, not {count}"


def rests_on(item: Item) -> Iterator[str]:
    """It says where it is from: pages that a learner can open, and nothing that nobody has read."""
    if not item.sources or not item.provenance:
        yield "no source or no provenance"
    for source in item.sources:
        if HEARSAY.search(source.what):
            yield f"{source.what!r} is no source: nobody has read it"
    if item.numbers and not item.proof:
        yield "its numbers are drawn, and no proof finds the key for them"
    if not any(source.url for source in item.sources):
        yield "no source with a page"


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
            return count == 1
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


def blanks(item: Item) -> Iterator[str]:
    """Each of the numbers that are drawn has its blank in the texts."""
    found = {blank for _, texts in all_texts(item) for blank in BLANK.findall(texts.get("en", ""))}
    if unseen := set(item.numbers) - found:
        yield f"no text has a blank for {', '.join(sorted(unseen))}"


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


ITEM_RULES: tuple[Callable[[Item], Iterator[str]], ...] = (
    form,
    printed,
    rests_on,
    key_fits,
    explained,
    fair,
    names,
    languages,
    blanks,
)
