"""A running server of ours or of a peer's, and the wait until it answers."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import perf_counter, sleep
from types import TracebackType

from benchmarks import workload
from benchmarks.peers import Peer
from benchmarks.processes import end, free_port, resident
from benchmarks.wire import Wire, signed

PATIENCE = 60
_POLL = 0.002


class Server:
    """A peer's server in a process of its own. ready_after: seconds from its start to the first
    ListStreams that it answered."""

    def __init__(self, peer: Peer) -> None:
        self.name = peer.name
        self.port = free_port()
        request = signed(self.port, "list_streams")
        launch = peer.launch(self.port)
        start = perf_counter()
        self._process = subprocess.Popen(
            launch.command,
            env=workload.environment() | launch.environment,
            cwd=launch.folder or Path.cwd(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await(request, start + PATIENCE)
        self.ready_after = perf_counter() - start

    def _await(self, request: bytes, deadline: float) -> None:
        while perf_counter() < deadline and self._process.poll() is None:
            wire = Wire(self.port)
            try:
                if wire.exchange(request)[0] == 200:
                    return
            except OSError:
                pass
            finally:
                wire.close()
            sleep(_POLL)
        self.stop()
        raise RuntimeError(f"{self.name} did not answer within {PATIENCE} s")

    @property
    def resident(self) -> int:
        """Bytes of memory it holds now."""
        return resident(self._process.pid)

    def stop(self) -> None:
        """End it."""
        end(self._process)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
