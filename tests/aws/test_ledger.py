"""Every error that botocore's model declares occurs here, or has a reason; every constraint is
held."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from kinesis_sim import Simulator
from kinesis_sim.__main__ import main
from kinesis_sim.aws import model, validation
from kinesis_sim.errors import UsageError
from kinesis_sim.fidelity import ledger
from kinesis_sim.fidelity.ledger import report
from kinesis_sim.fidelity.ledger.entry import LedgerEntry, Pair, declared, reason_rows, reasons
from kinesis_sim.fidelity.ledger.report import entries
from kinesis_sim.fidelity.ledger.rules import Rule, example, rules
from kinesis_sim.fidelity.ledger.scenarios import BOOKS
from kinesis_sim.fidelity.ledger.stage import Book, raises
from kinesis_sim.fidelity.ledger.trial import raised, refusal


def fresh() -> Simulator:
    return Simulator(latency=None)


SERVICES = Simulator().gate.services()
OPERATIONS = {service: Simulator().gate.operations(service) for service in SERVICES}
PAIRS = {service: declared(service, OPERATIONS[service]) for service in SERVICES}
ALL_RULES = [
    (service, rule)
    for service in SERVICES
    for name in OPERATIONS[service]
    for rule in rules(model.operation(service, name))
]
OPERATION_PAIRS = [(service, name) for service in SERVICES for name in OPERATIONS[service]]
SCENARIOS = [
    pytest.param(service, *pair, id=" ".join(pair))
    for service in SERVICES
    for pair in BOOKS.get(service, {})
]


WORDLESS = (("SetAlarmState", "ResourceNotFound"), ("GetMetricData", "InvalidNextToken"))
"""Errors that AWS was recorded answering without a text."""


@pytest.fixture(scope="module")
def gate_of() -> Simulator:
    """One simulator for all refused requests: none of them changes anything."""
    return fresh()


@pytest.mark.parametrize(("service", "operation"), OPERATION_PAIRS)
def test_the_gate_names_every_broken_constraint(
    gate_of: Simulator, service: str, operation: str
) -> None:
    """All rules of an operation in one item: they are 3,000, and an item costs more than a rule."""
    breakable = [rule for rule in rules(model.operation(service, operation)) if not rule.vacuous]
    said = {rule: refusal(gate_of, service, rule) for rule in breakable}
    wrong = [rule for rule in breakable if not named(rule, said[rule])]
    spared = validation.SPARED.get((service, operation), {})
    places = {(validation.lower_first(name), kind) for name in spared for kind in spared[name]}
    assert {(rule.place, rule.kind) for rule in wrong} == places, [
        f"{rule.name}: {said[rule]!r}" for rule in wrong
    ]


def named(rule: Rule, said: str) -> bool:
    """Whether a refusal names the place and the rule in AWS's words."""
    place = f"at '{rule.place}' failed to satisfy constraint: "
    return said.startswith("ValidationException: ") and place in said and rule.text in said


def test_a_rule_that_is_not_tried_cannot_be_broken() -> None:
    vacuous = [rule for _, rule in ALL_RULES if rule.vacuous]
    assert {(rule.kind, rule.bound) for rule in vacuous} == {("min", 0), ("pattern", r"[\s\S]*")}
    lengths = {rule.text for rule in vacuous if rule.kind == "min"}
    assert lengths == {"Member must have length greater than or equal to 0"}


@pytest.mark.parametrize(("service", "operation"), OPERATION_PAIRS)
def test_without_the_broken_value_the_request_is_good(service: str, operation: str) -> None:
    """So that a constraint test cannot pass because something else in its request is wrong."""
    shape = model.operation(service, operation)
    if shape.input_shape is not None:
        validation.check(shape, example(shape.input_shape))


@pytest.mark.parametrize(("service", "operation", "code"), SCENARIOS)
def test_the_error_occurs(service: str, operation: str, code: str) -> None:
    seen = ledger.provoke(fresh(), operation, code, service)
    assert seen is not None, "the call went well"
    assert (seen.operation, seen.code) == (operation, code)
    assert seen.message or (operation, code) in WORDLESS


@pytest.mark.parametrize("service", SERVICES)
def test_every_declared_error_occurs_or_has_a_reason(service: str) -> None:
    book, listed = BOOKS[service], reasons(service, PAIRS[service])
    assert {pair for pair in PAIRS[service] if pair not in book and pair not in listed} == set()
    assert book.keys() & listed.keys() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_scenarios_and_reasons_are_about_declared_errors(service: str) -> None:
    known = set(PAIRS[service])
    assert BOOKS[service].keys() <= known
    assert named_in_reasons(service) <= known


def named_in_reasons(service: str) -> set[Pair]:
    named: set[Pair] = set()
    for row in reason_rows(service):
        assert row["reason"]
        if row["operations"] != "*":
            named |= {(name, code) for name in row["operations"] for code in row["errors"]}
    return named


@pytest.mark.parametrize("service", SERVICES)
def test_every_reason_is_needed(service: str) -> None:
    listed = set(reasons(service, PAIRS[service]).values())
    assert {str(row["reason"]) for row in reason_rows(service)} == listed


def test_a_pair_has_one_scenario() -> None:
    book: Book = {}
    raises(book, "X", "Operation")(lambda stage, operation: None)
    with pytest.raises(ValueError, match="two scenarios"):
        raises(book, "X", "Operation")(lambda stage, operation: None)


def test_a_scenario_that_does_not_fail_is_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    pair = ("DescribeLimits", "LimitExceededException")
    monkeypatch.setitem(BOOKS["kinesis"], pair, lambda stage, operation: stage.call(operation))
    assert ledger.provoke(fresh(), *pair) is None
    assert not raised(fresh(), "kinesis", *pair)


def test_provoking_what_no_scenario_knows() -> None:
    with pytest.raises(UsageError, match="no scenario in which DescribeLimits"):
        ledger.provoke(fresh(), "DescribeLimits", "InternalFailureException")


@pytest.fixture(scope="module")
def tried() -> list[LedgerEntry]:
    """Everything tried once, for all tests of what is printed."""
    return entries(fresh)


@pytest.fixture
def printed(
    tried: list[LedgerEntry], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    def run(*arguments: str) -> str:
        monkeypatch.setattr(report, "entries", lambda make: tried)
        assert main(["ledger", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_the_counts_are_of_what_was_tried(printed: Callable[..., str]) -> None:
    counts = json.loads(printed("--json"))
    assert counts.keys() == set(SERVICES)
    kinesis = counts["kinesis"]
    assert kinesis.keys() == {"operations", "errors", "constraints"}
    assert kinesis["operations"] == [len(OPERATIONS["kinesis"]), len(model.operations("kinesis"))]
    occurred, listed, of = kinesis["errors"]
    assert (occurred, of) == (len(BOOKS["kinesis"]), len(PAIRS["kinesis"]))
    assert occurred + listed == of
    tested, rules_of = kinesis["constraints"]
    vacuous = sum(rule.vacuous for service, rule in ALL_RULES if service == "kinesis")
    assert tested == rules_of - vacuous


def test_the_text_says_the_same(printed: Callable[..., str], tried: list[LedgerEntry]) -> None:
    occurred, listed, of = tried[0].counts()["errors"]
    text = printed()
    assert f"errors       {occurred} raised and {listed} listed, of {of} declared" in text
    assert all(str(row["reason"]) in text for row in reason_rows("kinesis"))
