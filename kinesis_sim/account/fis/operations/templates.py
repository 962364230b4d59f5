"""Experiment templates, and the actions that they may have (botocore fis)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.fis import refusals
from kinesis_sim.account.fis.actions import ACTIONS
from kinesis_sim.account.fis.laboratory import Laboratory
from kinesis_sim.account.fis.paging import page

_TOLD = ("description", "actions", "stopConditions", "roleArn")
_SUMMARY = ("id", "arn", "description", "creationTime", "lastUpdateTime", "tags")


def create_experiment_template(lab: Laboratory, request: Request) -> Answer:
    """Keep a template. Raises ValidationException for one that could not be run."""
    lab.check(request)

    def make() -> str:
        name, now = lab.new_id("EXT"), lab.clock.now
        options = {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
        lab.templates[name] = {
            **{member: request[member] for member in _TOLD},
            "id": name,
            "arn": f"{lab.place}:experiment-template/{name}",
            "targets": request.get("targets", {}),
            "tags": request.get("tags", {}),
            "creationTime": now,
            "lastUpdateTime": now,
            "experimentOptions": {**options, **request.get("experimentOptions", {})},
            "targetAccountConfigurationsCount": 0,
        }
        return name

    return _told(lab, lab.once("template", request["clientToken"], make))


def get_experiment_template(lab: Laboratory, request: Request) -> Answer:
    """A template. Raises ResourceNotFoundException."""
    return _told(lab, request["id"])


def delete_experiment_template(lab: Laboratory, request: Request) -> Answer:
    """Forget a template; its experiments go on. Raises ResourceNotFoundException."""
    answer = _told(lab, request["id"])
    del lab.templates[request["id"]]
    return answer


def list_experiment_templates(lab: Laboratory, request: Request) -> Answer:
    """The templates, the oldest first."""
    rows = [{name: each[name] for name in _SUMMARY} for each in lab.templates.values()]
    return page("experimentTemplates", rows, request, key="id")


def _told(lab: Laboratory, name: str) -> Answer:
    return {"experimentTemplate": lab.template(name)}


def get_action(lab: Laboratory, request: Request) -> Answer:
    """An action and its parameters. Raises ResourceNotFoundException."""
    action = ACTIONS.get(request["id"])
    if action is None:
        raise refusals.not_found("action", request["id"])
    return {"action": {**action.details(), "arn": f"{lab.place}:action/{action.id}"}}


def list_actions(lab: Laboratory, request: Request) -> Answer:
    """The actions that are simulated."""
    rows = [
        {**action.row(), "arn": f"{lab.place}:action/{action.id}"} for action in ACTIONS.values()
    ]
    return page("actions", rows, request, key="id")
