"""The ledger: what botocore's model declares, and how much of it this simulator really does.

It lists every (operation, declared error) pair and every constraint of every operation we have, and
tries them: constraints with requests built from the model, errors with the scenarios, each through
the gate. What is not raised stands in a data file with the reason. ``python -m kinesis_sim ledger``
prints it.
"""

from kinesis_sim.fidelity.ledger.entry import LedgerEntry, Make, entry
from kinesis_sim.fidelity.ledger.report import as_json, as_text
from kinesis_sim.fidelity.ledger.trial import Seen, provoke

__all__ = ["LedgerEntry", "Make", "Seen", "as_json", "as_text", "entry", "provoke"]
