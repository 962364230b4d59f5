"""The service's own end of one call, by aiortc: it offers, takes media, and passes it on.

Each end has a thread with an event loop, in which aiortc lives, and one in which what comes is made
into the stream's media and handed to the simulator: a call is not to wait for the simulator's lock,
and whoever holds the lock waits for no call.

aiortc decodes what it receives. Here the frames are taken before that, as they came: nothing is
decoded but the sound, which streams keep as AAC.
"""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import weakref
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from kinesis_sim.aws import webrtc
from kinesis_sim.errors import KinesisSimError, ServiceError, UsageError
from kinesis_sim.instants import SECOND
from kinesis_sim.video.storing.call_media import RATE, CallMedia
from kinesis_sim.video.storing.session import CANDIDATE, ENDED, HEARD, MEDIA, TALK
from kinesis_sim.video.storing.sound import SoundRecoder

if TYPE_CHECKING:
    from kinesis_sim.account.calls import Conversation
    from kinesis_sim.simulator import Simulator

PATIENCE_SECONDS = 30
"""How long an offer may take."""
KEY_EVERY_MS = 2_000
"""How long media may be without a key frame before one is asked for (model's choice)."""
BEHIND_MOST = 1_000
"""Frames that may wait for the simulator; more are dropped (model's choice)."""
MOST = 64
"""Calls that a process holds at once (model's choice): each has a thread and sockets."""
ROOM = threading.Semaphore(MOST)
SERVICE = "kinesis-video-webrtc-storage"
RATES = {"video": 90_000, "audio": RATE}
"""What RTP times count in a second (RFC 6184, RFC 7587)."""
_CODECS = {"video": "H264", "audio": "opus"}


class CallEnd:
    """One end (a ``StoragePeer``). client: None for the master's, whose media is stored.

    viewers: the ends that media is passed on to.
    """

    def __init__(
        self,
        sim: Simulator,
        channel: str,
        client: str | None,
        viewers: Callable[[], list[CallEnd]],
    ) -> None:
        self._sim = weakref.ref(sim)
        self._channel, self._client, self._viewers = channel, client, viewers
        self._room = ROOM
        limits = sim.limits
        self._least = limits["video.fragment_seconds_least"] * SECOND
        self._most = limits["video.fragment_bytes"]
        self._offered: Future[str] = Future()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="call-media")
        self._behind = threading.Semaphore(BEHIND_MOST)
        self._recorder: CallRecorder | None = None
        self._talk: Conversation | None = None
        self._passed: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._run, name="storage-peer", daemon=True)
        self._left = weakref.finalize(sim, self.close)

    # --- for whoever holds the simulator's lock: nothing here waits for a call ----------------

    def offer(self) -> str:
        """Begin; what is offered (SDP).

        Raises UsageError when nothing comes of it, ClientLimitExceededException for one too many.
        """
        if not self._room.acquire(blocking=False):
            self._left.detach()
            self._loop.close()
            raise ServiceError(
                "ClientLimitExceededException",
                f"{MOST} calls are stored, which is the most.",
            )
        self._thread.start()
        try:
            return self._offered.result(PATIENCE_SECONDS)
        except TimeoutError:
            raise UsageError(f"The call was not begun within {PATIENCE_SECONDS} s.") from None

    def answer(self, sdp: str) -> None:
        """See ``StoragePeer``."""
        self._in_loop(lambda: asyncio.ensure_future(self._trying(self._connect(sdp))))

    def candidate(self, row: dict[str, Any]) -> None:
        """See ``StoragePeer``; only ways within this machine are taken."""
        if _is_near(str(row.get("candidate", ""))):
            self._in_loop(lambda: asyncio.ensure_future(self._trying(self._told_way(row))))

    def close(self) -> None:
        """See ``StoragePeer``."""
        self._in_loop(self._over.set)

    def _in_loop(self, do: Callable[[], Any]) -> None:
        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(do)

    # --- the loop -----------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        except Exception as error:
            if not self._offered.done():
                self._offered.set_exception(error)
        finally:
            self._room.release()
            self._left.detach()
            self._writer.shutdown(wait=True)
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    async def _live(self) -> None:
        self._call = call = webrtc.connection()
        self._answered = False
        try:
            self._media()
            self._offer = await call.createOffer()
            call.on("connectionstatechange", self._changed)
            self._offered.set_result(self._offer.sdp)
            await self._over.wait()
        finally:
            await call.close()
            for track in self._passed.values():
                track.stop()

    def _media(self) -> None:
        """What is offered: to take a master's media, to take a viewer's sound and send it media."""
        aiortc = webrtc.needed()
        ways = {"audio": "sendrecv", "video": "sendonly"} if self._client else {}
        for kind, codec in _CODECS.items():
            way = ways.get(kind, "recvonly")
            if way == "recvonly":
                line = self._call.addTransceiver(kind, direction=way)
            else:
                self._passed[kind] = _passed_track(kind)
                line = self._call.addTransceiver(self._passed[kind], direction=way)
            known = aiortc.RTCRtpReceiver.getCapabilities(kind).codecs
            line.setCodecPreferences([each for each in known if each.name == codec])
            line.receiver._RTCRtpReceiver__decoder_queue = _Tap(
                partial(self._heard, kind, line.receiver)
            )

    async def _trying(self, what: Any) -> None:
        """What another end said may be anything: it ends its call, and nothing else."""
        try:
            await what
        except Exception as error:
            self._say(ENDED, f"no call came about: {type(error).__name__}".encode())

    async def _connect(self, sdp: str) -> None:
        if self._answered:
            return
        self._answered = True
        with webrtc.at_home():
            await self._call.setLocalDescription(self._offer)
        for place, part in enumerate(webrtc.told(self._call)["sdp"].split("\nm=")[1:]):
            for line in part.splitlines():
                if line.startswith("a=candidate:"):
                    self._say(CANDIDATE, _way(line, place))
        near = [
            line
            for line in sdp.splitlines()
            if not line.startswith("a=candidate:") or _is_near(line)
        ]
        await webrtc.heard(self._call, {"type": "answer", "sdp": "\r\n".join([*near, ""])})

    async def _told_way(self, row: dict[str, Any]) -> None:
        await webrtc.told_way(self._call, row)

    async def _changed(self) -> None:
        state = self._call.connectionState
        if state == "connected" and self._client is not None:
            self._say(HEARD)
        elif state in ("closed", "failed") and not self._over.is_set():
            self._submit(self._finish, f"the connection is {state}".encode())

    # --- media --------------------------------------------------------------------------------

    def _heard(self, kind: str, receiver: Any, frame: Any) -> None:
        """A frame came, in the loop."""
        data, stamp = bytes(frame.data), int(frame.timestamp)
        if self._client is None:
            self._pass_on(kind, stamp, data)
        if self._behind.acquire(blocking=False):
            self._submit(self._record, kind, stamp, data, receiver)

    def _pass_on(self, kind: str, stamp: int, data: bytes) -> None:
        with suppress(KinesisSimError):  # the channel is gone
            for viewer in self._viewers():
                viewer.pass_on(kind, stamp, data)

    def pass_on(self, kind: str, stamp: int, data: bytes) -> None:
        """Send a frame of the master's to the other end. stamp: its RTP time."""
        track = self._passed.get(kind)
        if track is not None:
            self._in_loop(lambda: track.give(stamp, data))

    def _submit(self, do: Callable[..., None], *given: Any) -> None:
        with suppress(RuntimeError):  # it is shut down
            self._writer.submit(self._done, do, *given)

    def _say(self, kind: bytes, rest: bytes = b"") -> None:
        self._submit(self._tell, kind + rest)

    # --- the writer's thread ------------------------------------------------------------------

    def _done(self, do: Callable[..., None], *given: Any) -> None:
        """Do it; what raises ends the call, and is noted."""
        try:
            do(*given)
        except Exception as error:
            sim = self._sim()
            if sim is not None:
                sim.clock.mishaps.note(error, "the media of a call")
            self.close()

    def _record(self, kind: str, stamp: int, data: bytes, receiver: Any) -> None:
        self._behind.release()
        sim = self._sim()
        if sim is None:
            return
        recorder = self._recorder
        if recorder is None:
            recorder = self._recorder = CallRecorder(self._client, self._least, self._most)
        with sim.lock:
            now = sim.clock.now
        for part in recorder.take(kind, stamp, data, now):
            self._tell(part)
        if recorder.wants_key(kind):
            self._in_loop(lambda: asyncio.ensure_future(_ask_for_key(receiver)))

    def _finish(self, why: bytes) -> None:
        if self._recorder is not None:
            for part in self._recorder.end():
                self._tell(part)
        self._tell(ENDED + why)

    def _tell(self, part: bytes) -> None:
        """Tell the simulator, as an input; when the session is over there, so is the call."""
        sim = self._sim()
        if sim is None:
            return
        try:
            with sim.lock:
                self._catch_up(sim)
                if self._talk is None:
                    said = {"ChannelARN": self._channel, "ClientId": self._client}
                    self._talk = sim.gate.converse(SERVICE, TALK, said)
                if not self._talk.ended:
                    self._talk.take(part)
                over = self._talk.ended
        except KinesisSimError:
            over = True
        if over:
            self.close()

    def _catch_up(self, sim: Simulator) -> None:
        """Have fired what is due, which is nobody's here to hear."""
        try:
            sim.clock.catch_up()
        except Exception as error:
            sim.clock.mishaps.note(error, "a scheduled action")


class CallRecorder:
    """Frames as they come, made into what the session is told.

    The time of media begins at the simulator's now, when the first frame of each kind came; from
    there on it is the sender's.
    """

    def __init__(self, client: str | None, least_ms: int, most_bytes: int) -> None:
        self._stores = client is None
        self._base: dict[str, int] = {}
        self._said = self._latest = 0
        self._key: int | None = None
        self._sound = SoundRecoder()
        self._media = CallMedia(self._sound.private, least_ms, most_bytes)

    def take(self, kind: str, stamp: int, data: bytes, now: int) -> list[bytes]:
        """A frame. stamp: its RTP time; now: epoch ms."""
        base = self._base.setdefault(kind, now)
        at = base + stamp * SECOND // RATES[kind]
        whole = self._whole(kind, base, stamp, data) if self._stores else b""
        if whole:
            self._said = at
            return [MEDIA + whole]
        if abs(at - self._said) >= SECOND:
            self._said = at
            return [HEARD]
        return []

    def end(self) -> list[bytes]:
        """The call is over: what is left."""
        whole = self._media.end()
        return [MEDIA + whole] if whole else []

    def _whole(self, kind: str, base: int, stamp: int, data: bytes) -> bytes:
        if kind == "video":
            at = base + stamp * SECOND // RATES[kind]
            self._pass(at, data)
            return self._media.picture(at, data)
        frames = self._sound.take(stamp, data)
        return b"".join(self._media.sound(base + at * SECOND // RATE, each) for at, each in frames)

    def _pass(self, at: int, data: bytes) -> None:
        """Note how long there was no key frame."""
        if self._key is None or b"\0\0\1\x65" in data or b"\0\0\1\x25" in data:
            self._key = at
        self._latest = at

    def wants_key(self, kind: str) -> bool:
        """Whether it is time to ask for a key frame; once for each time that it is."""
        if kind != "video" or self._key is None or self._latest - self._key < KEY_EVERY_MS:
            return False
        self._key = self._latest
        return True


class _Tap(queue.Queue):  # type: ignore[type-arg]
    """aiortc's queue of what is to be decoded: frames go to ``take``; the end goes its way."""

    def __init__(self, take: Callable[[Any], None]) -> None:
        super().__init__()
        self._take = take

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """A frame with its codec, or None at the end."""
        if item is None:
            super().put(item, block, timeout)
        else:
            self._take(item[1])


def _passed_track(kind: str) -> Any:
    """A track of frames that are passed on as they came."""
    aiortc = webrtc.needed()
    from av import Packet

    base: Any = aiortc.MediaStreamTrack

    class Passed(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kind = kind
            self._frames: asyncio.Queue[Any] = asyncio.Queue(BEHIND_MOST)

        def give(self, stamp: int, data: bytes) -> None:
            """One more."""
            packet = Packet(data)
            packet.pts, packet.time_base = stamp, Fraction(1, RATES[kind])
            with suppress(asyncio.QueueFull):  # nobody takes them
                self._frames.put_nowait(packet)

        async def recv(self) -> Any:
            return await self._frames.get()

    return Passed()


async def _ask_for_key(receiver: Any) -> None:
    for source in receiver.getSynchronizationSources():
        await receiver._send_rtcp_pli(source.source)


def _way(line: str, place: int) -> bytes:
    """A candidate as a message of the channel carries it."""
    row = {"candidate": line[2:], "sdpMid": str(place), "sdpMLineIndex": place}
    return b64encode(json.dumps(row).encode())


def _is_near(line: str) -> bool:
    """Whether a candidate is on this machine: calls look for nobody elsewhere."""
    parts = line.split(" ")
    return len(parts) > 4 and (parts[4].startswith("127.") or parts[4] == "::1")
