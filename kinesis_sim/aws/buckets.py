"""The account's S3 buckets as those see them who deliver: moto's, with faults to inject.

``sim.buckets.refuse("lake", "AccessDenied")`` makes every write fail as S3 would answer;
``sim.buckets.accept("lake")`` ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.faults.kinds import KINDS
from kinesis_sim.account.storage import Undelivered
from kinesis_sim.aws.foreign import keep_buckets_apart
from kinesis_sim.aws.outside import seeded_within
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import faced

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_LONGEST, _LONGEST_NAME = 250, 64
"""Letters of a refusal, and of the name in one, that are told."""
_NO_NAME = "Invalid bucket name "
"""How botocore begins to refuse a name, with the regular expressions that no name of it fits."""
_NAMES = "S3 takes 3 to 63 lower-case letters, digits, hyphens and dots"
FAULTS = KINDS["bucket-outage"].codes
"""S3's error codes that can be injected, with S3's texts."""


@contextmanager
def _meant() -> Iterator[None]:
    """Raise UsageError for what botocore refuses to send."""
    from botocore.exceptions import ParamValidationError

    try:
        yield
    except ParamValidationError as error:
        text = " ".join(str(error).partition("\n")[2].split())
        if text.startswith(_NO_NAME):
            name = text.removeprefix(_NO_NAME).partition(": Bucket name must match")[0]
            text = f"{name[:_LONGEST_NAME]} can be no bucket's name: {_NAMES}."
        raise UsageError(text if len(text) < _LONGEST else f"{text[:_LONGEST]}….") from None


@faced
class Buckets:
    """Reads and writes the objects of one account."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._faults: dict[str, str] = {}

    @cached_property
    def _s3(self) -> Any:
        return self._sim.client("s3")

    def create(self, name: str) -> str:
        """Make a bucket in the simulator's Region, or keep the one that is there; returns its ARN.

        A lesson that is run again finds its bucket, in every Region as AWS has it in us-east-1.
        Raises UsageError for what can be no bucket's name.
        """
        region = self._sim.region
        elsewhere = {} if region == "us-east-1" else {"LocationConstraint": region}
        wanted = {"CreateBucketConfiguration": elsewhere} if elsewhere else {}
        with _meant(), suppress(self._s3.exceptions.BucketAlreadyOwnedByYou):
            self._s3.create_bucket(Bucket=name, **wanted)
        return f"arn:aws:s3:::{name}"

    def refuse(self, name: str, code: str = "AccessDenied") -> None:
        """Have every write to a bucket fail from now on. Raises UsageError for an unknown code."""
        if code not in FAULTS:
            raise UsageError(f"code={code!r}: choose one of {', '.join(FAULTS)}.")
        self._sim.inputs.note("bucket", name, code)
        self._faults[name] = code

    def accept(self, name: str) -> None:
        """Let writes to a bucket through again."""
        self._sim.inputs.note("bucket", name, None)
        self._faults.pop(name, None)

    def refused(self, name: str) -> str:
        """The code that every write to a bucket fails with; empty when writes go through."""
        return self._faults.get(name, "")

    def write(
        self, bucket: str, key: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        """Write an object; it is as old as the simulated time says.

        headers: kept with it. Raises Undelivered, with ``S3.<code>``, when S3 refuses it.

        Straight into moto's S3, past botocore: an object of 5 MiB costs milliseconds instead of a
        tenth of a second, and the state is the same.
        """
        from moto.s3.exceptions import AccessDeniedByLock, MissingBucket
        from moto.s3.models import s3_backends

        fault = self._faults.get(bucket)
        if fault is None:
            struck = self._sim.faults.strike("bucket", bucket, "PutObject")
            fault = None if struck is None else struck.code
        if fault is not None:
            raise Undelivered(f"S3.{fault}", FAULTS[fault])
        keep_buckets_apart()
        account = self._sim.account
        try:
            with seeded_within(account):  # the id of a version
                written = s3_backends[account]["aws"].put_object(bucket, key, body)
        except MissingBucket:
            raise Undelivered("S3.NoSuchBucket", FAULTS["NoSuchBucket"]) from None
        except AccessDeniedByLock:  # moto's way to say that the bucket is another account's
            raise Undelivered("S3.AccessDenied", FAULTS["AccessDenied"]) from None
        written.set_metadata(dict(headers or {}))
        written.last_modified = self._sim.now.replace(tzinfo=None)

    def read(self, bucket: str, key: str) -> bytes:
        """An object's body. Raises LookupError when it is not there."""
        from botocore.exceptions import ClientError

        try:
            with _meant():
                body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise LookupError(f"s3://{bucket}/{key}: {error}") from None
        return body

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of a bucket under a prefix, sorted. Raises LookupError for no bucket."""
        from botocore.exceptions import ClientError

        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        try:
            with _meant():
                return [row["Key"] for page in pages for row in page.get("Contents", ())]
        except ClientError as error:
            raise LookupError(f"s3://{bucket}: {error}") from None

    def objects(self, bucket: str, prefix: str = "") -> Iterator[tuple[str, bytes]]:
        """Every object under a prefix, with its body."""
        for key in self.keys(bucket, prefix):
            yield key, self.read(bucket, key)
