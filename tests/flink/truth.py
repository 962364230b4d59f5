"""What real Flink says to the statements over the feed: kept in ``truth.json``.

``make flink-truth`` (or ``python -m tests.flink.truth``) asks it again, twice, for what the two
runs tell differently Flink itself does not promise. Needs Java and Maven; takes six minutes on
two idle cores. With names of statements (``python -m tests.flink.truth tumble hop``) it asks those
alone, and keeps the other answers, which must be of the same feed and Flink.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

from kinesis_sim import flink
from kinesis_sim.flink import toolchain
from kinesis_sim.flink.answers import Answer, folded
from kinesis_sim.flink.script import statements
from tests.flink.feed import lines, rows

HERE = Path(__file__).parent
STATEMENTS = HERE / "statements.sql"
TRUTH = HERE / "truth.json"


def key() -> str:
    """What the kept answers belong to: the feed, the statements, Flink's version and its runner."""
    sources = [toolchain.HERE / name for name in toolchain.SOURCES]
    said = [STATEMENTS.read_bytes(), lines().encode(), *(path.read_bytes() for path in sources)]
    return hashlib.sha256(b"\0".join(said)).hexdigest()[:16]


def kept() -> dict[str, Any]:
    """The answers that are kept, with the key that they belong to."""
    found: dict[str, Any] = json.loads(TRUTH.read_text(encoding="utf-8"))
    return found


JOINS = {
    "window_join": "changes",
    "regular_join": "rows",
    "semi_join": "rows",
    "interval_join": "nothing",
    "semi_in_window": "nothing",
    "anti_in_window": "nothing",
    **dict.fromkeys(("not_in", "exists", "not_exists", "value_in_where", "value_in_list"), "rows"),
    **dict.fromkeys(("or_in", "or_not_in", "or_exists", "case_in"), "rows"),
    **dict.fromkeys(("list_in", "list_exists"), "rows"),
    **dict.fromkeys(("in_of_having", "value_of_one_row", "value_of_distinct"), "rows"),
    **dict.fromkeys(("value_by_order", "count_of_none", "aggregate_exists"), "rows"),
    **dict.fromkeys(("told_join", "told_in", "told_value", "told_union"), "rows"),
    **dict.fromkeys(("intersect", "intersect_all", "except", "except_all"), "rows"),
    **dict.fromkeys(("left_on_true", "left_on_less", "full_on_less", "join_right"), "rows"),
    **dict.fromkeys(("join_full", "join_groups", "natural_left", "using_left"), "rows"),
    **dict.fromkeys(("using_right", "using_full", "using_where_qualified"), "rows"),
    **dict.fromkeys(("using_expr", "using_order", "row_in", "union_distinct"), "rows"),
    **dict.fromkeys(("eq_any", "gt_any", "gt_all", "ne_all", "ne_any", "eq_all_two"), "rows"),
    **dict.fromkeys(("not_gt_all", "any_or", "all_null", "in_group", "exists_deep"), "rows"),
    **dict.fromkeys(("value_in_on", "value_in_on_left", "value_group", "value_having"), "rows"),
    **dict.fromkeys(("exists_group_having", "in_group_having", "lateral_left"), "rows"),
    **dict.fromkeys(("lateral_aggregate", "lateral_group", "lateral_count_none"), "rows"),
    **dict.fromkeys(("lateral_less_aggregate", "lateral_distinct"), "rows"),
    **dict.fromkeys(("interval_left", "interval_full", "temporal"), "nothing"),
}
"""What two inputs leave open, which two runs may tell alike by chance: their order, and so what a
changelog says on its way; of an interval join even which late row still finds its partner, and of
windows by rows which late row is still taken (two runs differed by three): a row is late by the
watermark of the input that is further behind, so the input that is read first loses none."""


def promise(label: str, first: Answer, second: Answer) -> str:
    """What Flink promises of an answer: its order, its changes, what they come to, or nothing."""
    if label in JOINS:
        return JOINS[label]
    if first.changes == second.changes:
        return "order"
    if Counter(first.changes) == Counter(second.changes):
        return "changes"
    same = Counter(folded(first.changes)) == Counter(folded(second.changes))
    return "rows" if same else "nothing"


def asked(names: Collection[str] = ()) -> dict[str, Any]:
    """Flink's answers now. names: of the statements that are asked; all unless given."""
    script = only(STATEMENTS.read_text(encoding="utf-8"), names)
    first, second = (
        flink.run(script, {"feed": rows()}, timeout=1_200, say=lambda text: None) for _ in range(2)
    )
    return {
        label: {
            "columns": answer.columns,
            "promises": promise(label, answer, second[label]),
            "late": answer.late,
            "changes": [[kind, *values] for kind, values in answer.changes],
        }
        for label, answer in first.items()
    }


def only(script: str, names: Collection[str]) -> str:
    """A script without the queries that have other names."""
    kept = [
        f"-- {one.label}\n{one.text};\n"
        for one in statements(script)
        if one.verb != "query" or not names or one.label in names
    ]
    return "".join(kept)


def main(names: Collection[str]) -> None:
    labels = [s.label for s in statements(STATEMENTS.read_text()) if s.verb == "query"]
    now = asked(names)
    answers = {**(kept()["answers"] if names else {}), **now}
    told = {"key": key(), "answers": {label: answers[label] for label in labels}}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    TRUTH.write_text(text.replace('"columns"', '\n"columns"').replace('["', '\n["') + "\n")
    for label, answer in now.items():
        told_now = f"{label}: {len(answer['changes'])} changes, promises {answer['promises']}"
        sys.stderr.write(f"{told_now}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
