"""Whether questions repeat what public question banks say, told by hashes of runs of words.

``banks.txt`` holds no text: in base64, four bytes of a hash for every eighth run of eight words
(those whose hash is divisible by eight) of these banks, in the newest snapshots of 2026-11-29::

    kananinirav/AWS-Certified-Cloud-Practitioner-Notes: practice-exam/*.md, sections/*.md
    Ditectrev/AWS-Certified-Solutions-Architect-Associate-SAA-C03-…: README.md
    Ditectrev/Amazon-Web-Services-AWS-Developer-Associate-DVA-C02-…: README.md
    Ditectrev/AWS-Certified-SysOps-Administrator-Associate-SOA-C02-…: README.md
    Ditectrev/…-Machine-Learning-MLS-C01-…: README.md
    Ditectrev/…-Security-SCS-C02-…: README.md
    Ditectrev/…-Cloud-Practitioner-CLF-C02-…, …-Database-DBS-C01-…: README.md (2026-11-30)
    ArseniiT/…-Cloud-Practitioner-CLF-C02-…: src/aws-qa.json (2026-11-30)
    snts42/cloudcertprep: src/data/clf-c02/*.json, src/data/saa-c03/*.json (nastaso/cloudcertprep,
    of which no snapshot could be had, is the same bank: all of six questions read there are in it)
    DevLuisairton/CertifySimulator (in Portuguese): *.js, *.html, *.json
    GustavGregory/aws-simulados-gustavo-grigorio (in Portuguese): *.html
    eduzulueta/aws-cert-prep-hub: src/data/*.ts (2026-11-30)
    joaovhmadeira-web/aws-cert-prep (in Portuguese): data/questions/dea.js, dva.js, mla.js, saa.js,
    clf.js, what is of streaming; no snapshot could be had, so they were read page by page

AWS's own question sets (Skill Builder) lie behind a login and could not be had.
Whoever copied a question of fifty words shares some five hashes with them; whoever wrote one shares
none, but for a set phrase. ``python -m tests.course.originality <file>…`` makes the file anew.
"""

from __future__ import annotations

import re
import sys
from array import array
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from textwrap import wrap

from kinesis_sim.course.item import Item
from kinesis_sim.course.words import LANGUAGES

BANKS = Path(__file__).with_name("banks.txt")
RUN, EVERY = 8, 8
WORD = re.compile(r"[a-z0-9]+")
SHARED = 2
"""So many hashes in common are no chance."""


def runs(text: str) -> set[int]:
    """The hashes of a text's runs of words that are kept."""
    words = WORD.findall(text.lower())
    every = (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
    hashes = (int.from_bytes(blake2b(run.encode(), digest_size=4).digest()) for run in every)
    return {found for found in hashes if found % EVERY == 0}


def known() -> frozenset[int]:
    """What the banks have."""
    numbers = array("I")
    numbers.frombytes(urlsafe_b64decode(BANKS.read_text("ascii").replace("\n", "")))
    if sys.byteorder == "big":
        numbers.byteswap()
    return frozenset(numbers)


def text_of(item: Item, language: str = "en") -> str:
    """What an item asks and offers in a language, option by option."""
    parts = [item.stem, *(option.text for option in (*item.options, *item.prompts))]
    whys = [option.why for option in item.options]
    return " | ".join(texts.get(language, "") for texts in (*parts, *whys, item.why))


def repeated(items: Iterable[Item], banks: frozenset[int]) -> list[str]:
    """The items that say what a bank says: too many runs of words in common."""
    shared = {
        f"{item.id} ({language})": len(runs(text_of(item, language)) & banks)
        for item in items
        for language in LANGUAGES
    }
    return [
        f"{name} shares {count} runs of words" for name, count in shared.items() if count >= SHARED
    ]


def main(files: list[str]) -> None:
    """Write the hashes of some files."""
    write(set().union(*(runs(Path(file).read_text("utf-8")) for file in files)))


def write(hashes: Iterable[int]) -> None:
    """Write hashes."""
    found = sorted(hashes)
    numbers = array("I", found)
    if sys.byteorder == "big":
        numbers.byteswap()
    text = urlsafe_b64encode(numbers.tobytes()).decode()
    BANKS.write_text(
        "".join(f"{line}\n" for line in wrap(text, 120, break_on_hyphens=False)), "ascii"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
