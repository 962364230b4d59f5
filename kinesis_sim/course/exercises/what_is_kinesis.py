"""The check of the lesson on the four services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kinesis_sim.course.checks import Verdict, not_yet, passed

FITS = {"A": "Data Streams", "B": "Firehose", "C": "Flink", "D": "Video Streams", "E": "SQS"}

ALIASES = {
    "kds": "Data Streams",
    "adf": "Firehose",
    "kdf": "Firehose",
    "msf": "Flink",
    "kda": "Flink",
    "data analytics": "Flink",
    "kinesis data analytics": "Flink",
    "amazon kinesis data analytics": "Flink",
    "kvs": "Video Streams",
    "simple queue service": "SQS",
    "amazon simple queue service": "SQS",
}
"""What people write for short, and the old name of one, which the lesson teaches too."""


def choose(services: Any) -> Verdict:
    """Each of the five requirements has the service that fits it best."""
    if not isinstance(services, Mapping) or set(services) != set(FITS):
        return not_yet("shape", letters=", ".join(FITS))
    if open_ones := [letter for letter, chosen in services.items() if chosen is None]:
        return not_yet("open", letters=", ".join(open_ones))
    named = {letter: _service(chosen) for letter, chosen in services.items()}
    if unknown := [str(services[letter]) for letter, service in named.items() if not service]:
        return not_yet("unknown", service=unknown[0], known=", ".join(FITS.values()))
    if wrong := [letter for letter in FITS if named[letter] != FITS[letter]]:
        return not_yet(f"wrong-{wrong[0].lower()}", chosen=named[wrong[0]], wrong=len(wrong))
    return passed()


def _service(chosen: object) -> str:
    """The service that an answer names, however it writes it; empty when it names none."""
    plain = str(chosen).lower() if isinstance(chosen, str) else ""
    if plain.strip() in ALIASES:
        return ALIASES[plain.strip()]
    if re.search(r"\b(not|no|não|nao)\b", plain):
        return ""
    text = "".join(plain.replace("amazon", "").replace("kinesis", "").split())
    found = [name for name in FITS.values() if "".join(name.lower().split()) in text]
    return found[0] if len(found) == 1 else ""
