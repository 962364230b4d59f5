"""What a translation may not change: numbers, code, links, images, names, headings, lists."""

import re
from collections import Counter
from collections.abc import Callable

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
PLACEHOLDER = re.compile(r"\{([a-z_]*)(?::[^{}]*)?\}")
"""Its name; a language may need a plural, or another format, where the other does not."""
HEADING = re.compile(r"^#+ ", re.MULTILINE)
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ", re.MULTILINE)
THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
EDITION = re.compile(r" --edition [\w-]+")


def differences(source: str, translation: str) -> list[str]:
    """One sentence per invariant that ``translation`` breaks; empty when it is faithful."""
    found = [
        f"{what} differ: {_shown(ours - theirs)} became {_shown(theirs - ours)}"
        for what, count in _COUNTS.items()
        if (ours := count(source)) != (theirs := count(translation))
    ]
    if source == translation and len(_prose(source).split()) > 4:
        found.append("still English")
    return found


def numbers(text: str) -> Counter[str]:
    """The numbers of the prose, however the language writes them: 1,000 = 1.000 and 0.5 = 0,5."""
    return Counter(_plain_number(found) for found in NUMBER.findall(_prose(text)))


def _plain_number(text: str) -> str:
    if THOUSANDS.fullmatch(text):
        return re.sub(r"[.,]", "", text)
    return text.replace(",", ".")


def _prose(text: str) -> str:
    """``text`` without code and link targets: there, numbers are not the translator's to write."""
    return re.sub(r"\]\([^)]*\)", "]", CODE.sub("", FENCE.sub("", text)))


def _code(text: str) -> Counter[str]:
    """Code, a command of the course as in every edition: only its translations name theirs."""
    spans = [EDITION.sub("", span) for span in CODE.findall(FENCE.sub("", text))]
    return Counter(FENCE.findall(text)) + Counter(spans)


_COUNTS: dict[str, Callable[[str], Counter[str]]] = {
    "numbers": numbers,
    "code spans": _code,
    "links": lambda text: Counter(LINK.findall(text)),
    "placeholders": lambda text: Counter(PLACEHOLDER.findall(CODE.sub("", text))),
    "headings": lambda text: Counter(HEADING.findall(FENCE.sub("", text))),
    "list items": lambda text: Counter("-" for _ in ITEM.findall(FENCE.sub("", text))),
}


def _shown(counts: Counter[str]) -> str:
    return ", ".join(sorted(counts.elements())) or "nothing"
