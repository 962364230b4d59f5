"""The check of the lesson on retention: a faulty hour, replayed into the corrected books once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from kinesis_sim import Simulator
from kinesis_sim.course.checks import Verdict, not_yet, passed
from kinesis_sim.instants import to_ms
from kinesis_sim.workloads.events.generators import payments
from kinesis_sim.workloads.scenes.books import Ledger

STREAM = "pedala-payments"
OPENING, HOURS, PER_DAY = "2026-01-01T08:00:00Z", 10, 1_000
BEGIN, END = (datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (14, 15))


class Due(NamedTuple):
    """What the books should say of a payment. part: "before", "within" or "after" the hour."""

    amount: float
    part: str


def replay_hour(trial: Simulator, books: Ledger) -> Verdict:
    """Every payment of the day is in the books once, with its own amount."""
    if not isinstance(trial, Simulator) or not isinstance(books, Ledger):
        return not_yet("shape")
    due = _due()
    lines = Counter(entry.payment_id for entry in books.entries)
    found = _faulty(due, books, lines) or _missing(due, lines, trial) or _doubled(due, lines)
    if found := found or _others(due, books):
        return found
    within = [amount for amount, part in due.values() if part == "within"]
    return passed(count=len(within), total=Decimal(f"{sum(within):.2f}"))


def _due() -> dict[str, Due]:
    """Payment id → what is right, for the whole day."""
    begin, end = to_ms(BEGIN), to_ms(END)
    return {
        arrival.event["payment_id"]: Due(
            arrival.event["amount_brl"],
            "before" if arrival.at < begin else "within" if arrival.at < end else "after",
        )
        for arrival in payments(OPENING, hours=HOURS, per_day=PER_DAY)
    }


def _faulty(due: dict[str, Due], books: Ledger, lines: Counter[str]) -> Verdict | None:
    """Lines of the faulty version that still stand: alone, or beside a corrected one."""
    amounts = {payment: row.amount for payment, row in due.items()}
    entries = books.entries
    wrong = {each.payment_id for each in entries if each.amount_brl != amounts[each.payment_id]}
    if not wrong:
        return None
    twice = sum(lines[payment] > 1 for payment in wrong)
    return not_yet("not-struck", count=twice) if twice else not_yet("faulty", count=len(wrong))


def _missing(due: dict[str, Due], lines: Counter[str], trial: Simulator) -> Verdict | None:
    gone = Counter(row.part for payment, row in due.items() if payment not in lines)
    if not gone:
        return None
    within = sum(row.part == "within" for row in due.values())
    stream = trial.streams[STREAM]
    if gone["within"] and stream.horizon(trial.clock.now) > to_ms(BEGIN):
        hours = stream.settings.retention_hours
        return not_yet(
            "forgotten", count=gone["within"], hours=hours, now=f"{trial.now:%Y-%m-%d %H:%M}"
        )
    if outside := gone["before"] + gone["after"]:
        return not_yet("struck-too-much", count=outside)
    kind = "nothing" if gone["within"] == within else "part"
    return not_yet(kind, count=gone["within"], within=within)


def _doubled(due: dict[str, Due], lines: Counter[str]) -> Verdict | None:
    more = Counter(due[payment].part for payment, count in lines.items() if count > 1)
    for part in ("before", "after", "within"):
        if more[part]:
            return not_yet(f"twice-{part}", count=more[part])
    return None


def _others(due: dict[str, Due], books: Ledger) -> Verdict | None:
    """Payments outside the hour that were booked anew: what a replay books stands last."""
    within = sum(row.part == "within" for row in due.values())
    last = [due[entry.payment_id].part for entry in books.entries[-within:]]
    others = within - last.count("within")
    return not_yet("others", count=others) if others else None
