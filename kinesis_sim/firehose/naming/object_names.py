"""Keys of the objects that Firehose writes to S3: evaluated prefix, then a suffix of its own.

``<prefix><stream>-<version>-<yyyy>-<MM>-<dd>-<HH>-<mm>-<ss>-<uuid><extension>``, both halves in one
time zone and of one instant, the arrival of the oldest record in the object (facts/firehose §3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from kinesis_sim.account.storage import Undelivered
from kinesis_sim.firehose.naming.date_patterns import Overflow
from kinesis_sim.firehose.naming.prefixes import (
    DEFAULT_TIME,
    LONGEST,
    RANDOM_LENGTH,
    Part,
    PartitionKeyPart,
    Template,
    TimestampPart,
    Variable,
    keys_of,
    template,
)
from kinesis_sim.firehose.naming.time_zones import time_zone
from kinesis_sim.firehose.record import PartitionKeys
from kinesis_sim.instants import to_datetime

if TYPE_CHECKING:
    from random import Random

INVALID_PREFIX = (
    "S3.InvalidPrefixConfigurationException",
    "The custom s3 prefix used for the timestamp evaluation is invalid. Check your s3 prefix "
    "contains valid expressions for the current date and time of the year.",
)
"""Code and text of DG:monitoring-with-cloudwatch-logs; also used here for a prefix that grew too
long (the model's choice)."""
_SUFFIX = (
    r"(?P<stream>{stream})-(?P<version>\d+)-(?P<at>\d{{4}}(?:-\d\d){{5}})-"
    r"(?P<unique>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})(?P<extension>.*)"
)


def random_string(rng: Random) -> str:
    """A value of ``!{firehose:random-string}``: 11 letters and digits (facts/firehose §3)."""
    return "".join(rng.choices(ascii_letters + digits, k=RANDOM_LENGTH))


@dataclass(frozen=True, slots=True)
class ObjectName:
    """What a key says. at: local time in the stream's zone, as ``yyyy-MM-dd-HH-mm-ss``."""

    prefix: str
    stream: str
    version: str
    at: str
    unique: str
    extension: str
    keys: PartitionKeys


@dataclass(frozen=True, slots=True)
class Naming:
    """How one destination names its objects; make it with ``naming()``.

    implied, error_implied: how many parts at the end of the prefixes were appended to what was
    asked for; they do not count to the length.
    """

    stream: str
    version: str
    prefix: Template
    error_prefix: Template
    zone: tzinfo
    extension: str
    implied: int = 0
    error_implied: int = 0

    def key(
        self,
        at_ms: int,
        unique: str,
        random: Callable[[], str],
        keys: PartitionKeys | None = None,
    ) -> str:
        """The key of a delivered object.

        at_ms: arrival of its oldest record. unique: a UUID. random: gives 11 characters, called
        once for each ``!{firehose:random-string}``. keys: of the partition it belongs to.
        Raises Undelivered where the prefix cannot be evaluated at that instant.
        """
        at = self._local(at_ms)
        prefix = self._evaluated(self.prefix, at, random, keys or PartitionKeys(), "", self.implied)
        return prefix + self._suffix(at, unique) + self.extension

    def error_key(
        self,
        kind: str,
        at_ms: int,
        unique: str,
        random: Callable[[], str],
        extension: str = "",
    ) -> str:
        """The key of an object of failed records. kind: e.g. ``processing-failed``.

        extension: none by default, as error rows are written as they are (the model's choice).
        Raises Undelivered where the prefix cannot be evaluated at that instant.
        """
        at = self._local(at_ms)
        prefix = self._evaluated(
            self.error_prefix, at, random, PartitionKeys(), kind, self.error_implied
        )
        return prefix + self._suffix(at, unique) + extension

    def refused(self, keys: PartitionKeys) -> str:
        """Why a record of these partitioning keys has no prefix; "" if it has one.

        Firehose sends such records to the error prefix (DG:dynamic-partitioning-error-handling);
        the sentences are the model's.
        """
        for source, found in (("query", keys.query), ("function", keys.function)):
            missing = keys_of(self.prefix, source) - {name for name, value in found if value}
            if missing:
                names = ", ".join(sorted(missing))
                return f"the prefix needs partition keys that the record does not give: {names}"
        values = {"query": dict(keys.query), "function": dict(keys.function)}
        length = sum(_length(part, values) for part in self.prefix)
        if length > LONGEST:
            return f"the evaluated prefix has {length} characters; it may have {LONGEST}"
        return ""

    def read(self, key: str) -> ObjectName | None:
        """Take a key of this naming apart; None for a key that is not one of its own."""
        shapes, names = _shapes(self.prefix)
        suffix = _SUFFIX.format(stream=re.escape(self.stream))
        found = re.fullmatch(f"(?P<prefix>{shapes}){suffix}", key, re.DOTALL)
        if found is None:
            return None
        fields = found.groupdict()
        keys = PartitionKeys(
            *(
                tuple(sorted((k.name, fields.pop(group)) for k, group in names if k.source == s))
                for s in ("query", "function")
            )
        )
        return ObjectName(**fields, keys=keys)

    def _evaluated(
        self,
        parts: Template,
        at: datetime,
        random: Callable[[], str],
        keys: PartitionKeys,
        kind: str,
        implied: int,
    ) -> str:
        """implied: how many parts at the end do not count to the length."""
        values = {"query": dict(keys.query), "function": dict(keys.function)}

        def text(part: Part) -> str:
            if isinstance(part, str):
                return part
            if isinstance(part, TimestampPart):
                return part.pattern.format(at)
            if isinstance(part, PartitionKeyPart):
                return values[part.source][part.name]
            return kind if part.name == "error-output-type" else random()

        try:
            texts = list(map(text, parts))
        except Overflow:
            raise Undelivered(*INVALID_PREFIX) from None
        if sum(map(len, texts[: len(texts) - implied])) > LONGEST:
            raise Undelivered(*INVALID_PREFIX)
        return "".join(texts)

    def _local(self, at_ms: int) -> datetime:
        """An instant's whole second in the zone (CAP docs/firehose)."""
        return to_datetime(at_ms).replace(microsecond=0).astimezone(self.zone)

    def _suffix(self, at: datetime, unique: str) -> str:
        return f"{self.stream}-{self.version}-{at:%Y-%m-%d-%H-%M-%S}-{unique}"


def naming(
    stream: str,
    version: str | int,
    *,
    prefix: str | None = None,
    error_prefix: str | None = None,
    custom_time_zone: str | None = None,
    extension: str = "",
) -> Naming:
    """The naming of a destination whose prefixes passed ``check_prefixes``.

    version: the stream's VersionId. extension: its FileExtension, or what ``default_extension``
    gives. A prefix without an expression gets the default time appended, no slash inserted; one
    with any, a random string alone included, does not (facts/firehose §3).
    An absent ErrorOutputPrefix is Prefix, the kind of error, then the default time; one that is
    given is taken as it is, also where it names no kind (the model's choice: AWS says nothing of
    an ErrorOutputPrefix without expressions).
    Raises InvalidArgumentException for a prefix or a time zone that cannot be read.
    """
    time = template(DEFAULT_TIME, "Prefix")
    parts = template(prefix or "", "Prefix")
    if error_prefix:
        error_parts, error_implied = template(error_prefix, "ErrorOutputPrefix"), 0
    else:
        error_parts = (*parts, Variable("error-output-type"), "/", *time)
        error_implied = 2 + len(time)
    implied = len(time) if all(isinstance(part, str) for part in parts) else 0
    return Naming(
        stream,
        str(version),
        (*parts, *time[:implied]),
        error_parts,
        time_zone(custom_time_zone),
        extension,
        implied,
        error_implied,
    )


def _length(part: Part, values: dict[str, dict[str, str]]) -> int:
    """Characters of a part once it is evaluated; a timestamp counts as its pattern does."""
    if isinstance(part, str):
        return len(part)
    if isinstance(part, TimestampPart):
        return len(part.pattern.text)
    return (
        len(values[part.source][part.name]) if isinstance(part, PartitionKeyPart) else RANDOM_LENGTH
    )


def _shapes(parts: Template) -> tuple[str, list[tuple[PartitionKeyPart, str]]]:
    """A regular expression of the evaluated prefix, and the group that holds each key."""
    groups: dict[PartitionKeyPart, str] = {}
    shapes = []
    for part in parts:
        if isinstance(part, str):
            shapes.append(re.escape(part))
        elif isinstance(part, TimestampPart):
            shapes.append(part.pattern.expression)
        elif isinstance(part, Variable):
            shapes.append(f".{{{RANDOM_LENGTH}}}")
        elif part in groups:
            shapes.append(f"(?P={groups[part]})")
        else:
            groups[part] = f"key{len(groups)}"
            shapes.append(f"(?P<{groups[part]}>.+?)")
    return "".join(shapes), list(groups.items())
