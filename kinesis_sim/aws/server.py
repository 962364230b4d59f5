"""A running server: in a thread of its own for notebooks and tests, or in the foreground.

>>> from kinesis_sim.aws.server import start
>>> with start() as server:
...     kinesis = boto3.client("kinesis", endpoint_url=server.endpoint_url)
"""

from __future__ import annotations

import asyncio
import os
import sysconfig
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kinesis_sim.aws.serving import Listeners, listen, serve, stop_on_signal

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_NO_ONES_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example-secret-key",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
    "NO_PROXY": "127.0.0.1,localhost",
    "no_proxy": "127.0.0.1,localhost",
}
"""What tools need to be content, and to look nowhere else."""


class Server:
    """A server in a background thread. endpoint_url: where it answers; simulator: what it serves.

    ``stop()``, or the end of a ``with`` block, ends it: open requests are finished, subscriptions
    end.
    """

    def __init__(self, simulator: Simulator, listeners: Listeners) -> None:
        self.simulator = simulator
        self.endpoint_url = listeners.endpoint_url
        self.tls_endpoint_url = listeners.tls_endpoint_url
        self.certificate = listeners.certificate
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(listeners)), name="kinesis-lab", daemon=True
        )
        self._thread.start()
        self._loop, self._stop = self._ready.result()

    def set_environment(self) -> list[str]:
        """Point this process's AWS tools, and all that it starts, at this server.

        Every other ``AWS_`` variable goes: the credentials are no one's, configuration files are
        left out, so nothing that a tool does from here on can reach AWS or use an account. The
        programs of this Python, ``aws`` among them, come first on the PATH. Returns the names set.
        """
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        here, known = sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)
        variables = {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": self.simulator.region,
            **_NO_ONES_ACCOUNT,
            "PATH": os.pathsep.join(dict.fromkeys([here, *known.split(os.pathsep)])),
        }
        os.environ.update(variables)
        return sorted(variables)

    def stop(self) -> None:
        """Stop answering and wait until all is closed. Stopping twice changes nothing."""
        if self._thread.is_alive() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _run(self, listeners: Listeners) -> None:
        stop = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), stop))
        await serve(self.simulator, listeners, stop)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Server at {self.endpoint_url}>"


def start(
    sim: Simulator | None = None,
    port: int = 0,
    *,
    host: str = "127.0.0.1",
    tls_port: int | None = None,
    cert_dir: Path | None = None,
    host_names: Sequence[str] = (),
    verify_signatures: bool = False,
) -> Server:
    """Start a server in the background and return once it takes connections.

    sim: what to serve; by default a new simulator on the wall clock, its state changes in 500 ms.
    port, tls_port: 0 takes a free one; without tls_port there is no TLS. host_names: what clients
    may call it besides localhost and its addresses. verify_signatures: whether calls to the
    services that are simulated here must be signed with a secret that IAM or STS gave; those two
    take every caller. Raises UsageError for a port that is in use.
    """
    return Server(
        sim or live_simulator(),
        listen(host, port, tls_port, cert_dir, host_names, verifies=verify_signatures),
    )


def run(sim: Simulator, listeners: Listeners) -> None:
    """Serve in the foreground until SIGINT or SIGTERM."""
    asyncio.run(_until_signal(sim, listeners))


async def _until_signal(sim: Simulator, listeners: Listeners) -> None:
    stop = stop_on_signal()
    await serve(sim, listeners, stop)


def live_simulator() -> Simulator:
    """A simulator as servers have it: on the wall clock, no simulated latency, quick changes."""
    from kinesis_sim.simulator import Simulator

    return Simulator(clock="wall", latency=None, delays="quick", remember=0)
