"""A lesson's translations: one gettext catalogue per language, read with polib.

A catalogue is a *draft* until its header says ``X-State: complete``. Only complete ones are built,
and from then on a message that is missing, changed (fuzzy) or broken stops the build.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kinesis_sim.course.notebooks.invariants import differences
from kinesis_sim.course.notebooks.messages import Message

STATE = "X-State"


class Catalogue:
    """The translations of one lesson into one language."""

    def __init__(self, path: Path, language: str) -> None:
        import polib

        self.path = path
        self._po: Any = polib.pofile(str(path)) if path.exists() else polib.POFile()
        self._po.wrapwidth = 100
        if not path.exists():
            self._po.metadata = _header(language)

    @property
    def complete(self) -> bool:
        """Whether the translator has declared the catalogue finished."""
        return bool(self._po.metadata.get(STATE) == "complete")

    def translate(self, message: Message) -> str:
        """The translation of ``message``; its own text where there is none."""
        entry = self._entry(message)
        return str(entry.msgstr) if entry and entry.msgstr and not entry.fuzzy else message.text

    def problems(self, wanted: Iterable[Message]) -> list[str]:
        """One sentence for each message that is missing, stale, fuzzy, unused or not faithful."""
        wanted = list(wanted)
        found = [problem for message in wanted for problem in self._problems_of(message)]
        known = {(message.context, message.text) for message in wanted}
        unused = [e.msgctxt for e in self._po if (e.msgctxt, e.msgid) not in known]
        return found + [
            f"{context}: translates a text that the source no longer has" for context in unused
        ]

    def update(self, wanted: Iterable[Message]) -> None:
        """Follow the source: keep what is unchanged, mark what changed fuzzy, drop what is gone."""
        import polib

        old = {entry.msgctxt: entry for entry in self._po}
        by_text = {entry.msgid: entry for entry in self._po if entry.msgstr}
        entries = [_merged(message, old, by_text) for message in wanted]
        metadata, wrapwidth = self._po.metadata, self._po.wrapwidth
        self._po = polib.POFile()
        self._po.metadata, self._po.wrapwidth = metadata, wrapwidth
        self._po.extend(entries)

    def save(self) -> None:
        """Write the catalogue to its file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(f"{self._po}".rstrip("\n") + "\n", "utf-8")

    def _entry(self, message: Message) -> Any:
        return self._po.find(message.text, msgctxt=message.context)

    def _problems_of(self, message: Message) -> list[str]:
        entry = self._entry(message)
        if entry is None:
            return [f"{message.context}: not in the catalogue (new or changed in the source)"]
        if entry.fuzzy:
            return [
                f"{message.context}: fuzzy (the source changed; correct it and remove the mark)"
            ]
        if not entry.msgstr:
            return [f"{message.context}: not translated"]
        return [f"{message.context}: {what}" for what in differences(message.text, entry.msgstr)]


def _merged(message: Message, old: dict[str, Any], by_text: dict[str, Any]) -> Any:
    import polib

    entry = polib.POEntry(msgctxt=message.context, msgid=message.text)
    same_place = old.get(message.context)
    if same_place is not None and same_place.msgid == message.text:
        return same_place
    if message.text in by_text:  # the cell got another id, the words are the same
        entry.msgstr = by_text[message.text].msgstr
        entry.flags = list(by_text[message.text].flags)
    elif same_place is not None and same_place.msgstr:
        entry.msgstr, entry.previous_msgid = same_place.msgstr, same_place.msgid
        entry.flags = ["fuzzy"]
    return entry


def _header(language: str) -> dict[str, str]:
    return {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        STATE: "draft",
    }
