"""A command line that helps and corrects in the language of its edition.

argparse knows the language only when it has read ``--edition``, and has English words of its own.
So the command is read twice: for its language, and then by a parser that is made in it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from kinesis_sim.course.console import make_legible
from kinesis_sim.course.words import CourseWords
from kinesis_sim.words import LANGUAGES, Texts, speaking_in, spoken_language

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

EDITION = "--edition"
INTERRUPTED = 130
"""What a shell expects of a command that Ctrl+C ended."""
MISTAKES = {
    "one": r"argument (?P<name>[^:]+): expected one argument",
    "whole": r"argument (?P<name>[^:]+): invalid int value: (?P<value>.+)",
    "choice": r"argument (?P<name>[^:]+): invalid choice: (?P<value>.+?) "
    r"\(choose from (?P<known>.+)\)",
    "both": r"argument (?P<name>[^:]+): not allowed with argument (?P<other>.+)",
    "none": r"argument (?P<name>[^:]+): ignored explicit argument (?P<value>.+)",
    "missing": r"the following arguments are required: (?P<names>.+)",
    "unknown": r"unrecognized arguments: (?P<names>.+)",
    "ambiguous": r"ambiguous option: (?P<name>.+) could match (?P<known>.+)",
}
"""argparse's own sentences, by what ``text/commands.toml`` calls them (``mistake.…``)."""


class SpokenParser(argparse.ArgumentParser):
    """A parser that says all of its own in one language. words: of the command's own texts."""

    def __init__(self, words: Texts, **settings: Any) -> None:
        self.words, self._own = words, CourseWords("commands", words.lang)
        usage = f"{self._own.say('parser.usage')}: "
        super().__init__(add_help=False, formatter_class=_formatter(usage), **settings)
        self.add_argument("-h", "--help", action="help", help=self._own.say("parser.help"))

    def format_help(self) -> str:
        """What ``--help`` prints."""
        return self._ours(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Say a mistake and end with exit code 2."""
        said = self._own.say("mistake.said", message=self._corrected(message))
        self.exit(2, f"{self.format_usage()}{self.prog}: {said}\n")

    def _ours(self, text: str) -> str:
        """A text of argparse's with its headings in our language."""
        for name in ("options", "positional arguments"):
            text = re.sub(rf"(?m)^{name}:", f"{self._own.say(f'parser.{name.split()[0]}')}:", text)
        return text

    def _corrected(self, message: str) -> str:
        for name, sentence in MISTAKES.items():
            if found := re.fullmatch(sentence, message, re.DOTALL):
                return self._own.say(f"mistake.{name}", **found.groupdict())
        return message


def _formatter(heading: str) -> type[argparse.HelpFormatter]:
    """A formatter whose usage begins with a heading and is indented by it. heading: "uso: "."""

    class Formatter(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: Any = None) -> None:
            super().add_usage(usage, actions, groups, heading if prefix is None else prefix)

    return Formatter


class EditionParser(argparse.ArgumentParser):
    """Stands for a command until its language is known. make: its parser in a language."""

    def __init__(self, prog: str, make: Callable[[str, str], SpokenParser]) -> None:
        super().__init__(prog=prog, add_help=False)
        self._make = make

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Read a command by a parser in its edition's language, which knows every argument."""
        make_legible()
        given = list(args or ())
        parser = self._make(self.prog, edition_of(given))
        found, unknown = parser.parse_known_args(given, namespace)
        if unknown:
            parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, []


def edition_of(arguments: Sequence[str]) -> str:
    """The language that ``--edition`` names last; English where it names none."""
    lang = "en"
    for place, argument in enumerate(arguments):
        option, is_joined, value = argument.partition("=")
        if len(option) > 3 and EDITION.startswith(option):
            following = arguments[place + 1 : place + 2]
            named = value if is_joined else "".join(following)
            lang = named if named in LANGUAGES else lang
    return lang


def speaking(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """A command during which whatever speaks does so in its edition's language."""

    def spoken(arguments: argparse.Namespace) -> int:
        with speaking_in(arguments.edition):
            try:
                return run(arguments)
            except KeyboardInterrupt:  # a command keeps each step of its work as it is taken
                sys.stdout.write("\n")
                return INTERRUPTED

    return spoken


def sentence(text: str) -> str:
    """A command's short help as its description."""
    return f"{text[0].upper()}{text[1:]}."


def add_spoken(commands: Commands, name: str, fill: Callable[[SpokenParser], None]) -> None:
    """Register a command of the course that helps and corrects in the language of its edition.

    fill: gives its parser the arguments and what runs it; ``--edition`` it has.
    """

    def made(prog: str, lang: str) -> SpokenParser:
        words = CourseWords("commands", lang)
        what = sentence(words.say(f"help.{name}"))
        parser = SpokenParser(words, prog=prog, description=what)
        add_edition(parser)
        fill(parser)
        return parser

    prog = commands.add_parser(name, help=CourseWords("commands", "en").say(f"help.{name}")).prog
    commands.choices[name] = EditionParser(prog, made)


def add_edition(command: SpokenParser, *, again: bool = False) -> None:
    """Give a command ``--edition``; said again below it, it stands where it was given."""
    default: Any = argparse.SUPPRESS if again else "en"
    said = CourseWords("commands", command.words.lang).say("help.edition")
    command.add_argument(EDITION, choices=LANGUAGES, default=default, help=said)


def spoken_commands() -> CourseWords:
    """What the commands say in the language that is spoken now."""
    return CourseWords("commands", spoken_language())
