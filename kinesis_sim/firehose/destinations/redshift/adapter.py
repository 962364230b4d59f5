"""Firehose's side of Redshift: one COPY for one manifest, and what became of it.

The statement is what Firehose sends over JDBC; JDBC itself is not spoken (see ``warehouse``). Every
failure is worth another try: Firehose retries a COPY for the whole retry duration whatever the
reason was (facts/firehose §6), then skips the batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.redshift.codes import CopyError
from kinesis_sim.firehose.destinations.redshift.statement import copy_statement, read
from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
from kinesis_sim.firehose.outcome import Failure, Outcome
from kinesis_sim.firehose.record import Record

Connect = Callable[[str], Warehouse]
"""Port: the host of a JDBC URL → its warehouse. Raises LookupError when nothing answers there."""
Secret = Callable[[str], Mapping[str, str]]
"""Port to Secrets Manager: ARN → the secret's JSON. Raises LookupError when there is none."""
_URL = re.compile(r"jdbc:(?:redshift|postgresql)://([^:/]+):\d+/([\w$-]+)")


class _Address(NamedTuple):
    host: str
    database: str


class Redshift:
    """configuration: ``RedshiftDestinationConfiguration`` as botocore parses it."""

    def __init__(
        self, configuration: Mapping[str, Any], connect: Connect, secret: Secret | None = None
    ) -> None:
        self._configuration = configuration
        self._connect = connect
        self._secret = secret

    def statement(self, manifest: str) -> str:
        """The COPY for a manifest (``s3://bucket/key``), as Firehose issues it."""
        role = str(self._configuration["RoleARN"])
        return copy_statement(self._configuration["CopyCommand"], manifest, role)

    def copying(self, manifest: str) -> Copying:
        """The destination of the records that are staged in the objects of one manifest."""
        return Copying(self, manifest)

    def copy(self, manifest: str) -> int:
        """Have the warehouse run the COPY. Returns how long that took (ms). Raises CopyError."""
        warehouse = self._session()
        statement = self.statement(manifest)
        staged = self._configuration.get("S3Configuration", {})
        if staged.get("CompressionFormat", "UNCOMPRESSED") == "UNCOMPRESSED":
            copy = read(statement)
            if copy.has("GZIP") or copy.has("BZIP2"):
                raise CopyError("CompressionMismatch")
        warehouse.copy(statement)
        return warehouse.took_ms

    def _session(self) -> Warehouse:
        address = _address(str(self._configuration["ClusterJDBCURL"]))
        try:
            warehouse = self._connect(address.host)
        except LookupError:
            raise CopyError("ConnectionFailed", f"Nothing answers at {address.host}.") from None
        warehouse.connect(address.database, *self._login())
        return warehouse

    def _login(self) -> tuple[str | None, str | None]:
        """User and password: the configuration's, or the secret's when that is enabled."""
        manager = self._configuration.get("SecretsManagerConfiguration") or {}
        found: Mapping[str, Any] = self._configuration
        names = ("Username", "Password")
        if manager.get("Enabled"):
            names = ("username", "password")
            try:
                found = self._secret(manager.get("SecretARN", "")) if self._secret else {}
            except LookupError:
                found = {}
        return found.get(names[0]), found.get(names[1])


def _address(url: str) -> _Address:
    found = _URL.fullmatch(url)
    if found is None:
        raise UsageError(
            f"{url!r} is no JDBC URL of a cluster: jdbc:redshift://host:5439/database."
        )
    return _Address(found[1], found[2])


@dataclass(frozen=True)
class Copying:
    """A Destination: the records of a batch are loaded together or not at all.

    So it is on AWS: one bad row fails a COPY as a whole unless MAXERROR allows for it, and Firehose
    then skips the batch and leaves a manifest (facts/firehose §6). Rows that MAXERROR lets the
    warehouse leave out count as delivered, for Firehose sees a COPY that succeeded.
    """

    redshift: Redshift
    manifest: str

    def deliver(self, records: Sequence[Record], request_id: str, now: int) -> Outcome:
        """Try the COPY once; its codes are ``Redshift.<code>`` of the Firehose guide."""
        try:
            took_ms = self.redshift.copy(self.manifest)
        except CopyError as error:
            failures = [Failure(record, f"Redshift.{error.code}", str(error)) for record in records]
            return Outcome(0, failures)
        return Outcome(
            len(records), took_ms=took_ms, bytes=sum(len(record.data) for record in records)
        )


def manifest(objects: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The manifest of staged objects, given as (bucket, key), as COPY reads it."""
    return {
        "entries": [{"url": f"s3://{bucket}/{key}", "mandatory": True} for bucket, key in objects]
    }
