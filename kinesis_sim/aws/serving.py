"""Putting the application on sockets: HTTP/1.1 and HTTP/2 on one port in clear, on another by TLS.

Why hypercorn and not granian. Both were tried (2-core machine, a 20-line app, one connection):

    calls/s             HTTP/1.1 small   500 × 1 KiB   HTTP/2 clear: small   500 × 1 KiB   13.9 MB
    hypercorn 0.18            4,526            825              1,158             220         1.8
    granian 2.8.7             3,144            902              1,069             326         1.9

(The HTTP/2 figures are mostly their Python client's.) The work behind a call costs more than these
differences. hypercorn runs in our own event loop, on sockets that we have opened, both ports in one
server; granian's embedded server calls itself experimental, cannot say which free port it was
given, and every call pays for two changes of thread.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws.certificate import Certificate, certificate
from kinesis_sim.errors import UsageError

if TYPE_CHECKING:
    from hypercorn.config import Config

    from kinesis_sim.simulator import Simulator

IDLE_SECONDS = 60
"""How long a connection may be silent between requests, or take to send a request's head."""
GRACE_SECONDS = 5
"""How long a stop waits for the requests that are under way."""
_LOG = logging.getLogger("kinesis_sim.server")


@dataclass(frozen=True, slots=True)
class Listeners:
    """Sockets that already queue connections, and the certificate of the one for TLS."""

    plain: socket.socket
    tls: socket.socket | None
    certificate: Certificate | None
    host: str

    @property
    def endpoint_url(self) -> str:
        """The URL in clear, e.g. ``http://127.0.0.1:4567``."""
        return f"http://{_url_host(self.host)}:{self.plain.getsockname()[1]}"

    @property
    def tls_endpoint_url(self) -> str | None:
        """The URL over TLS, if there is one."""
        if self.tls is None:
            return None
        return f"https://{_url_host(self.host)}:{self.tls.getsockname()[1]}"


def listen(
    host: str = "127.0.0.1",
    port: int = 4567,
    tls_port: int | None = None,
    cert_dir: Path | None = None,
) -> Listeners:
    """Open the ports; 0 takes a free one. Raises UsageError when one cannot be had."""
    found = None if tls_port is None else certificate(cert_dir)
    plain = _listener(host, port)
    try:
        tls = None if tls_port is None else _listener(host, tls_port)
    except UsageError:
        plain.close()
        raise
    return Listeners(plain, tls, found, host)


async def serve(sim: Simulator, listeners: Listeners, stop: asyncio.Event) -> None:
    """Answer until ``stop`` is set, then end subscriptions, finish open requests and return."""
    from hypercorn.asyncio import serve as run_server

    from kinesis_sim.aws.application import Application
    from kinesis_sim.aws.ticker import Ticker

    application = Application(sim, frozenset({listeners.host.lower()}))
    asyncio.get_running_loop().set_exception_handler(_report)
    ticker = asyncio.create_task(Ticker(sim).run())

    async def stopping() -> None:
        await stop.wait()
        application.close()

    try:
        server: Any = application
        await run_server(server, _config(listeners), shutdown_trigger=stopping)
    finally:
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker


def _config(listeners: Listeners) -> Config:
    from hypercorn.config import Config

    config = Config()
    config.errorlog = _LOG
    config.include_server_header = False
    config.keep_alive_timeout = IDLE_SECONDS
    config.keep_alive_max_requests = 2**31
    config.graceful_timeout = GRACE_SECONDS
    config.h2_max_concurrent_streams = 256
    clear = f"fd://{listeners.plain.detach()}"
    if listeners.tls is None or listeners.certificate is None:
        config.bind = [clear]
    else:
        config.insecure_bind = [clear]
        config.bind = [f"fd://{listeners.tls.detach()}"]
        config.certfile = str(listeners.certificate.path)
        config.keyfile = str(listeners.certificate.key_path)
    return config


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(_why(host, port, error)) from None
    return listener


def _why(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what listens there, or choose another port."
    return f"Port {port} on {host} cannot be opened: {error}."


def _url_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A connection failed outside any request: one line, for the client is gone already."""
    _LOG.warning("Connection closed: %s", context.get("exception") or context.get("message"))
