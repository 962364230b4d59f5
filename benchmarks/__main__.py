"""``python -m benchmarks``: all sections, or those named."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    analytics,
    firehose,
    http,
    idle,
    in_process,
    kept,
    measured,
    native,
    peers,
    polling,
    restart,
    server_memory,
    start,
    video,
    week,
    workload,
    workloads,
)
from benchmarks.peers import Peer

SECTIONS: dict[str, tuple[str, Callable[[int, list[Peer]], None]]] = {
    "in-process": (
        "boto3 clients without a network, against boto3 alone and moto",
        lambda rounds, _: in_process.run(rounds),
    ),
    "native": ("the domain alone: put, read, memory", lambda rounds, _: native.run(rounds)),
    "http": ("servers, with boto3 and with a bare socket, against public peers", http.run),
    "server-memory": (
        "what a server keeps per record",
        lambda _, found: server_memory.run(found),
    ),
    "workloads": (
        "pipelines: the cost of limits, simulated hours a second at both levels",
        lambda rounds, _: workloads.run(rounds),
    ),
    "firehose": (
        "from Direct PUT to S3, plain and as Parquet; memory",
        lambda rounds, _: firehose.run(rounds),
    ),
    "analytics": (
        "streaming SQL: filter, windows, OVER, state, the forest",
        lambda rounds, _: analytics.run(rounds),
    ),
    "video": (
        "PutMedia against a bare copy, acknowledgements, packaging, memory, ten cameras",
        lambda rounds, _: video.run(rounds),
    ),
    "idle": (
        "a year of ten idle shards, for each kind of reader, in process and over HTTP",
        lambda *_: idle.run(),
    ),
    "kept": ("what a data folder costs a call", kept.run),
    "restart": (
        "what a call costs again, at the next start with a data folder",
        lambda _, found: restart.run(found),
    ),
    "polling": (
        "the next start after hours of a KCL worker that finds nothing, folded and not",
        lambda *_: polling.run(4),
    ),
    "week": (
        "the next start after a week of one thing, each by itself",
        lambda *_: week.run(),
    ),
    "start": ("import, first answer in process, server ready", start.run),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    listed = "; ".join(f"{name}: {what}" for name, (what, _) in SECTIONS.items())
    parser.add_argument("sections", nargs="*", metavar="section", help=listed)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: 7)")
    parser.add_argument(
        "--peers", action="store_true", help="first install the peers that are not here yet"
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "kinesis-lab/peers"
    parser.add_argument("--cache", type=Path, default=cache, help="where peers are installed")
    parser.add_argument(
        "--keep",
        action="store_true",
        help=f"write figures that the READMEs print into {measured.FILE.name}",
    )
    chosen = parser.parse_args()
    unknown = set(chosen.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {listed}")
    if chosen.keep:
        measured.keep_from_now_on()
    _run(chosen)
    return 0


def _run(chosen: argparse.Namespace) -> None:
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, "
        f"load {os.getloadavg()[0]:.1f} at the start. Medians [least–most] of {chosen.rounds} "
        "rounds in which all take turns.\n"
    )
    quiet = workload.environment()
    os.environ.clear()
    os.environ.update(quiet)
    found = peers.find(chosen.cache, install=chosen.peers)
    for name in chosen.sections or SECTIONS:
        SECTIONS[name][1](chosen.rounds, found)


if __name__ == "__main__":
    sys.exit(main())
