"""The identifier that tells a record from all others, of this stream and of any.

OpenSearch gets it as Firehose's document id. AWS says that it is stable and unique, not how it is
made; here it looks like the identifiers of its error rows. A record of a data stream has its
sequence number; the rest is the model's choice.
"""

from __future__ import annotations

from hashlib import blake2b

from kinesis_sim.firehose.record import Record


def record_id(record: Record, stream_arn: str) -> str:
    """The same at every try, and different for every record of every stream."""
    if record.origin is not None:
        return f"{record.origin.sequence_number}.{record.origin.subsequence}"
    return f"49{_mark(stream_arn):015d}{record.arrived:015d}{record.number:024d}.0"


def guid(text: str) -> str:
    """A GUID that follows from a text alone."""
    digits = blake2b(text.encode(), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _mark(stream_arn: str) -> int:
    return int.from_bytes(blake2b(stream_arn.encode(), digest_size=6).digest())
