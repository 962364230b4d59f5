"""Other processes: starting and ending them, free ports, and the memory they hold."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def resident(pid: int | None = None) -> int:
    """Bytes of memory that a process and its children hold (Linux's /proc)."""
    own = int(Path(f"/proc/{pid or 'self'}/statm").read_text().split()[1]) * PAGE
    return own + sum(resident(child) for child in _children(pid or os.getpid()))


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in found for child in path.read_text().split()]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, gently at first."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
