"""A few rounds of SIGKILL under load; ``make crash`` runs two hundred."""

from __future__ import annotations

import pytest

from tests.journal.crash import run


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_a_kill() -> None:
    findings = run(rounds=3, writers=3, seed=1, longest=0.6)
    assert findings.acknowledged > 0
    assert findings.is_clean, findings
