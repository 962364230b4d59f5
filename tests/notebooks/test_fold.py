"""Prose that not every learner needs is folded, in the learner's language, under its own title."""

from __future__ import annotations

import pytest

from kinesis_sim.course.notebooks.fold import folded, unfolded
from kinesis_sim.course.notebooks.source import Cell

MORE = frozenset({"more"})


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        (
            "## Left out\n\n- this\n- that",
            "en",
            "## Left out\n\n<details>\n<summary>Read on</summary>\n\n- this\n- that\n\n</details>",
        ),
        (
            "**What else?**\n\nThis and `that`.",
            "en",
            "<details>\n<summary><strong>What else?</strong></summary>\n\nThis and `that`."
            "\n\n</details>",
        ),
        (
            "**Dois** e um.",
            "pt-BR",
            "<details>\n<summary>Leia mais</summary>\n\n**Dois** e um.\n\n</details>",
        ),
    ],
)
def test_what_is_folded_says_what_it_holds(text: str, language: str, shown: str) -> None:
    cell = folded(Cell("a", "markdown", text, MORE), language)
    assert cell.text == shown
    assert unfolded(f"before{cell.text}after").split() == [
        *f"before{shown.partition('<')[0]}".split(),
        "after",
    ]


@pytest.mark.parametrize(
    "cell", [Cell("a", "markdown", "## Here\n\nand there"), Cell("b", "code", "print()", MORE)]
)
def test_nothing_else_is_folded(cell: Cell) -> None:
    assert folded(cell, "en") == cell
