"""`import kinesis_sim` loads the standard library only; what is heavier waits for its first use."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
before = set(sys.modules)
import kinesis_sim
print(*sorted(set(sys.modules) - before))
"""


def loaded_by_importing() -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in run.stdout.split()}


def test_importing_the_package_loads_the_standard_library_only() -> None:
    loaded = loaded_by_importing()
    assert "kinesis_sim" in loaded
    assert loaded - {"kinesis_sim"} <= sys.stdlib_module_names


def test_importing_the_package_starts_no_machinery() -> None:
    """Modules of the standard library that cost tens of milliseconds, or open something."""
    assert loaded_by_importing().isdisjoint({"asyncio", "http", "socket", "ssl", "subprocess"})
