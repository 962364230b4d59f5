"""CompressionFormat of an S3 destination: what is done to the joined records of an object.

The same bytes in give the same bytes out: no time, no file name of the machine is written into
them. Default extensions: DG:s3-object-name (facts/firehose §3).

What is inside the formats is not documented; it follows objects that AWS wrote, as reported in
floci-io/floci issue 2328 and pull request 2410 (August 2026): Snappy is snappy-java's own stream
(magic ``82 SNAPPY 00``), Hadoop-Snappy is Hadoop's block format, both in blocks of 32 KiB; a ZIP
archive has one deflated entry named by a UUID. Hadoop-Snappy has the extension ``.snappy``, too, by
that report and by CAP docs/firehose; the guide says ``.hsnappy``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from kinesis_sim.errors import MissingPackage

EXTENSIONS = {
    "UNCOMPRESSED": "",
    "GZIP": ".gz",
    "ZIP": ".zip",
    "Snappy": ".snappy",
    "HADOOP_SNAPPY": ".snappy",
}
LEVEL = 6
CONTENT_ENCODINGS = {
    "GZIP": "gzip",
    "ZIP": "zip",
    "Snappy": "snappy-java",
    "HADOOP_SNAPPY": "hadoop-snappy",
}
"""The Content-Encoding of objects, by the same reports; uncompressed ones have none."""
CONTENT_TYPE = "application/octet-stream"
"""Of every object."""
BLOCK = 32_768
"""Bytes of a Snappy block before compression: the default of snappy-java's streams."""
SNAPPY_JAVA = b"\x82SNAPPY\x00" + struct.pack(">II", 1, 1)
ENTRY = "records"
ZIP_DATE = 0x0021  # 1980-01-01, the first day that the format can name


def default_extension(compression: str = "UNCOMPRESSED", converted: str = "") -> str:
    """The extension of objects without a FileExtension. converted: "Parquet", "ORC", or ""."""
    return {"Parquet": ".parquet", "ORC": ".orc"}.get(converted) or EXTENSIONS[compression]


def compress(compression: str, body: bytes, entry: str = ENTRY) -> bytes:
    """The body in a CompressionFormat. entry: name of the file in a ZIP archive; AWS gives a UUID.

    Raises MissingPackage for the Snappy formats without cramjam.
    """
    return _zip(body, entry.encode()) if compression == "ZIP" else _FORMATS[compression][0](body)


def decompress(compression: str, body: bytes) -> bytes:
    """The body that ``compress`` was given."""
    return _FORMATS[compression][1](body)


def _same(body: bytes) -> bytes:
    return body


def _deflated(body: bytes) -> bytes:
    machine = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return machine.compress(body) + machine.flush()


def gzip(body: bytes) -> bytes:
    """A gzip member without time, name or system (RFC 1952)."""
    head = b"\x1f\x8b\x08\x00" + b"\x00" * 4 + b"\x00\xff"
    return head + _deflated(body) + struct.pack("<II", zlib.crc32(body), len(body) & 0xFFFFFFFF)


def gunzip(body: bytes) -> bytes:
    """The content of all members of a gzip file."""
    parts = []
    while body:
        machine = zlib.decompressobj(31)
        parts.append(machine.decompress(body) + machine.flush())
        body = machine.unused_data
    return b"".join(parts)


def _zip(body: bytes, entry: bytes) -> bytes:
    """An archive of one entry, written by hand: zipfile would want a file."""
    packed = _deflated(body)
    common = struct.pack(
        "<HHHHHIIIHH",
        *(20, 0, 8, 0, ZIP_DATE),
        *(zlib.crc32(body), len(packed), len(body), len(entry), 0),
    )
    local = b"PK\x03\x04" + common + entry + packed
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common
    central += struct.pack("<HHHII", 0, 0, 0, 0, 0) + entry
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end


def _unzip(body: bytes) -> bytes:
    name, extra = struct.unpack_from("<HH", body, 26)
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body[30 + name + extra :])


def _snappy() -> Any:
    try:
        from cramjam import snappy
    except ImportError:
        raise MissingPackage(
            'Snappy objects need cramjam: pip install "kinesis-lab[firehose]"'
        ) from None
    return snappy


def _blocks(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Size before compression, and compressed bytes, of each block."""
    snappy = _snappy()
    for start in range(0, len(body), BLOCK):
        block = body[start : start + BLOCK]
        yield len(block), bytes(snappy.compress_raw(block))


def _snappy_java(body: bytes) -> bytes:
    blocks = (struct.pack(">I", len(packed)) + packed for _, packed in _blocks(body))
    return SNAPPY_JAVA + b"".join(blocks)


def _unsnappy_java(body: bytes) -> bytes:
    return _unblocked(body, len(SNAPPY_JAVA), 0)


def _hadoop(body: bytes) -> bytes:
    return b"".join(
        struct.pack(">II", size, len(packed)) + packed for size, packed in _blocks(body)
    )


def _unhadoop(body: bytes) -> bytes:
    return _unblocked(body, 0, 4)


def _unblocked(body: bytes, at: int, skipped: int) -> bytes:
    """Blocks from a place on; skipped: bytes before each block's compressed size."""
    snappy = _snappy()
    out = bytearray()
    while at < len(body):
        (packed,) = struct.unpack_from(">I", body, at + skipped)
        start = at + skipped + 4
        at = start + packed
        out += bytes(snappy.decompress_raw(body[start:at]))
    return bytes(out)


Codec = Callable[[bytes], bytes]
_FORMATS: dict[str, tuple[Codec, Codec]] = {
    "UNCOMPRESSED": (_same, _same),
    "GZIP": (gzip, gunzip),
    "ZIP": (lambda body: _zip(body, ENTRY.encode()), _unzip),
    "Snappy": (_snappy_java, _unsnappy_java),
    "HADOOP_SNAPPY": (_hadoop, _unhadoop),
}
