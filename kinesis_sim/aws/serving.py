"""Putting the application on sockets: HTTP/1.1 and HTTP/2 on one port in clear, on another by TLS.

Why hypercorn and not granian. Both were tried (2-core machine, a 20-line app, one connection):

    calls/s             HTTP/1.1 small   500 × 1 KiB   HTTP/2 clear: small   500 × 1 KiB   13.9 MB
    hypercorn 0.18            4,526            825              1,158             220         1.8
    granian 2.8.7             3,144            902              1,069             326         1.9

(The HTTP/2 figures are mostly their Python client's.) The work behind a call costs more than these
differences. hypercorn runs in our own event loop, on sockets that we have opened, both ports in one
server; granian's embedded server calls itself experimental, shares a taken port instead of refusing
it, cannot say which free port it was given, and makes every call change threads twice.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import signal
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinesis_sim.aws.certificate import Certificate, certificate
from kinesis_sim.errors import UsageError
from kinesis_sim.units import KIB
from kinesis_sim.words import spoken

if TYPE_CHECKING:
    from hypercorn.config import Config

    from kinesis_sim.simulator import Simulator

IDLE_SECONDS = 60
"""How long a connection may be silent between requests, or take to send a request's head."""
GRACE_SECONDS = 5
"""How long a stop waits for the requests that are under way."""
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")
_LOG = logging.getLogger("kinesis_sim.server")


@dataclass(frozen=True, slots=True)
class Listeners:
    """Sockets that already queue connections, and the certificate of the one for TLS.

    names: what clients may call the server besides localhost and its addresses. verifies: whether
    calls must be signed with a secret that the account's IAM or STS gave.
    """

    plain: socket.socket
    tls: socket.socket | None
    certificate: Certificate | None
    host: str
    names: tuple[str, ...] = ()
    verifies: bool = False

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
    names: Sequence[str] = (),
    *,
    verifies: bool = False,
) -> Listeners:
    """Open the ports; 0 takes a free one. names: host names that clients may use besides localhost.

    verifies: whether calls must be signed with a secret of the account's.

    Raises UsageError when a port cannot be had or a name cannot be one.
    """
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise UsageError(
                f"--host-name {name}: give a name alone, such as kinesis-lab or lab.example.com."
            )
    found = None if tls_port is None else certificate(cert_dir)
    plain = _listener(host, port)
    try:
        tls = None if tls_port is None else _listener(host, tls_port)
    except UsageError:
        plain.close()
        raise
    return Listeners(plain, tls, found, host, tuple(names), verifies)


async def serve(sim: Simulator, listeners: Listeners, stop: asyncio.Event) -> None:
    """Answer until ``stop`` is set, then end subscriptions, finish open requests and return."""
    from kinesis_sim.aws.application import Application
    from kinesis_sim.aws.complaints import Complaints
    from kinesis_sim.aws.connection import Connections
    from kinesis_sim.aws.sigv4 import Verifier, account_secrets
    from kinesis_sim.aws.ticker import Ticker

    asyncio.get_running_loop().set_exception_handler(Complaints())
    verifier = Verifier(account_secrets(sim)) if listeners.verifies else None
    application = Application(sim, (listeners.host, *listeners.names), verifier)
    connections = Connections(application, http_config())
    ticker = asyncio.create_task(Ticker(sim, application.moves).run())
    try:
        await connections.open(listeners.plain)
        if listeners.tls is not None and listeners.certificate is not None:
            await connections.open(listeners.tls, _tls(listeners.certificate))
        await stop.wait()
    finally:
        ticker.cancel()
        application.close()
        await connections.close(GRACE_SECONDS)


def stop_on_signal() -> asyncio.Event:
    """What SIGINT and SIGTERM set from now on; for a coroutine of the main thread."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


def http_config() -> Config:
    """How every server of this package speaks HTTP."""
    from hypercorn.config import Config

    config = Config()
    config.errorlog = _LOG
    config.include_server_header = False
    config.keep_alive_timeout = IDLE_SECONDS
    config.keep_alive_max_requests = 2**31
    config.h2_max_concurrent_streams = 256
    config.websocket_max_message_size = 128 * KIB
    return config


def _tls(kept: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.load_cert_chain(kept.path, kept.key_path)
    return context


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only where a socket says that it is TCP: 40 ms a call.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
        return spoken("aws").say("port.in-use", port=port, host=host)
    return spoken("aws").say("port.closed", port=port, host=host, error=error)


def _url_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
