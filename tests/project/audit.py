"""What is installed: is it what was tested, under which licences, with known holes?

``python -m tests.project.audit``. Versions and licences need no network. Advisories do: they are
asked of pip-audit where that is installed, and said not to have been asked where it is not.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import Distribution, distribution, distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project.source import ROOT

FREE = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software|ISC|MPL|Mozilla|Unlicense|Public Domain|CC0|HPND|Zlib",
    re.IGNORECASE,
)
"""Licences that ask nothing of a program that merely depends on the package."""
SELF = "kinesis-lab"


def pinned() -> dict[str, str]:
    """The versions of constraints.txt that are for this Python and system."""
    rows = map(Requirement, (ROOT / "constraints.txt").read_text().splitlines())
    return {
        canonicalize_name(row.name): str(row.specifier).removeprefix("==")
        for row in rows
        if row.marker is None or row.marker.evaluate()
    }


def licence(found: Distribution) -> str:
    """What a distribution says of its licence, in one line."""
    data = found.metadata
    classes = [
        row.rpartition("::")[2].strip()
        for row in data.get_all("Classifier") or ()
        if row.startswith("License")
    ]
    said = data.get("License-Expression") or "; ".join(classes) or data.get("License") or ""
    return said.strip().partition("\n")[0][:80]


def say(*lines: str, sep: str = "\n") -> None:
    """Write lines for whoever runs this."""
    sys.stdout.write(sep.join(lines) + "\n")


def main() -> int:
    """Print what is found; 1 when a version differs or an advisory is known."""
    pins = pinned()
    installed = {canonicalize_name(each.name): each.version for each in distributions()}
    differing = sorted(
        f"{name} {installed[name]}, tested {version}"
        for name, version in pins.items()
        if installed.get(name, version) != version
    )
    say(
        f"Versions: {len(pins)} pinned, {len(differing)} installed otherwise.",
        *differing,
        sep="\n  ",
    )
    told = {name: licence(distribution(name)) for name in sorted(pins) if name in installed}
    odd = [f"{name}: {text or 'says none'}" for name, text in told.items() if not FREE.search(text)]
    say(f"Licences: {len(told)} packages, {len(odd)} to be looked at.", *odd, sep="\n  ")
    if importlib.util.find_spec("pip_audit") is None:
        say("Advisories: not asked; `pip install pip-audit` and a network bring them.")
        return bool(differing)
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "-r", str(ROOT / "constraints.txt")]
    return subprocess.call(command) or bool(differing)


if __name__ == "__main__":
    sys.exit(main())
