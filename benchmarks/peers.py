"""Public peers: how each is installed, outside this repository, and started.

Versions are those that were current when the table in README.md was made. npm's install scripts are
not run: kinesalite then keeps its data in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import workload
from benchmarks.processes import free_port
from benchmarks.rounds import progress

NPM = {"kinesalite": "3.3.3", "kinesis-local": "0.6.2"}
MINISTACK = "1.5.33"
_MOCK_DELAYS = (
    "CREATE_STREAM",
    "DELETE_STREAM",
    "REGISTER_STREAM_CONSUMER",
    "DEREGISTER_STREAM_CONSUMER",
    "START_STREAM_ENCRYPTION",
    "STOP_STREAM_ENCRYPTION",
    "MERGE_SHARDS",
    "SPLIT_SHARD",
    "UPDATE_SHARD_COUNT",
    "UPDATE_STREAM_MODE",
)


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started on a port."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """A server to compare. launch: from a port to how it is started there."""

    name: str
    launch: Callable[[int], Launch]


def find(cache: Path, *, install: bool) -> list[Peer]:
    """Ourselves first, then every peer that is there; those that are not are named."""
    if install:
        _install(cache)
    node, packages = os.environ.get("NODE", "node"), cache / "node_modules"
    ministack = cache / "ministack" / "bin" / "ministack"
    there = {
        "ours": True,
        "moto_server": True,
        "kinesalite": (packages / "kinesalite" / "cli.js").exists(),
        "kinesis-mock": (packages / "kinesis-local" / "main.js").exists(),
        "ministack": ministack.exists(),
    }
    launches: dict[str, Callable[[int], Launch]] = {
        "ours": _ours,
        "moto_server": _moto,
        "kinesalite": lambda port: _kinesalite(node, packages, port),
        "kinesis-mock": lambda port: _kinesis_mock(node, packages, port),
        "ministack": lambda port: Launch([str(ministack)], {"GATEWAY_PORT": str(port)}),
    }
    absent = [name for name, found in there.items() if not found]
    if absent:
        print(f"Not installed, so not compared: {', '.join(absent)} (--peers installs them).\n")
    return [Peer(name, launches[name]) for name, found in there.items() if found]


def _ours(port: int) -> Launch:
    options = ["--port", str(port), "--no-tls", "--instant", "--limits", "off"]
    return Launch([sys.executable, "-m", "kinesis_sim", "serve", *options])


def _moto(port: int) -> Launch:
    return Launch([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)])


def _kinesalite(node: str, packages: Path, port: int) -> Launch:
    waits = [f"--{what}StreamMs" for what in ("create", "delete", "update")]
    at_once = [part for option in waits for part in (option, "0")]
    cli = str(packages / "kinesalite" / "cli.js")
    return Launch([node, cli, "--port", str(port), "--shardLimit", "10000", *at_once])


def _kinesis_mock(node: str, packages: Path, port: int) -> Launch:
    """It reads server.json, its TLS key, from the folder that it runs in."""
    settings = {f"{name}_DURATION": "0ms" for name in _MOCK_DELAYS} | {
        "KINESIS_MOCK_PLAIN_PORT": str(port),
        "KINESIS_MOCK_TLS_PORT": str(free_port()),
        "SHARD_LIMIT": "10000",
        "LOG_LEVEL": "ERROR",
    }
    return Launch([node, "main.js"], settings, packages / "kinesis-local")


def _install(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    progress(f"installing peers into {cache}")
    npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(cache)]
    _try([*npm, *(f"{name}@{version}" for name, version in NPM.items())])
    environment = cache / "ministack"
    _try([sys.executable, "-m", "venv", str(environment)])
    pip = str(environment / "bin" / "pip")
    _try([pip, "install", "--quiet", "--disable-pip-version-check", f"ministack=={MINISTACK}"])
    progress("")


def _try(command: list[str]) -> None:
    """Run an installer; when it fails the peer is absent, and that is said later."""
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=workload.environment())
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{command[0]} failed: {error}", file=sys.stderr)
