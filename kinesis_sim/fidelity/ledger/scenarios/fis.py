"""FIS: templates that cannot be run, and experiments that are not there."""

from __future__ import annotations

from typing import Any

from kinesis_sim.fidelity.ledger.stage import Book, Stage, raises

BOOK: Book = {}
NOBODY = "EXTnobodyhasthis0001"


def template(actions: dict[str, Any]) -> dict[str, Any]:
    """A template of actions that strike no target."""
    return {
        "clientToken": "ledger",
        "description": "ledger",
        "stopConditions": [{"source": "none"}],
        "roleArn": "arn:aws:iam::123456789012:role/fis",
        "actions": actions,
    }


@raises(BOOK, "ValidationException", "CreateExperimentTemplate")
def too_short(stage: Stage, operation: str) -> None:
    """An action of ten seconds."""
    wait = {"actionId": "aws:fis:wait", "parameters": {"duration": "PT10S"}}
    stage.call(operation, **template({"wait": wait}))


@raises(BOOK, "ValidationException", "ListActions", "ListExperimentTemplates", "ListExperiments")
def strange_page(stage: Stage, operation: str) -> None:
    """A token that no answer gave."""
    stage.call(operation, nextToken="no-such-token")


@raises(
    BOOK,
    "ResourceNotFoundException",
    "DeleteExperimentTemplate",
    "GetAction",
    "GetExperiment",
    "GetExperimentTemplate",
    "StopExperiment",
)
def not_there(stage: Stage, operation: str) -> None:
    """An id that nothing has."""
    stage.call(operation, id=NOBODY)


@raises(BOOK, "ResourceNotFoundException", "StartExperiment")
def no_template(stage: Stage, operation: str) -> None:
    """A template that is not there."""
    stage.call(operation, clientToken="ledger", experimentTemplateId=NOBODY)
