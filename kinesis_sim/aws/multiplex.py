"""The streams of an HTTP/2 connection: what hypercorn's machine for them (0.18) lacks.

Its buffers take whatever comes once a client's window is used up: a reader that takes nothing would
have all that is pushed to it kept here. And a stream whose answer breaks off is neither ended nor
reset: what it had to say stays, and its client waits for more.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError
from hypercorn.events import Updated
from hypercorn.protocol.h2 import (
    BUFFER_HIGH_WATER,
    BUFFER_LOW_WATER,
    BufferCompleteError,
    H2Protocol,
    StreamBuffer,
)
from hyperframe.frame import GoAwayFrame


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
