"""The booth in a terminal: lines in, text out. The engine is that of the page and the widget.

What may be typed stands in ``text.toml``, at ``terminal.keys``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from kinesis_sim.course.console import broken, keys
from kinesis_sim.exam.booth import Booth
from kinesis_sim.words import number_from

Ask = Callable[[str], str]
"""Prints a prompt and returns the line that was typed; EOFError when there are no more."""
Tell = Callable[[str], None]
MOVES = {"n": 1, "p": -1}


class Terminal:
    """One learner at a terminal.

    ask, tell: its input and output; now: the learner's time (ms). columns: how many characters a
    line takes, 0 where lines are not to be broken.
    """

    def __init__(
        self, booth: Booth, ask: Ask, tell: Tell, now: Callable[[], int], columns: int = 0
    ) -> None:
        self._booth, self._ask, self._now = booth, ask, now
        self._tell: Tell = lambda text: tell(broken(text, columns))
        self._keys = keys(booth.words.say("terminal.keys").strip("\n"), columns)

    def run(self, **wish: Any) -> None:
        """Begin with a wish, and go on until the report has been read or the learner leaves."""
        view = self._do(wish)
        if view["screen"] == "question":
            self._tell(self._keys)
        while view["screen"] == "question":
            self._tell(self._question(view["question"]))
            view = self._one_line(view["question"])
        if view["screen"] == "report":
            self._tell(report_text(view["report"]))
            self._review(view["report"])

    def _one_line(self, question: dict[str, Any]) -> dict[str, Any]:
        """Read lines until something changes what is shown."""
        while True:
            try:
                line = self._ask("> ").strip().lower()
            except (EOFError, KeyboardInterrupt):
                self._tell("")  # what is typed next begins a line
                line = "q"
            wish = self._meant(line, question)
            if wish is not None:
                view = self._do(wish)
                told = view.get("question", {})
                if view["screen"] == "question" and wish["do"] in ("answer", "show"):
                    self._tell(self._verdict(told))
                return view

    def _meant(self, line: str, question: dict[str, Any]) -> dict[str, Any] | None:
        place = question["number"] - 1
        if line in MOVES:
            place = min(max(place + MOVES[line], 0), question["total"] - 1)
            return {"do": "go", "question": place}
        if found := re.fullmatch(r"(\d{1,3})\.", line):
            return {"do": "go", "question": int(found[1]) - 1}
        simple = {
            "f": {"do": "flag", "question": place, "on": not question["flagged"]},
            "c": {"do": "clear", "question": place},
            "s": {"do": "show", "question": place},
            "e": {"do": "end"},
            "q": {"do": "home"},
        }
        if line in simple:
            return simple[line]
        if line == "l":
            self._tell("\n".join(each["says"] for each in question["places"]))
        elif line == "t":
            self._tell(self._time(question["left"]))
        elif line == "?" or (answer := self._answer(line, question)) is None:
            self._tell(self._keys)
        else:
            return {"do": "answer", "question": place, "answer": answer}
        return None

    def _answer(self, line: str, question: dict[str, Any]) -> Any:
        """What a line answers, right or not; None where it holds no number at all."""
        asked = question["asked"]
        if asked["kind"] == "numeric":
            return number_from(line, self._booth.words.lang)
        parts = [part for part in re.split(r"[\s,]+", line) if part]
        if not any(map(str.isdecimal, parts)):
            return None
        # what names no option goes to the booth as it is: it says what is wanted
        options = {str(n): option for n, (option, _) in enumerate(asked["options"], 1)}
        chosen = [options.get(part, [part]) for part in parts]
        if asked["kind"] == "match" and len(chosen) == len(asked["prompts"]):
            prompts = [prompt for prompt, _ in asked["prompts"]]
            return dict(zip(prompts, chosen, strict=True))
        return chosen

    def _do(self, wish: dict[str, Any]) -> dict[str, Any]:
        self._booth.wish(wish, self._now())
        view = self._booth.view(self._now())
        if view["say"]:
            self._tell(plain(view["say"]))
        return view

    def _time(self, left: int | None) -> str:
        words = self._booth.words
        return (
            words.say("time.none") if left is None else words.count("time.left", -(-left // 60_000))
        )

    def _question(self, question: dict[str, Any]) -> str:
        asked, given = question["asked"], question["answer"]
        flag = " ⚑" if question["flagged"] else ""
        lines = ["", f"{question['title']} · {asked['label']}{flag}"]
        lines += [plain(f"{asked['stem']} {asked['instruction']}")]
        lines += [f"  {plain(said)}" for _, said in asked["prompts"]]
        for number, (option, said) in enumerate(asked["options"], 1):
            mark = "•" if isinstance(given, list) and option in given else " "
            lines.append(f" {mark}{number}  {plain(said)}")
        return "\n".join(lines)

    def _verdict(self, question: dict[str, Any]) -> str:
        result = question.get("result")
        if result is None:
            return ""
        return "\n".join(
            [*_explained(question["asked"], result), plain(question["proof"])]
        ).rstrip()

    def _review(self, report: dict[str, Any]) -> None:
        """Go through what was not right; "s" runs the experiment, Enter goes on, "q" leaves."""
        for wrong in report["wrong"]:
            self._tell("\n".join(_reviewed(wrong)))
            while wrong.get("result"):
                try:
                    line = self._ask(self._booth.words.say("terminal.review")).strip().lower()
                except (EOFError, KeyboardInterrupt):
                    self._tell("")
                    return
                if line == "q":
                    return
                if line != "s":
                    break
                again = self._do({"do": "show", "question": wrong["place"]}).get("report")
                if again is None:  # the sitting has gone
                    return
                shown = next(each for each in again["wrong"] if each["place"] == wrong["place"])
                self._tell(plain(shown["proof"]))


def report_text(report: dict[str, Any]) -> str:
    """A report as text."""
    rows = [" | ".join(row) for row in report["domains"]]
    return "\n".join(
        ["", report["title"], report["total"], *rows, *report["notes"], "", report["heading"]]
    )


def plain(html: str) -> str:
    """What a text of the engine says without its tags."""
    text = re.sub(r"<img [^>]*alt=\"([^\"]*)\"[^>]*>", r"\1", html)
    text = re.sub(r"</(p|pre|li)>", "\n", text)
    return unescape(re.sub(r"<[^>]+>", "", text)).rstrip()


def _explained(asked: dict[str, Any], result: dict[str, Any]) -> Iterator[str]:
    if result["why"]:
        yield f"  {plain(result['why'])}"
    for (_, said), option in zip(asked["options"], result["options"], strict=True):
        marks = f" [{option['marks']}]" if option["marks"] else ""
        yield f"  {plain(said)}{marks}: {plain(option['why'])}"
    yield from (f"  {plain(source)}" for source in result["sources"])
    if result["taught"]:
        yield f"  {plain(result['taught'])}"


def _reviewed(wrong: dict[str, Any]) -> Iterator[str]:
    asked = wrong["asked"]
    yield f"\n{wrong['place'] + 1}. {plain(asked['stem'])} {plain(asked['instruction'])}"
    if wrong.get("result"):
        yield f"  {plain(wrong['yours'])} {plain(wrong['result']['verdict'])}"
        yield from _explained(asked, wrong["result"])
