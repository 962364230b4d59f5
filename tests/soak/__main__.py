"""A server of ours under many clients for a while, and what became of its memory and its answers.

    python -m tests.soak --seconds 1800        (``make soak``)

The stream is split and merged, one Firehose stream goes to S3 and one to an endpoint that dies and
comes back, some clients send slowly or nothing at all. Two applications of Amazon's KCL 3 read
along, one that polls and one by enhanced fan-out over TLS (``make jvm-client`` builds them; without
them the figures say so). At the end everything that was acknowledged has to be in the stream once,
at both destinations, and read by both applications, each key in its order.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.processes import end, resident
from kinesis_sim.aws.control import ask
from tests.clients.java import CLASSPATH, Program
from tests.journal.crash import stored
from tests.soak.clients import STREAM, Clients
from tests.soak.endpoint import Endpoint

ROLE = "arn:aws:iam::123456789012:role/soak"
KCL = (("soak-polling", "polling"), ("soak-fan-out", "fan-out"))
KCL_SECONDS = 300
"""How long the applications may take to read what is left, at the end."""


class Served:
    """A server as a process of its own, whose memory is looked at every few seconds."""

    def __init__(self, endpoint: Endpoint) -> None:
        command = [sys.executable, "-m", "kinesis_sim", "serve", "--port", "0", "--tls-port", "0"]
        command += ["--cert-dir", str(endpoint.certificate.path.parent)]
        self.log = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the process)
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "SSL_CERT_FILE": str(endpoint.certificate.path)},
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.process.stdout is not None
        told = [self.process.stdout.readline().decode() for _ in range(3)]
        self.endpoint, self.tls_endpoint = _url(told[0]), _url(told[2])
        self.memory: list[tuple[float, int, int]] = []

    def client(self, service: str) -> Any:
        return Clients(self.endpoint).client(service)

    def tracebacks(self) -> int:
        self.log.seek(0)
        return self.log.read().count(b"Traceback")


def _url(line: str) -> str:
    [found] = (word for word in line.split() if word.startswith("http"))
    return found.rstrip(".,;")


def kcl(server: Served, endpoint: Endpoint, seconds: float) -> Program | None:
    """The applications of the KCL at work; None where they are not built."""
    java = shutil.which("java")
    if java is None or not CLASSPATH.is_file():
        return None
    reading = [part for name, how in KCL for part in (name, STREAM, how)]
    where = (server.endpoint, server.tls_endpoint, str(endpoint.certificate.path))
    patience = seconds + 3 * KCL_SECONDS
    return Program(java, "Tallies", *where, str(KCL_SECONDS), *reading, patience=patience)


def prepare(server: Served, endpoint: Endpoint) -> None:
    """The stream, the bucket, and two Firehose streams that read the stream."""
    server.client("s3").create_bucket(Bucket="soak")
    kinesis = server.client("kinesis")
    kinesis.create_stream(StreamName=STREAM, ShardCount=4)
    kinesis.get_waiter("stream_exists").wait(
        StreamName=STREAM, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    arn = kinesis.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    source = {"KinesisStreamARN": arn["StreamARN"], "RoleARN": ROLE}
    hose = server.client("firehose")
    hints = {"SizeInMBs": 1, "IntervalInSeconds": 15}
    s3 = {"BucketARN": "arn:aws:s3:::soak", "RoleARN": ROLE}
    common = {"DeliveryStreamType": "KinesisStreamAsSource"}
    hose.create_delivery_stream(
        DeliveryStreamName="to-s3",
        **common,
        KinesisStreamSourceConfiguration=source,
        ExtendedS3DestinationConfiguration={
            **s3,
            "Prefix": "records/",
            "BufferingHints": hints,
        },
    )
    hose.create_delivery_stream(
        DeliveryStreamName="to-endpoint",
        **common,
        KinesisStreamSourceConfiguration=source,
        HttpEndpointDestinationConfiguration={
            "EndpointConfiguration": {"Url": endpoint.url, "Name": "soak"},
            "BufferingHints": hints,
            "RetryOptions": {"DurationInSeconds": 600},
            "S3Configuration": {**s3, "Prefix": "failed/"},
        },
    )
    time.sleep(2)


def watched(server: Served, clients: Clients, seconds: float) -> None:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(min(5, seconds))
        at = time.monotonic() - began
        server.memory.append((at, resident(server.process.pid), len(clients.book.sent)))
        if len(server.memory) % 12 == 1:
            _tell(server, clients)


def _tell(server: Served, clients: Clients) -> None:
    at, rss, sent = server.memory[-1]
    book = clients.book
    print(  # noqa: T201
        f"{at:.0f} s: {len(book.took):,} calls, {sent:,} records, {rss >> 20} MiB, "
        f"{book.throttled:,} throttled, errors {dict(book.errors)}",
        flush=True,
    )


def in_s3(server: Served, prefix: str) -> list[str]:
    s3, found = server.client("s3"), list[str]()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="soak", Prefix=prefix)
    for row in (row for page in pages for row in page.get("Contents", [])):
        body = s3.get_object(Bucket="soak", Key=row["Key"])["Body"].read()
        found += body.decode().split()
    return found


def delivered(server: Served, endpoint: Endpoint, sent: set[str], patience: float) -> list[str]:
    """What reached S3, once all of it is there and at the endpoint, or patience is over."""
    until = time.monotonic() + patience
    while True:
        ask(server.endpoint, "clock/advance", {"by": "60s"})
        found = in_s3(server, "records/")
        if time.monotonic() > until or (sent <= set(found) and sent <= endpoint.taken):
            return found
        time.sleep(2)


def slope(points: list[tuple[float, float]]) -> float:
    """Of the line through some points, by least squares."""
    count = len(points)
    x, y = (sum(each) / count for each in zip(*points, strict=True))
    below = sum((at - x) ** 2 for at, _ in points)
    return sum((at - x) * (value - y) for at, value in points) / below if below else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the server ends with this
    with tempfile.TemporaryDirectory() as folder:
        endpoint = Endpoint(Path(folder))
        server = Served(endpoint)
        drain = threading.Thread(target=lambda: list(server.process.stdout or ()), daemon=True)
        drain.start()
        try:
            with ExitStack() as stack:
                prepare(server, endpoint)
                program = kcl(server, endpoint, given.seconds)
                if program is not None:
                    stack.enter_context(program)
                clients = Clients(server.endpoint, given.seed)
                clients.start(given.clients)
                watched(server, clients, given.seconds)
                clients.stop()
                endpoint.settle()
                read = _told(program, len(clients.book.sent))
                return report(server, endpoint, clients, given.seconds, read)
        finally:
            endpoint.stop()
            end(server.process)


def _told(program: Program | None, sent: int) -> dict[str, dict[str, int]]:
    """What the applications saw, once they have seen all that was sent."""
    if program is None:
        return {}
    told: dict[str, dict[str, int]] = program.ask(sent)
    program.finish()
    return told


def load(server: Served, clients: Clients, seconds: float) -> dict[str, Any]:
    """What the clients did and what it took, before anything is counted again."""
    book = clients.book
    calls = sorted(took for _, took in book.took)
    steady = [row for row in server.memory if row[0] > seconds / 3]
    per_record = slope([(float(sent), float(rss)) for _, rss, sent in steady]) if steady else 0
    return {
        "seconds": seconds,
        "calls": len(calls),
        "calls a second": round(len(calls) / seconds, 1),
        "p50 s": calls[len(calls) // 2],
        "p99 s": calls[len(calls) * 99 // 100],
        "max s": calls[-1],
        "throttled": book.throttled,
        "records": len(book.sent),
        "reshards": book.reshards,
        "MiB": [
            round(rss / 2**20) for _, rss, _ in server.memory[:: max(1, len(server.memory) // 12)]
        ],
        "bytes grown a record": round(per_record),
    }


def report(
    server: Served,
    endpoint: Endpoint,
    clients: Clients,
    seconds: float,
    read: dict[str, dict[str, int]],
) -> int:
    """Print what it came to; 1 when something was lost, doubled, disordered or refused."""
    book = clients.book
    sent = set(book.sent)
    print(json.dumps(load(server, clients, seconds), indent=1), flush=True)  # noqa: T201
    objects = delivered(server, endpoint, sent, patience=120)
    found = stored(server, STREAM)
    there = {data.strip(): number for data, number in found}
    lost = sum(there.get(data) != number for data, number in book.sent.items())
    figures = {
        "errors": dict(book.errors),
        "lost": lost,
        "doubled": len(found) - len(there),
        "not in S3": len(sent - set(objects)),
        "not at the endpoint": len(sent - endpoint.taken),
        "KCL": read or "not built",
        "not seen by a KCL": sum(max(0, len(sent) - each["records"]) for each in read.values()),
        "disordered for a KCL": sum(each["disordered"] for each in read.values()),
        "endpoint deaths": endpoint.deaths,
        "tracebacks": server.tracebacks(),
    }
    print(json.dumps(figures, indent=1))  # noqa: T201
    wrong = [
        *("errors", "lost", "doubled", "not in S3", "not at the endpoint", "tracebacks"),
        *("not seen by a KCL", "disordered for a KCL"),
    ]
    return int(any(figures[name] for name in wrong))


if __name__ == "__main__":
    sys.exit(main())
