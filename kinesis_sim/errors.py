"""Everything that this package raises on purpose.

KinesisSimError
├── UsageError (also a ValueError)      the Python face was used wrongly: a name, a number, a date
├── MissingPackage (also ImportError)   an optional package is absent; the text says how to get it
├── MoveStopped                         somebody stopped the clock between two actions
├── Interrupted                         a learner's function was stopped while the clock called it
└── ServiceError                        what an AWS caller sees: a code, a message, an HTTP status
    ├── NotKept                         the data folder of a server cannot be written
    (ResourceNotFoundException, ValidationException, … are codes, not classes: botocore's model
    already makes a class of each for the caller, and a second family would drift from it)
"""

from __future__ import annotations

import re

_LONGEST_TEXT = 300
_LONGEST_WORD = 160
_WORD = re.compile(r"\S+")


def _cut(text: str) -> str:
    """A text without the ends of its endless words, if it is a long one."""
    return _WORD.sub(_shortened, text) if len(text) > _LONGEST_TEXT else text


def _shortened(word: re.Match[str]) -> str:
    return word[0] if len(word[0]) < _LONGEST_WORD else f"{word[0][:80]}…"


class KinesisSimError(Exception):
    """Base of every error this package raises on purpose."""


class UsageError(KinesisSimError, ValueError):
    """The Python face of the simulator was used wrongly; the text names value, rule and remedy.

    A value that it quotes is cut: whoever gave it knows the rest.
    """

    def __init__(self, *said: object) -> None:
        super().__init__(*(_cut(text) if isinstance(text, str) else text for text in said))


class MissingPackage(KinesisSimError, ImportError):
    """An optional package is absent; the text carries the install line that brings it."""


class MoveStopped(KinesisSimError):
    """A move of the clock was stopped before its end, between two actions; it can be gone on with.

    at: where time stands; until: where it was to go (epoch ms).
    """

    def __init__(self, message: str, at: int, until: int) -> None:
        super().__init__(message)
        self.at = at
        self.until = until


class Interrupted(KinesisSimError):
    """A KeyboardInterrupt that came while a learner's function ran for the clock: its own error.

    The move of the clock ends with the KeyboardInterrupt itself, once the action is done.
    """


class ServiceError(KinesisSimError):
    """An error as an AWS service answers it.

    code: the error code of the service's botocore model, e.g. "ResourceNotFoundException".
    message: the text AWS writes, where known (facts/data-streams §4.4).
    status: HTTP status; 400 unless the model or the protocol says otherwise.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def fault(self) -> bool:
        """Whether the service, not the caller, is to blame (HTTP 5xx)."""
        return self.status >= 500


class NotKept(ServiceError):
    """The data folder cannot be written, so a call is not acknowledged.

    For its caller it is AWS's common error of a service that fails within.
    """

    def __init__(self, why: str) -> None:
        super().__init__("InternalFailure", f"The data folder cannot be written: {why}.", 500)
