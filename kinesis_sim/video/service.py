"""Kinesis Video Streams as its services: one catalog, an API each for control, live media, …"""

from __future__ import annotations

from kinesis_sim.account.service import Service, Surroundings, Talk, operations
from kinesis_sim.video import operations as control
from kinesis_sim.video.catalog import VideoCatalog
from kinesis_sim.video.charges import VideoCharges
from kinesis_sim.video.hosts import is_host
from kinesis_sim.video.metrics import VideoMetrics
from kinesis_sim.video.operations import archived_media, media, signaling, webrtc_storage
from kinesis_sim.video.pages import Player
from kinesis_sim.video.producing import HEADERS, put_media
from kinesis_sim.video.signaling.channels import connect_as_master, connect_as_viewer
from kinesis_sim.video.signaling.charges import SignalingCharges
from kinesis_sim.video.signaling.metrics import SignalingMetrics
from kinesis_sim.video.storing import session

CAPITALS = ("HLS", "DASH", "URL")
MASTER = {"X-Amz-ChannelARN": "ChannelARN"}
"""What a WebSocket's address says of a master's connection, and of a viewer's (facts/video §7)."""
VIEWER = {**MASTER, "X-Amz-ClientId": "ClientId"}


def services(around: Surroundings) -> tuple[Service, ...]:
    """The services of one account."""
    catalog, charges, calls = VideoCatalog(around), VideoCharges(), SignalingCharges()
    named_by = {
        "StreamARN": "{}",
        "StreamName": f"{catalog.place}:stream/{{}}/*",
        "ChannelARN": "{}",
        "ChannelName": f"{catalog.place}:channel/{{}}/*",
        "channelArn": "{}",
        "ResourceARN": "{}",
    }

    def service(name: str, title: str, module: object, **more: object) -> Service:
        api = operations(module, CAPITALS)  # type: ignore[arg-type]
        return Service(
            name=name,
            title=title,
            state=catalog,
            operations=api,
            named_by=named_by,
            acts_on=dict.fromkeys(api, catalog.arn_of),
            admit=catalog.admit_call,
            hosts=is_host,
            **more,  # type: ignore[arg-type]
        )

    return (
        service(
            "kinesisvideo",
            "Kinesis Video Streams",
            control,
            talks={"PutMedia": Talk("/putMedia", HEADERS, put_media)},
            folds=(VideoMetrics(around.metrics), charges),
            lines=charges.lines,
        ),
        service(
            "kinesis-video-media",
            "Kinesis Video Streams media",
            media,
            data_plane=frozenset({"GetMedia"}),
        ),
        service(
            "kinesis-video-archived-media",
            "Kinesis Video Streams archived media",
            archived_media,
            pages=Player(catalog, catalog.sessions).page,
        ),
        service(
            "kinesis-video-signaling",
            "Kinesis Video Streams signaling",
            signaling,
            folds=(SignalingMetrics(around.metrics), calls),
            lines=calls.lines,
            talks={
                "ConnectAsMaster": Talk("/", MASTER, connect_as_master, messages=True),
                "ConnectAsViewer": Talk("/", VIEWER, connect_as_viewer, messages=True),
            },
        ),
        service(
            "kinesis-video-webrtc-storage",
            "Kinesis Video Streams WebRTC storage",
            webrtc_storage,
            talks={session.TALK: Talk(None, {}, session.member)},
        ),
    )
