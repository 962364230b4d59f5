"""The streams of an HTTP/2 connection: what hypercorn's machine for them (0.18) lacks.

Its buffers take whatever comes once a client's window is used up: a reader that takes nothing would
have all that is pushed to it kept here. And a stream whose answer breaks off is neither ended nor
reset: what it had to say stays, and its client waits for more. One that its client resets is
carried out all the same, and leaves the connection busy for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, RequestReceived
from h2.events import Event as H2Event
from h2.events import StreamReset as ResetByClient
from h2.exceptions import ProtocolError
from hypercorn.events import Closed, Updated
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.h2 import (
    BUFFER_HIGH_WATER,
    BUFFER_LOW_WATER,
    BufferCompleteError,
    H2Protocol,
    StreamBuffer,
)
from hyperframe.frame import GoAwayFrame

RESETS_MOST = 500
"""Streams that a client may reset on a connection before it matters that they are most of all."""


class PatientBuffer(StreamBuffer):
    """What a stream has still to send. Who adds to it waits until the client took most of it."""

    async def push(self, data: bytes) -> None:
        """Add what is to be sent, and wait while that is much. Raises BufferCompleteError."""
        if self._complete:
            raise BufferCompleteError
        self.buffer.extend(data)
        await self._is_empty.clear()
        if len(self.buffer) >= BUFFER_HIGH_WATER:
            await self._paused.clear()
            await self._paused.wait()

    async def pop(self, max_length: int) -> bytes:
        """Take what the window has room for: nothing, when it has none."""
        data = bytes(self.buffer[:max_length])
        del self.buffer[:max_length]
        if len(self.buffer) < BUFFER_LOW_WATER:
            await self._paused.set()
        if not self.buffer:
            await self._is_empty.set()
        return data


def carrier(stream: Any) -> H2Protocol | None:
    """The machine that carries one of hypercorn's streams, if it speaks HTTP/2."""
    found = getattr(stream.send, "__self__", None)
    return found if isinstance(found, H2Protocol) else None


def be_patient(protocol: H2Protocol, stream_id: int) -> None:
    """Give a stream that has said nothing yet a buffer whose writers wait for its client."""
    if stream_id in protocol.stream_buffers:
        protocol.stream_buffers[stream_id] = PatientBuffer(protocol.context.event_class)


async def reset(protocol: H2Protocol, stream_id: int) -> None:
    """End a stream whose client takes nothing: what waits for it goes, and the client is told."""
    buffer = protocol.stream_buffers.get(stream_id)
    if buffer is not None:
        await buffer.close()
    with suppress(ProtocolError):
        protocol.connection.reset_stream(stream_id, ErrorCodes.CANCEL)
    await protocol._close_stream(stream_id)
    await protocol._window_updated(stream_id)
    await protocol._flush()
    await protocol.send(Updated(idle=protocol.idle))


def tell_of_end(stream: Any, tell: Callable[[], None]) -> None:
    """Have it told when a stream is over, also because its client reset it."""
    handle = stream.handle

    async def handled(event: Any) -> None:
        if isinstance(event, StreamClosed):
            tell()
        await handle(event)

    stream.handle = handled


def bound_resets(protocol: Any) -> None:
    """Have a connection carry out nothing that its client has reset already, and count resets.

    Who resets more than ``RESETS_MOST`` streams, and over half of all, wants to keep us busy
    ("rapid reset", CVE-2023-44487): the connection is closed as RFC 9113 (7) has it.
    """
    if not isinstance(protocol, H2Protocol) or hasattr(protocol, "resets"):
        return
    machine: Any = protocol
    handle, machine.resets, machine.asked = protocol._handle_events, 0, 0

    async def handled(events: Sequence[H2Event]) -> None:
        gone = {each.stream_id for each in events if isinstance(each, ResetByClient)}
        new = {each.stream_id for each in events if isinstance(each, RequestReceived)}
        machine.resets, machine.asked = machine.resets + len(gone), machine.asked + len(new)
        never = gone & new
        for each in events:
            if isinstance(each, DataReceived) and each.stream_id in never:
                size = each.flow_controlled_length
                protocol.connection.acknowledge_received_data(size, each.stream_id)
        await handle([each for each in events if getattr(each, "stream_id", 0) not in never])
        if machine.resets > RESETS_MOST and machine.resets > machine.asked / 2:
            protocol.connection.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            await protocol._flush()
            await protocol.send(Closed())

    machine._handle_events = handled


def is_idle(protocol: Any) -> bool:
    """Whether it is a machine for HTTP/2 with nothing to do."""
    return isinstance(protocol, H2Protocol) and protocol.idle


def let_streams_end(protocol: Any) -> None:
    """Have h2 take a client's GOAWAY without an error for what it is (RFC 9113 §6.8).

    The client opens no more streams, and closes the connection when its open ones have ended. h2
    4.4 drops them at once, which ends every SubscribeToShard of the JavaScript SDK: it says GOAWAY
    as soon as an event stream has begun.
    """
    machine = getattr(protocol, "connection", None)
    if isinstance(machine, H2Connection):
        goaway = machine._receive_goaway_frame
        machine._frame_dispatch_table[GoAwayFrame] = lambda frame: (
            goaway(frame) if frame.error_code else ([], [])
        )
