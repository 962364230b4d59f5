"""Proofs about Kinesis Video Streams: what is kept, by which clock, and who may watch it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.exceptions import ClientError

from kinesis_sim import Simulator
from kinesis_sim.course.proofs.bench import ONCE, came_true, refusal, simulator
from kinesis_sim.facts import row_named
from kinesis_sim.instants import to_datetime
from kinesis_sim.workloads.camera.dock_camera import DockCamera
from kinesis_sim.workloads.camera.producer import put, record

CAMERA, FRAGMENT_MS = "dock-camera", 4_000
EBML = b"\x1a\x45\xdf\xa3"  # what Matroska begins with


def _dock(hours: int | None, **settings: Any) -> tuple[Simulator, DockCamera]:
    """A stream that is ACTIVE, and a camera of four-second fragments. hours: None for default."""
    sim = simulator(**settings)
    retention = {} if hours is None else {"DataRetentionInHours": hours}
    _video(sim).create_stream(StreamName=CAMERA, **retention)
    sim.advance(seconds=3)
    return sim, DockCamera(7, gop=FRAGMENT_MS, fps=1)


def _video(sim: Simulator) -> Any:
    return sim.client("kinesisvideo", config=ONCE)


def _archived(sim: Simulator) -> Any:
    return sim.client("kinesis-video-archived-media", config=ONCE)


def _listed(sim: Simulator, **request: Any) -> list[dict[str, Any]]:
    rows = _archived(sim).list_fragments(StreamName=CAMERA, **request)["Fragments"]
    return sorted(rows, key=lambda row: str(row["FragmentNumber"]))


def _live(sim: Simulator) -> bytes:
    """What GetMedia gives from the earliest fragment on."""
    media = sim.client("kinesis-video-media", config=ONCE).get_media(
        StreamName=CAMERA, StartSelector={"StartSelectorType": "EARLIEST"}
    )["Payload"]
    found: bytes = media.read(64)
    media.close()
    return found


def _span(begin: int, end: int, by: str = "PRODUCER_TIMESTAMP") -> dict[str, Any]:
    """A selector. begin, end: epoch ms."""
    ends = {"StartTimestamp": begin / 1_000, "EndTimestamp": end / 1_000}
    return {"FragmentSelectorType": by, "TimestampRange": ends}


def by_default() -> tuple[str, ...]:
    """V03: a stream with default settings; what is there a minute, and a day, after the film."""
    sim, camera = _dock(None)
    record(sim, CAMERA, camera, seconds=8)
    sim.advance(minutes=1)
    live, stored = bool(_live(sim)), bool(_listed(sim))
    sim.advance(hours=24)
    return came_true(
        {
            "day": stored,
            "live": live and not stored and not _live(sim),
            "refused": not live,
            "gigabytes": bool(_live(sim)),
        }
    )


def session_without_retention() -> tuple[str, ...]:
    """V03: GetHLSStreamingSessionURL while the camera films, with retention 0."""
    sim, camera = _dock(0)
    record(sim, CAMERA, camera, seconds=8)
    code = refusal(_archived(sim).get_hls_streaming_session_url, StreamName=CAMERA)
    return came_true(
        {
            "session": code == "",
            "missing": code == "ResourceNotFoundException",
            "retention": code == "NoDataRetentionException",
            "argument": code == "InvalidArgumentException",
        }
    )


def at_most() -> tuple[str, ...]:
    """V04: the largest retention that CreateStream takes."""
    create = _video(simulator()).create_stream

    def takes(hours: int) -> bool:
        return not refusal(create, StreamName=f"kept-{hours}", DataRetentionInHours=hours)

    limits = {"week": 168, "year": 8_760, "ten": 87_600, "month": 720}
    return came_true({name: takes(most) and not takes(most + 1) for name, most in limits.items()})


def a_change_of_hours() -> tuple[str, ...]:
    """V04: 24 hours of retention, increased by 72."""
    sim, _ = _dock(24)
    version = _video(sim).describe_stream(StreamName=CAMERA)["StreamInfo"]["Version"]
    request = {
        "StreamName": CAMERA,
        "Operation": "INCREASE_DATA_RETENTION",
        "DataRetentionChangeInHours": 72,
    }
    bare = refusal(_video(sim).update_data_retention, **request)
    _video(sim).update_data_retention(CurrentVersion=version, **request)
    sim.advance(seconds=3)
    hours = _video(sim).describe_stream(StreamName=CAMERA)["StreamInfo"]["DataRetentionInHours"]
    return came_true(
        {
            "absolute": hours == 72,
            "sum": hours == 96 and bool(bare),
            "same": hours == 24,
            "no-version": hours == 96 and not bare,
        }
    )


def uploaded_late() -> tuple[str, ...]:
    """V05: a minute filmed at once, uploaded an hour later; searched by both clocks."""
    sim, camera = _dock(24)
    begin = sim.clock.now
    film = b"".join(camera.media(begin, seconds=60))
    sim.advance(hours=1)
    put(sim, CAMERA, film, start=begin)
    sim.advance(seconds=2)
    found = {
        by: len(_listed(sim, FragmentSelector=_span(begin, begin + 60_000, by)))
        for by in ("PRODUCER_TIMESTAMP", "SERVER_TIMESTAMP")
    }
    return came_true(
        {
            "both": all(found.values()),
            "server": not found["PRODUCER_TIMESTAMP"] and bool(found["SERVER_TIMESTAMP"]),
            "producer": found == {"PRODUCER_TIMESTAMP": 15, "SERVER_TIMESTAMP": 0},
            "neither": not any(found.values()),
        }
    )


def safe_to_forget() -> tuple[str, ...]:
    """V05: after which acknowledgement a fragment is stored, with a day of retention."""
    sim, camera = _dock(24, delays="realistic")
    said = {
        "StreamName": CAMERA,
        "FragmentTimecodeType": "ABSOLUTE",
        "ProducerStartTimestamp": "0",
    }
    connection = sim.gate.converse("kinesisvideo", "PutMedia", said)
    first, *parts = camera.media(sim.clock.now, seconds=4, absolute=True)
    stored: dict[str, bool] = {}

    def hear() -> None:
        lines = connection.next_event() or b""
        for kind in ("BUFFERING", "RECEIVED", "PERSISTED"):
            if kind.encode() in bytes(lines):  # type: ignore[arg-type]
                stored[kind] = bool(_listed(sim))

    connection.take(first + parts[0][:200])
    hear()
    connection.take(parts[0][200:])
    connection.finish()
    hear()
    sim.advance(seconds=2)
    hear()
    return came_true(
        {
            "buffering": stored["BUFFERING"],
            "received": stored["RECEIVED"],
            "persisted": stored == {"BUFFERING": False, "RECEIVED": False, "PERSISTED": True},
            "answer": "PERSISTED" not in stored,
        }
    )


def key_frames_apart() -> tuple[str, ...]:
    """V05: one key frame in thirty seconds."""
    sim, _ = _dock(24)
    camera = DockCamera(7, gop=30_000, fps=1)
    begin = sim.clock.now
    last = put(sim, CAMERA, b"".join(camera.media(begin, seconds=30)), start=begin)[-1]
    sim.advance(seconds=2)
    return came_true(
        {
            "duration": (last.event, last.error_id) == ("ERROR", 4002) and not _listed(sim),
            "cut": len(_listed(sim)) > 1,
            "whole": len(_listed(sim)) == 1,
            "order": last.error_id == 4004,
        }
    )


def same_times_again() -> tuple[str, ...]:
    """V05: a file whose times begin anew, as two recordings put together have them."""
    sim, camera = _dock(24)
    begin = sim.clock.now
    parts = [camera.fragment(begin, at) for at in (0, 4_000, 0)]
    last = put(sim, CAMERA, camera.header() + b"".join(parts), start=begin)[-1]
    sim.advance(seconds=2)
    return came_true(
        {
            "sorted": len(_listed(sim)) == 3,
            "order": last.error_id == 4004 and len(_listed(sim)) == 2,
            "nothing": not _listed(sim),
            "newest": last.event != "ERROR" and len(_listed(sim)) == 2,
        }
    )


def second_producer() -> tuple[str, ...]:
    """V05: a second camera connects while the first one sends."""
    sim, camera = _dock(24)
    said = {
        "StreamName": CAMERA,
        "FragmentTimecodeType": "RELATIVE",
        "ProducerStartTimestamp": str(sim.clock.now // 1_000),
    }
    first = sim.gate.converse("kinesisvideo", "PutMedia", said)
    try:
        code = ""
        sim.gate.converse("kinesisvideo", "PutMedia", said)
    except Exception as error:
        code = str(getattr(error, "code", error))
    first.take(b"".join(camera.media(sim.clock.now, seconds=4)))
    first.finish()
    sim.advance(seconds=2)
    works, refused = bool(_listed(sim)), code == "ConnectionLimitExceededException"
    return came_true(
        {
            "mixed": works and not code,
            "takes-over": not works and not code,
            "refused": works and refused,
            "both": not works and refused,
        }
    )


def fourth_reader() -> tuple[str, ...]:
    """V06: four programs call GetMedia; then four players open sessions."""
    sim, camera = _dock(24)
    record(sim, CAMERA, camera, seconds=20)
    client = sim.client("kinesis-video-media", config=ONCE)
    request = {"StreamName": CAMERA, "StartSelector": {"StartSelectorType": "NOW"}}
    codes = []
    open_ = []
    for _ in range(4):
        try:
            open_.append(client.get_media(**request))
            codes.append("")
        except ClientError as error:
            codes.append(str(error.response["Error"]["Code"]))
    session = _archived(sim).get_hls_streaming_session_url
    players = [refusal(session, StreamName=CAMERA) for _ in range(4)]
    fourth = codes[:3] == ["", "", ""] and codes[3] == "ConnectionLimitExceededException"
    return came_true(
        {
            "sessions": fourth and not any(players),
            "shards": not fourth,
            "neither": fourth and any(players),
            "unlimited": not any(codes),
        }
    )


def address_given_away() -> tuple[str, ...]:
    """V06: a session's address is opened by a stranger, after four minutes and after six."""
    sim, camera = _dock(24)
    record(sim, CAMERA, camera, seconds=20)
    answer = _archived(sim).get_hls_streaming_session_url(StreamName=CAMERA)
    parts = urlsplit(answer["HLSStreamingSessionURL"])
    pages = sim.services["kinesis-video-archived-media"].pages

    def status() -> int:
        page = pages(parts.path, dict(parse_qsl(parts.query)))
        assert page is not None
        return page.status

    sim.advance(minutes=4)
    early = status()
    sim.advance(minutes=2)
    late = status()
    return came_true(
        {
            "signed": early == 403,
            "five": (early, late) == (200, 403),
            "retention": (early, late) == (200, 200),
            "gone": early == 404,
        }
    )


def replay_goes_on() -> tuple[str, ...]:
    """V06: from a past instant on and then live; which mode's playlist grows past its first end."""
    sim, camera = _dock(24)
    begin = sim.clock.now
    record(sim, CAMERA, camera, seconds=20)
    client, grows = _archived(sim), {}
    for mode in ("ON_DEMAND", "LIVE_REPLAY"):
        span = {"StartTimestamp": begin / 1_000}
        if mode == "ON_DEMAND":
            span["EndTimestamp"] = sim.clock.now / 1_000
        selector = {"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": span}
        grows[mode] = client.get_hls_streaming_session_url(
            StreamName=CAMERA, PlaybackMode=mode, HLSFragmentSelector=selector
        )["HLSStreamingSessionURL"]
    live = refusal(
        client.get_hls_streaming_session_url, StreamName=CAMERA, PlaybackMode="LIVE",
        HLSFragmentSelector=selector,
    )  # fmt: skip
    record(sim, CAMERA, camera, seconds=60)
    grown = {mode: _segments(sim, url) for mode, url in grows.items()}
    return came_true(
        {
            "live": not live,
            "on-demand": grown["ON_DEMAND"] > 5,
            "replay": bool(live) and grown["ON_DEMAND"] == 5 and grown["LIVE_REPLAY"] > 5,
            "clip": False,  # a file that is made cannot grow
        }
    )


def _segments(sim: Simulator, url: str) -> int:
    """The number of the last fragment that a session's playlist lists."""
    parts = urlsplit(url)
    path = parts.path.replace("Master", "Media")
    query = {**dict(parse_qsl(parts.query)), "TrackNumber": "1"}
    page = sim.services["kinesis-video-archived-media"].pages(path, query)
    assert page is not None
    lines = page.body.decode().splitlines()
    [first] = [int(line.partition(":")[2]) for line in lines if "MEDIA-SEQUENCE" in line]
    return first - 1 + sum(line.startswith("#EXTINF") for line in lines)


def incident() -> tuple[str, ...]:
    """V07: the same minute by GetClip, and by GetMediaForFragmentList."""
    sim, camera = _dock(24)
    begin = sim.clock.now
    record(sim, CAMERA, camera, seconds=60)
    client = _archived(sim)
    clip = client.get_clip(
        StreamName=CAMERA, ClipFragmentSelector=_span(begin, begin + 60_000)
    )["Payload"].read()  # fmt: skip
    numbers = [row["FragmentNumber"] for row in _listed(sim)]
    media = client.get_media_for_fragment_list(StreamName=CAMERA, Fragments=numbers)
    session = client.get_hls_streaming_session_url(StreamName=CAMERA)
    return came_true(
        {
            "clip": clip[4:8] == b"ftyp",
            "list": media["Payload"].read(8)[4:8] == b"ftyp",
            "session": not isinstance(session["HLSStreamingSessionURL"], str),
            "media": _live(sim)[4:8] == b"ftyp",
        }
    )


def left_out() -> int:
    """V07: a range from three seconds into a fragment of four; seconds from there to the first."""
    sim, camera = _dock(24)
    begin = sim.clock.now
    record(sim, CAMERA, camera, seconds=40)
    start = begin + 11_000
    rows = _listed(sim, FragmentSelector=_span(start, begin + 40_000))
    first: datetime = min(row["ProducerTimestamp"] for row in rows)
    return round(first.timestamp() * 1_000 - start) // 1_000


def encrypted() -> tuple[str, ...]:
    """V12: the key of a stream for which nobody named one, and whether it can be taken away."""
    sim, _ = _dock(24)
    key = _video(sim).describe_stream(StreamName=CAMERA)["StreamInfo"]["KmsKeyId"]
    operations = _video(sim).meta.service_model.operation_names
    switch = [name for name in operations if "Encryption" in name]
    own = key.endswith("alias/aws/kinesisvideo")
    return came_true(
        {
            "off": not key,
            "managed": own and not switch,
            "customer": bool(key) and not own,
            "started": bool(switch),
        }
    )


def no_put_media() -> tuple[str, ...]:
    """V01: what of PutMedia boto3 has, in any of its clients for video."""
    sim = simulator()
    names = ("kinesisvideo", "kinesis-video-media", "kinesis-video-archived-media")
    clients = [sim.client(name) for name in names]
    has = any("PutMedia" in each.meta.service_model.operation_names for each in clients)
    records = any("PutRecords" in each.meta.service_model.operation_names for each in clients)
    return came_true({"sdk": not has, "boto3": has, "records": records, "upload": False})


def new_account() -> tuple[str, ...]:
    """V09: bikes seen in a stream's media by a reader of one's own; what else reads such a stream.

    Whether Rekognition takes new customers is no matter of a run: the row of facts says since when
    it does not.
    """
    sim, camera = _dock(24, start="2026-11-01T00:00:00Z")
    record(sim, CAMERA, camera, seconds=20)
    film = sim.client("kinesis-video-media", config=ONCE).get_media(
        StreamName=CAMERA, StartSelector={"StartSelectorType": "EARLIEST"}
    )["Payload"]
    media = film.read(4)
    film.close()
    row = row_named("video/8/rekognition-video")
    assert row is not None
    [closed] = re.findall(r"closed to new customers since ([\d-]+)", row.value)
    sources = {
        "firehose": _members(sim, "firehose", "CreateDeliveryStream"),
        "sql": _members(sim, "kinesisanalytics", "AddApplicationInput", "Input"),
    }
    reads = {name: any("Video" in each for each in found) for name, found in sources.items()}
    open_ = f"{to_datetime(sim.clock.now):%Y-%m-%d}" < closed
    return came_true({"own": media == EBML, "rekognition": open_, **reads})


def _members(sim: Simulator, service: str, operation: str, inside: str = "") -> list[str]:
    """The parameters of an operation, or of one of them."""
    shape = sim.client(service).meta.service_model.operation_model(operation).input_shape
    return list(shape.members[inside].members if inside else shape.members)
