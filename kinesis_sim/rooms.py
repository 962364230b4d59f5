"""The rooms that simulate a service, and the one reader of the data files that lie in them.

A room is a package with a module ``service``, whose ``services(around)`` makes the service, and
with two data files: ``quotas.toml`` (see ``account/quotas.py``) and ``delays.toml`` (see
``account/delays.py``). The last part of a room's name begins the names of its rows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

ROOMS: Mapping[str, str] = {
    "kinesis": "kinesis_sim.streams",
    "firehose": "kinesis_sim.firehose",
    "cloudwatch": "kinesis_sim.account.cloudwatch",
    "lambda": "kinesis_sim.mappings",
    "fis": "kinesis_sim.account.fis",
    "kinesisanalyticsv2": "kinesis_sim.analytics",
    "kinesisanalytics": "kinesis_sim.analytics",
    "kinesisvideo": "kinesis_sim.video",
    "kinesis-video-media": "kinesis_sim.video",
    "kinesis-video-archived-media": "kinesis_sim.video",
    "kinesis-video-signaling": "kinesis_sim.video",
    "kinesis-video-webrtc-storage": "kinesis_sim.video",
}
"""The services that are simulated, by botocore's names, and the room of each."""
SHARED = "kinesis_sim.account"
"""Where the data lies that belongs to no service alone."""


def packages(rooms: Mapping[str, str]) -> tuple[str, ...]:
    """Where data is read from, what belongs to all first; each package once."""
    return tuple(dict.fromkeys((SHARED, *rooms.values())))


def rows(packages: Iterable[str], file: str) -> dict[str, dict[str, Any]]:
    """What each package's data file of that name says, by the last part of the package's name.

    A package without such a file is left out.
    """
    found = {package.rpartition(".")[2]: data(package, file) for package in packages}
    return {room: content for room, content in found.items() if content}


@cache
def data(package: str, file: str) -> dict[str, Any]:
    """A TOML file that lies in a package; empty when there is none."""
    place = resources.files(package).joinpath(file)
    return tomllib.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
