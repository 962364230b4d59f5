"""The ledger in print: a table for people, JSON for README's test and other tools.

make: makes the fresh simulators on which things are tried, e.g. ``Simulator``.
"""

from __future__ import annotations

import json
from itertools import groupby

from kinesis_sim.fidelity.ledger.entry import LedgerEntry, Make, entry


def as_json(make: Make) -> str:
    """The counts of every service we answer ourselves, by service, as one JSON object."""
    return json.dumps({made.service: made.counts() for made in entries(make)})


def as_text(make: Make) -> str:
    """The counts as a table, and below it the errors that are not raised, with the reasons."""
    return "\n\n".join(_page(made) for made in entries(make))


def entries(make: Make) -> list[LedgerEntry]:
    """The entry of every service behind the gate."""
    return [entry(service, make) for service in make().gate.services()]


def _page(made: LedgerEntry) -> str:
    have, of = made.counts()["operations"]
    raised, listed, pairs = made.counts()["errors"]
    tested, rules = made.counts()["constraints"]
    lines = [
        made.service,
        f"  operations   {have} of {of}",
        f"  errors       {raised} raised and {listed} listed, of {pairs} declared",
        f"  constraints  {tested} tested and {len(made.vacuous)} unbreakable, of {rules}",
        "  not raised:",
    ]
    by_reason = sorted(made.listed.items(), key=lambda item: (item[0][1], item[1], item[0]))
    for (code, reason), pairs_of in groupby(by_reason, key=lambda item: (item[0][1], item[1])):
        names = ", ".join(operation for (operation, _), _ in pairs_of)
        lines.append(f"    {code}: {reason}\n      {names}")
    return "\n".join(lines)
