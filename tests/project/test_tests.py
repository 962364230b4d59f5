"""How tests are written, so that each passes in whatever worker and order it runs."""

from __future__ import annotations

import ast

from tests.project.source import ROOT


def test_no_test_starts_an_event_loop_in_its_own_thread() -> None:
    """A worker that came to Playwright has one there for good: ``tests.loops.run`` is for that."""
    here = ROOT / "tests"
    calls = [
        (str(path.relative_to(ROOT)), node.lineno)
        for path in here.rglob("*.py")
        if "target" not in path.parts  # what clients were installed into
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "asyncio.run"
    ]
    assert calls == []
