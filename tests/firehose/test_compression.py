"""Compressed bodies open in public tools, and are the same bytes each time."""

from __future__ import annotations

import gzip
import io
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinesis_sim.firehose.compression import EXTENSIONS, compress, decompress, default_extension

BODY = b'{"page": "/home"}\n' * 5_000  # more than two blocks of Snappy


@pytest.mark.parametrize("compression", EXTENSIONS)
@given(body=st.binary(max_size=2_000))
def test_bodies_come_back(compression: str, body: bytes) -> None:
    packed = compress(compression, body)
    assert decompress(compression, packed) == body
    assert compress(compression, body) == packed


def test_gzip_opens_and_names_no_time() -> None:
    packed = compress("GZIP", BODY)
    assert gzip.decompress(packed) == BODY
    assert packed[4:8] == b"\0\0\0\0"
    assert decompress("GZIP", packed + packed) == BODY + BODY


def test_zip_opens() -> None:
    with zipfile.ZipFile(io.BytesIO(compress("ZIP", BODY, "a-uuid"))) as archive:
        assert archive.testzip() is None
        [entry] = archive.infolist()
        assert entry.filename == "a-uuid"
        assert entry.date_time == (1980, 1, 1, 0, 0, 0)
        assert archive.read(entry) == BODY


def block(packed: bytes, size: int) -> bytes:
    return pa.decompress(packed, size, codec="snappy", asbytes=True)


def test_snappy_is_the_stream_of_snappy_java() -> None:
    packed = compress("Snappy", BODY)
    assert packed[:16] == bytes.fromhex("82534e41505059000000000100000001")
    size = int.from_bytes(packed[16:20], "big")
    assert block(packed[20 : 20 + size], 32_768) == BODY[:32_768]
    assert decompress("Snappy", packed) == BODY


def test_hadoop_snappy_is_blocks_of_32_kib() -> None:
    packed = compress("HADOOP_SNAPPY", BODY)
    assert int.from_bytes(packed[:4], "big") == 32_768
    size = int.from_bytes(packed[4:8], "big")
    assert block(packed[8 : 8 + size], 32_768) == BODY[:32_768]
    assert decompress("HADOOP_SNAPPY", packed) == BODY


def test_default_extensions() -> None:
    assert [default_extension(name) for name in EXTENSIONS] == list(EXTENSIONS.values())
    assert default_extension(converted="Parquet") == ".parquet"
    assert default_extension(converted="ORC") == ".orc"
