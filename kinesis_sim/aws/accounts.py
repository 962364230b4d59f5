"""The accounts of one server: each has all its Regions to itself; the clock is everybody's.

An access key that is a number of twelve digits names its account (the model's choice, which other
local stand-ins for AWS have, too); one that an account's IAM or STS gave is that account's; every
other key, and a call without one, means the account that the server was started with. They share
the clock and the lock; nothing else. A key is no proof: whoever knows the number is in, unless
signatures are verified.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kinesis_sim.arguments import said
from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from kinesis_sim.simulator import Simulator

MOST = 16
"""How many accounts calls may bring into being besides the server's own, unless told otherwise."""
_NUMBER = re.compile(r"[0-9]{12}")
_GIVEN = ("AKIA", "ASIA", "LKIA", "LSIA")
"""How keys begin that IAM and STS give, as AWS and moto write them."""
_KEYS = "moto.iam.models"  # which STS gives keys by, too


class Accounts:
    """The accounts that share one clock; iterating gives those in use, ``home`` first.

    most: how many there may be besides the first.
    """

    def __init__(self, home: Simulator, most: int = MOST) -> None:
        self.home = home
        self.most = most
        self._used = {home.account: home}

    def __iter__(self) -> Iterator[Simulator]:
        return iter(tuple(self._used.values()))

    def all_regions(self) -> Iterator[Simulator]:
        """Every simulator: each account's Regions in use."""
        for first in self:
            yield from first.regions

    def of_key(self, key: str | None) -> Simulator:
        """The account that an access key is of, in the server's Region.

        Raises ServiceError (403) for the number of one more than there may be.
        """
        try:
            return self.named_by(key) or self.home
        except UsageError as error:
            raise ServiceError("UnrecognizedClientException", str(error), 403) from None

    def named_by(self, key: str | None) -> Simulator | None:
        """The account that an access key names or is of; None for a key that nobody gave.

        Raises UsageError for one account too many.
        """
        if key is None or not self.most:
            return None
        return self.of(key) if _NUMBER.fullmatch(key) else self._giver(key)

    @typed
    def of(self, account: str) -> Simulator:
        """An account, made at first use. Raises UsageError for no account, or one too many."""
        found = self._used.get(account)
        if found is not None:
            return found
        if not _NUMBER.fullmatch(account):
            raise UsageError(f"account={said(account)}: an AWS account id has twelve digits.")
        with self.home.lock:
            if account not in self._used:
                if len(self._used) > self.most:
                    raise UsageError(
                        f"Account {account} would be one more than the {self.most} that this "
                        f"server keeps besides {self.home.account}; use one of them, or start it "
                        "with more (serve --accounts)."
                    )
                self._used[account] = self.home.made_in(self.home.region, account)
            return self._used[account]

    def at(self, place: str) -> Simulator:
        """The simulator of a journal's place (``account/region``). Raises UsageError."""
        if not place:
            return self.home
        account, _, region = place.partition("/")
        return self.of(account).regions.of(region)

    def _giver(self, key: str) -> Simulator | None:
        """The account whose IAM or STS gave a key; None when none did.

        A role's may be of an account that nobody used yet.
        """
        if not key.startswith(_GIVEN) or _KEYS not in sys.modules:  # nobody asked for a key yet
            return None
        from kinesis_sim.aws.sigv4 import account_of

        account = account_of(key, tuple(self._used))
        return None if account is None else self.of(account)
