"""Tags: the rules that every taggable resource shares.

Rules: botocore 1.44.5 kinesis TagKey (1-128 characters), TagValue (0-256) and Tag (valid
characters), 50 tags a resource (facts/data-streams §1.3); lengths are the gate's to check. The
colon is taken although the documentation's list of characters leaves it out, as it does for
Firehose, whose model allows it.

Texts: mhart/kinesalite's tests, which were also run against AWS (which then said "more than 10
tags", when ten was the limit), and for the reserved prefix AWS's answers to AddTagsToStream and
TagResource of Kinesis, recorded 2026-09-19 by radkawar/stackd.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import category

from kinesis_sim.errors import ServiceError

RESERVED = "aws:"
_MARKS = frozenset(" _./=+-%@:")
_INVALID = (
    "Some tags contain invalid characters. Valid characters: "
    "Unicode letters, digits, white space, _ . / = + - % @."
)

_SYSTEM = "Some tag keys in the request started with 'aws:'. System tags cannot be modified."


def checked(
    new: Mapping[str, str], present: Mapping[str, str], resource: str, account: str, most: int
) -> dict[str, str]:
    """The tags to put on a resource that has ``present`` ones already.

    A present key is overwritten.

    most: tags a resource may have. resource: what it is and its name, e.g. "stream meu-stream".
    Raises InvalidArgumentException for other characters, the reserved prefix, or too many in all.
    """
    check_characters([*new, *new.values()])
    failed = f"Failed to add tags to {resource} under account {account} because"
    if reserved(new):
        raise _invalid(_SYSTEM)
    if len({*new, *present}) > most:
        kind = resource.partition(" ")[0]
        raise _invalid(
            f"{failed} a given {kind} cannot have more than {most} tags associated with it."
        )
    return dict(new)


def reserved(keys: Iterable[str]) -> bool:
    """Whether a key among these begins as AWS's own do, in whatever letters."""
    return any(key.lower().startswith(RESERVED) for key in keys)


def check_characters(texts: Iterable[str]) -> None:
    """Raise InvalidArgumentException unless keys or values hold only the characters tags may have.

    A tab or a line end is no white space here: kinesalite's tests saw AWS refuse both.
    """
    if not all(_allowed(character) for text in texts for character in text):
        raise _invalid(_INVALID)


def _allowed(character: str) -> bool:
    return character in _MARKS or category(character)[0] in "LMNZ"


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidArgumentException", message)
