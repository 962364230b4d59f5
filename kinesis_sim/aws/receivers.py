"""Everything within this process that Firehose of one account can deliver to, beside S3."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kinesis_sim.errors import UsageError
from kinesis_sim.firehose.destinations.registry import Made, Receivers
from kinesis_sim.signatures import faced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kinesis_sim.firehose.destinations.iceberg.lakehouse import Lakehouse
    from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse
    from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount
    from kinesis_sim.simulator import Simulator


@faced
class AccountReceivers(Receivers):
    """The receivers that speak HTTP, and warehouses and lakes, which are called in process."""

    def __init__(self, sim: Simulator) -> None:
        super().__init__(sim.account, sim.region)
        self._sim = sim
        self.warehouses: dict[str, Warehouse] = {}
        self.snowflakes: dict[str, SnowflakeAccount] = {}

    def add(self, receiver: Made) -> Made:
        """As every registry does; what a receiver took in cannot be saved."""
        added = super().add(receiver)
        self._sim.inputs.mark("a receiver in this process (sim.receivers)")
        return added

    @cached_property
    def lakehouse(self) -> Lakehouse:
        """The account's Iceberg tables; ``catalog_arn`` is for ``CatalogConfiguration``.

        There is one of them, as there is one Glue Data Catalog.
        """
        from kinesis_sim.firehose.destinations.iceberg import available  # noqa: F401
        from kinesis_sim.firehose.destinations.iceberg.lakehouse import Lakehouse

        return Lakehouse(lambda: self._sim.clock.now)

    @property
    def catalog_arn(self) -> str:
        """The CatalogARN of an Iceberg destination."""
        return f"arn:aws:glue:{self.region}:{self.account}:catalog"

    def warehouse(
        self, name: str, *, database: str = "dev", users: Mapping[str, str] | None = None
    ) -> Warehouse:
        """A Redshift cluster on DuckDB; ``jdbc_url(name)`` is for ``ClusterJDBCURL``.

        users: name → password; without, anybody may log in. Raises UsageError for a taken name.
        """
        from kinesis_sim.firehose.destinations.redshift.warehouse import Warehouse

        host = self._cluster(name)
        if host in self.warehouses:
            raise UsageError(f"There is a warehouse {name!r} already; take another name.")
        made = Warehouse(
            self._sim.buckets.read, lambda: self._sim.clock.now, database=database, users=users
        )
        self._sim.inputs.mark("a receiver in this process (sim.receivers)")
        self.warehouses[host] = made
        return made

    def jdbc_url(self, name: str) -> str:
        """The ClusterJDBCURL of a warehouse."""
        host = self._cluster(name)
        return f"jdbc:redshift://{host}:5439/{self.connect(host).database}"

    def connect(self, host: str) -> Warehouse:
        """The warehouse at a host. Raises LookupError when nothing answers there."""
        return self.warehouses[host]

    def _cluster(self, name: str) -> str:
        return f"{name}.{self.region}.redshift.amazonaws.com"

    def snowflake(
        self,
        name: str,
        *,
        database: str = "LAB",
        schema: str = "PUBLIC",
        users: Mapping[str, Sequence[str]] | None = None,
    ) -> SnowflakeAccount:
        """A Snowflake account on DuckDB; ``snowflake_url(name)`` is for ``AccountUrl``.

        users: name → roles, the default first; without, anybody. Raises UsageError for a taken
        name.
        """
        from kinesis_sim.firehose.destinations.snowflake.account import SnowflakeAccount

        host = self.snowflake_url(name).removeprefix("https://")
        if host in self.snowflakes:
            raise UsageError(f"There is a Snowflake account {name!r} already; take another name.")
        made = SnowflakeAccount(
            lambda: self._sim.clock.now, database=database, schema=schema, users=users
        )
        self._sim.inputs.mark("a receiver in this process (sim.receivers)")
        self.snowflakes[host] = made
        return made

    def snowflake_url(self, name: str) -> str:
        """The AccountUrl of a Snowflake account."""
        return f"https://{name}.snowflakecomputing.com"
