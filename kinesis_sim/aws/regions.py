"""The Regions of one account: a simulator for each, made on first use, on one clock.

They share time, the lock, buckets and the receivers of deliveries, which belong to no Region;
streams, quotas, prices, metrics, functions and the event log are each Region's own, as on AWS.
What is kept in a data folder, or saved to a file, is the account with all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from kinesis_sim.arguments import said
from kinesis_sim.errors import UsageError
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

_SHARED = ("buckets", "receivers", "regions")


class Regions:
    """The simulators of one account, by Region; iterating gives those in use, ``home`` first."""

    def __init__(self, home: Simulator) -> None:
        self.home = home
        self._used = {home.region: home}

    def __iter__(self) -> Iterator[Simulator]:
        return iter(tuple(self._used.values()))

    @typed
    def of(self, region: str) -> Simulator:
        """The simulator of a Region. Raises UsageError for one that AWS does not have."""
        found = self._used.get(region)
        if found is not None:
            return found
        if region not in known(self.home.region):
            raise UsageError(
                f"region={said(region)}: AWS has no Kinesis in a Region of that name; use one such "
                f"as {self.home.region}, or make a laboratory: Simulator(region={said(region)})."
            )
        with self.home.lock:
            if region not in self._used:
                made = self._used[region] = self.home.made_in(region, self.home.account)
                for name in _SHARED:
                    made.__dict__[name] = getattr(self.home, name)
            return self._used[region]


@cache
def known(home: str) -> frozenset[str]:
    """The Regions that have Kinesis in the partition that a Region is in, as botocore knows them.

    An account is of one partition: one of China or GovCloud is another account.
    """
    import botocore.session
    from botocore.exceptions import UnknownRegionError

    session = botocore.session.Session()
    try:
        partition = session.get_partition_for_region(home)
    except UnknownRegionError:
        partition = "aws"
    return frozenset(session.get_available_regions("kinesis", partition))
