"""``python -m benchmarks``: all sections, or those named."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

SECTIONS = {
    "in-process": "boto3 clients without a network, against boto3 alone and moto",
    "native": "the domain alone: put, read, memory",
    "http": "servers, with boto3 and with a bare socket, against public peers",
    "server-memory": "what the server keeps per record",
    "start": "import, first answer in process, server ready",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    listed = "; ".join(f"{name}: {what}" for name, what in SECTIONS.items())
    parser.add_argument("sections", nargs="*", metavar="section", help=listed)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each (default: 7)")
    parser.add_argument(
        "--peers", action="store_true", help="first install the peers that are not here yet"
    )
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "kinesis-lab/peers"
    parser.add_argument("--cache", type=Path, default=cache, help="where peers are installed")
    chosen = parser.parse_args()
    unknown = set(chosen.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no such section: {', '.join(sorted(unknown))}; there are {listed}")
    _run(chosen)
    return 0


def _run(chosen: argparse.Namespace) -> None:
    from benchmarks import peers

    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, "
        f"load {os.getloadavg()[0]:.1f} at the start. Medians [least–most] of {chosen.rounds} "
        "rounds in which all take turns.\n"
    )
    found = peers.find(chosen.cache, install=chosen.peers)
    for name in chosen.sections or SECTIONS:
        module = import_module(f"benchmarks.{name.replace('-', '_')}")
        section: Callable[..., None] = module.run
        if module.__name__ in ("benchmarks.in_process", "benchmarks.native"):
            section(chosen.rounds)
        else:
            section(chosen.rounds, found)


if __name__ == "__main__":
    sys.exit(main())
