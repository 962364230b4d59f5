"""A camera in Python and AWS's signaling SDK in Chromium find each other, and the picture comes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from kinesis_sim.aws.server import Server, live_simulator, start
from kinesis_sim.instants import HOUR
from kinesis_sim.workloads.camera.dock_camera import (
    CLOCK_AT,
    CLOCK_SIZE,
    WIDTH,
    DockCamera,
)
from kinesis_sim.workloads.camera.picture import digits_in
from tests.aws.http_client import client
from tests.browser.jupyterlab import PATIENCE, chrome, fresh_page
from tests.browser.player_site import LUMA, player_site

pytestmark = pytest.mark.browser

CHANNEL = "doorbell"
SECONDS, FRAMES = 3, 90
SDK = "amazon-kinesis-video-streams-webrtc/dist/kvs-webrtc.min.js"
FLAGS = (
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",  # no address by a name of the network's
    "--ignore-certificate-errors",
)
VIEW = """async ({ channelARN, channelEndpoint, accessKeyId, secretAccessKey }) => {
  const { Role, SignalingClient } = KVSWebRTC;
  const call = (window.call = new RTCPeerConnection({ iceServers: [] }));
  call.addTransceiver("video", { direction: "recvonly" });
  call.ontrack = ({ track }) => (video.srcObject = new MediaStream([track]));
  const line = (window.line = new SignalingClient({
    channelARN,
    channelEndpoint,
    role: Role.VIEWER,
    clientId: "ana",
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey },
  }));
  call.onicecandidate = ({ candidate }) => candidate && line.sendIceCandidate(candidate);
  line.on("sdpAnswer", (answer) => call.setRemoteDescription(answer));
  line.on("iceCandidate", (candidate) => call.addIceCandidate(candidate));
  await new Promise((resolve, reject) => {
    line.on("error", reject);
    line.on("open", resolve);
    line.open();
  });
  await call.setLocalDescription(await call.createOffer());
  line.sendSdpOffer(call.localDescription);
}"""
DECODED = """async ({ least, patience }) => {
  const end = performance.now() + patience;
  for (;;) {
    const rows = [...(await call.getStats()).values()];
    const decoded = rows.find((row) => row.type === "inbound-rtp")?.framesDecoded ?? 0;
    if (decoded >= least || performance.now() > end) return decoded;
    await new Promise(requestAnimationFrame);
  }
}"""


SHOWN = "video.getVideoPlaybackQuality().totalVideoFrames"
Keys = tuple[str, str]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    sim = live_simulator()  # on the wall clock, by which both peers sign
    sim.client("kinesisvideo").create_signaling_channel(ChannelName=CHANNEL)
    with start(sim, tls_port=0, cert_dir=tmp_path, verify_signatures=True) as running:
        with sim.lock:
            sim.advance(seconds=10)
        yield running


@pytest.fixture
def keys(server: Server) -> Keys:
    iam = server.simulator.client("iam")
    iam.create_user(UserName="caller")
    made = iam.create_access_key(UserName="caller")["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


@pytest.fixture
def caller(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    with chrome(playwright, chromium, *FLAGS) as running:
        yield running


def viewers_way_in(server: Server, keys: Keys) -> dict[str, str]:
    """What AWS's SDK is told: the channel, its address for viewers, and who signs."""
    assert server.certificate is not None
    with client(
        server,
        "kinesisvideo",
        endpoint_url=server.tls_endpoint_url,
        verify=str(server.certificate.path),
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
    ) as video:
        arn = video.describe_signaling_channel(ChannelName=CHANNEL)["ChannelInfo"]["ChannelARN"]
        wanted = {"Protocols": ["WSS"], "Role": "VIEWER"}
        found = video.get_signaling_channel_endpoint(
            ChannelARN=arn, SingleMasterChannelEndpointConfiguration=wanted
        )
    [row] = found["ResourceEndpointList"]
    return {
        "channelARN": arn,
        "channelEndpoint": row["ResourceEndpoint"],
        "accessKeyId": keys[0],
        "secretAccessKey": keys[1],
    }


def test_a_viewer_in_the_browser_sees_the_dock(server: Server, keys: Keys, caller: Browser) -> None:
    pytest.importorskip("aiortc")
    from kinesis_sim.workloads.calls.camera_master import CameraMaster

    assert server.tls_endpoint_url is not None
    assert server.certificate is not None
    way_in = viewers_way_in(server, keys)
    assert way_in["channelEndpoint"].startswith("wss://127.0.0.1")
    with (
        player_site() as site,
        fresh_page(caller) as page,
        CameraMaster(
            server.tls_endpoint_url,
            CHANNEL,
            DockCamera(7),
            start=9 * HOUR,
            seconds=SECONDS,
            keys=keys,
            ca_bundle=str(server.certificate.path),
        ) as master,
    ):
        page.goto(site)
        page.add_script_tag(url=f"{site}{SDK}")
        page.evaluate(VIEW, way_in)
        page.wait_for_function("() => video.videoWidth > 0")
        decoded = page.evaluate(DECODED, {"least": 0.95 * FRAMES, "patience": PATIENCE})
        page.wait_for_function(f"() => {SHOWN} >= {0.95 * FRAMES}")
        luma = base64.b64decode(page.evaluate(LUMA))
        page.evaluate("() => { line.close(); call.close(); }")
        sent = master.sent["ana"]
    assert 0.95 * FRAMES <= decoded <= sent <= FRAMES
    assert digits_in(luma, WIDTH, *CLOCK_AT, 8, CLOCK_SIZE) == "09:00:02"
