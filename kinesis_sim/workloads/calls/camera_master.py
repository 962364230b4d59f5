"""The dock camera as a channel's master: it answers every viewer's offer with its picture.

>>> with CameraMaster(server.endpoint_url, "doorbell", DockCamera(7), seconds=30):
...     ...  # AWS's signaling SDK in a browser, or any other viewer
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Self

from kinesis_sim.arguments import number, whole
from kinesis_sim.aws import webrtc
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.calls import rtc
from kinesis_sim.workloads.calls.socket_line import HeardSignal, SocketLine, signed
from kinesis_sim.workloads.camera.dock_camera import DockCamera

PATIENCE_SECONDS = 60
"""How long it waits for the channel."""


class CameraMaster:
    """A master in a thread of its own, from ``with`` to its end. Needs the ``[webrtc]`` extra.

    endpoint_url: the service's. channel: its name. start: what the camera's clock shows at the
    beginning of each call (epoch ms). seconds: of a film. keys: an access key and its secret.
    ca_bundle: a file of the certificate to trust, for https. store: join the channel's storage
    session, which takes the camera's own H.264 and a sound in which nothing is heard; speed: how
    often faster than it was filmed that is sent.

    Raises MissingPackage, UsageError when the channel does not let it in.
    """

    def __init__(
        self,
        endpoint_url: str,
        channel: str,
        camera: DockCamera,
        *,
        start: int = 0,
        seconds: int = 60,
        region: str = "us-east-1",
        keys: tuple[str, str] = ("AKIAIOSFODNN7EXAMPLE", "example-secret-key"),
        ca_bundle: str | None = None,
        store: bool = False,
        speed: float = 1,
    ) -> None:
        webrtc.needed()
        self._endpoint_url, self._channel = endpoint_url, channel
        self._camera, self._start = camera, start
        self._seconds = whole("seconds", seconds, least=1)
        self._store, self._speed = store, number("speed", speed, least=0.01)
        self._region, self._keys, self._ca_bundle = region, keys, ca_bundle
        self._calls: dict[str, Any] = {}
        self._films: dict[str, Any] = {}
        self._thread = threading.Thread(target=self._run, name="camera-master", daemon=True)
        self._there = threading.Event()
        self._error: BaseException | None = None

    @property
    def sent(self) -> dict[str, int]:
        """How many frames each viewer was sent; under an empty name, the storage session."""
        return {client: film.sent for client, film in self._films.items()}

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._there.wait(PATIENCE_SECONDS):
            raise UsageError(f"The channel said nothing for {PATIENCE_SECONDS} s; is it there?")
        if self._error is not None:
            self._thread.join()
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # told by whoever waits, whatever it is
            self._error = error
        finally:
            self._there.set()

    def _client(self, service: str) -> Any:
        import boto3

        return boto3.client(
            service,
            endpoint_url=self._endpoint_url,
            region_name=self._region,
            aws_access_key_id=self._keys[0],
            aws_secret_access_key=self._keys[1],
            verify=self._ca_bundle,
        )

    def _address(self) -> str:
        video = self._client("kinesisvideo")
        try:
            arn = video.describe_signaling_channel(ChannelName=self._channel)["ChannelInfo"]
            found = video.get_signaling_channel_endpoint(
                ChannelARN=arn["ChannelARN"],
                SingleMasterChannelEndpointConfiguration={"Protocols": ["WSS"], "Role": "MASTER"},
            )
        finally:
            video.close()
        self._arn = arn["ChannelARN"]
        address = found["ResourceEndpointList"][0]["ResourceEndpoint"]
        return signed(address, self._arn, "", self._region, self._keys)

    def _join(self) -> None:
        storage = self._client("kinesis-video-webrtc-storage")
        try:
            storage.join_storage_session(channelArn=self._arn)
        finally:
            storage.close()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        address = await asyncio.to_thread(self._address)
        async with SocketLine(address, self._ca_bundle) as line:
            if self._store:
                await asyncio.to_thread(self._join)
            self._there.set()
            tasks = {asyncio.ensure_future(self._hear(line)), asyncio.ensure_future(self._ended())}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await asyncio.gather(*(call.close() for call in self._calls.values()))

    async def _ended(self) -> None:
        await self._over.wait()

    async def _hear(self, line: SocketLine) -> None:
        while (signal := await line.receive()) is not None:
            if signal.kind == "SDP_OFFER":
                await self._answer(line, signal)
            elif signal.kind == "ICE_CANDIDATE" and signal.sender in self._calls:
                await webrtc.told_way(self._calls[signal.sender], signal.payload)
        await self._over.wait()  # the channel is closed; calls go on without it

    async def _answer(self, line: SocketLine, signal: HeardSignal) -> None:
        before = self._calls.pop(signal.sender, None)
        if before is not None:
            await before.close()
        self._films.pop(signal.sender, None)
        call = self._calls[signal.sender] = webrtc.connection()
        for track in self._tracks():
            call.addTrack(track)
            self._films.setdefault(signal.sender, track)
        line.send("SDP_ANSWER", await webrtc.answered(call, signal.payload), signal.sender)

    def _tracks(self) -> list[Any]:
        """What a call is given, the picture first."""
        if not self._store:
            return [rtc.film(self._camera, self._start, self._seconds * rtc.FPS)]
        return [
            rtc.reel(self._camera, self._start, self._seconds, self._speed),
            rtc.silence(self._seconds, self._speed),
        ]
