"""A whole call with real media in this process: the dock camera, and a rider who sees its picture.

What they say to each other goes through the simulator's channel; the picture goes from one to the
other, by UDP on this machine.
"""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kinesis_sim.arguments import whole
from kinesis_sim.aws import webrtc
from kinesis_sim.errors import UsageError
from kinesis_sim.workloads.calls import rtc
from kinesis_sim.workloads.camera.dock_camera import CLOCK_AT, CLOCK_SIZE, DockCamera
from kinesis_sim.workloads.camera.picture import digits_in

if TYPE_CHECKING:
    from kinesis_sim.workloads.scenes.doorbell import Doorbell

PATIENCE_SECONDS = 60
"""How long it waits for the picture."""


@dataclass(frozen=True, slots=True)
class SeenCall:
    """What the rider saw: how many pictures, and what the camera's clock says in the last."""

    pictures: int
    clock: str


def seen_call(bell: Doorbell, *, pictures: int = 10, client: str = "ana") -> SeenCall:
    """Have the dock camera answer a rider, who looks at so many pictures and rings off.

    The camera's clock begins at the simulator's now. Needs the ``[webrtc]`` extra.
    Raises MissingPackage; UsageError when no picture comes.
    """
    webrtc.needed()
    done: list[SeenCall] = []
    failed: list[BaseException] = []
    count = whole("pictures", pictures, least=1)

    def run() -> None:
        try:
            done.append(asyncio.run(_patient(bell, client, count)))
        except BaseException as error:  # raised again by whoever waits
            failed.append(error)

    thread = threading.Thread(target=run, name="seen-call")
    thread.start()  # a notebook's own thread has a loop that is busy
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


async def _patient(bell: Doorbell, client: str, pictures: int) -> SeenCall:
    camera, rider = webrtc.connection(), webrtc.connection()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            track = await _found(bell, client, camera, rider, pictures)
            frames = [await track.recv() for _ in range(pictures)]
    except TimeoutError:
        raise UsageError(f"No picture came within {PATIENCE_SECONDS} s.") from None
    finally:
        await asyncio.gather(camera.close(), rider.close())
    return SeenCall(len(frames), _clock(frames[-1]))


async def _found(bell: Doorbell, client: str, camera: Any, rider: Any, pictures: int) -> Any:
    """Offer and answer through the channel; the track by which the picture comes."""
    coming: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    rider.on("track", coming.set_result)
    rider.addTransceiver("video", direction="recvonly")
    camera.addTrack(rtc.film(DockCamera(), bell.sim.clock.now, 10 * pictures))
    master, viewer = bell.master(), bell.viewer(client)
    viewer.send("SDP_OFFER", json.dumps(await webrtc.offered(rider)))
    offer = json.loads(master.heard[-1].content)
    master.send("SDP_ANSWER", json.dumps(await webrtc.answered(camera, offer)), client)
    await webrtc.heard(rider, json.loads(viewer.heard[-1].content))
    return await coming


def _clock(frame: Any) -> str:
    plane = frame.reformat(format="yuv420p").planes[0]
    return digits_in(bytes(plane), plane.line_size, *CLOCK_AT, 8, CLOCK_SIZE)
