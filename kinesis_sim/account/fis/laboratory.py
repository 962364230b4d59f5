"""The experiment templates and experiments of one account in one Region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kinesis_sim.account.calls import Call, Request
from kinesis_sim.account.events import AlarmChanged
from kinesis_sim.account.faults.plan import Faults
from kinesis_sim.account.fis import refusals
from kinesis_sim.account.fis.actions import duration_of, known, settings_of
from kinesis_sim.account.fis.experiment import Experiment
from kinesis_sim.account.fis.targets import check_target, resolved
from kinesis_sim.account.service import Surroundings
from kinesis_sim.errors import UsageError
from kinesis_sim.events import Event

Template = dict[str, Any]


class Laboratory:
    """What FIS's operations are called with."""

    def __init__(self, around: Surroundings) -> None:
        self.clock, self.events, self.delays = around.clock, around.events, around.delays
        self.call: Call = around.call
        self.place = f"arn:aws:fis:{around.region}:{around.account}"
        self.faults: Faults = around.port("fis")
        self.templates: dict[str, Template] = {}
        self.experiments: dict[str, Experiment] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._identity = around.chance.random("fis")
        around.events.subscribe(self._hear, AlarmChanged)

    def once(self, what: str, token: str, make: Callable[[], str]) -> str:
        """What a client token has made; a token that is used again makes nothing new."""
        if (what, token) not in self._tokens:
            self._tokens[what, token] = make()
        return self._tokens[what, token]

    def new_id(self, kind: str) -> str:
        """An id such as ``EXT1a2B…``: 17 letters and digits follow, as in AWS's examples."""
        letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
        return kind + "".join(self._identity.choices(letters, k=17))

    # --- templates ----------------------------------------------------------------------------

    def template(self, name: str) -> Template:
        """A template. Raises ResourceNotFoundException."""
        if name not in self.templates:
            raise refusals.not_found("experiment template", name)
        return self.templates[name]

    def check(self, request: Request) -> None:
        """Raises ValidationException for a template that could not be run."""
        targets: Request = request.get("targets", {})
        for name, target in targets.items():
            check_target(name, target)
        for name, wanted in request["actions"].items():
            self._check_action(name, wanted, request["actions"], targets)
        for stop in request["stopConditions"]:
            if stop["source"] not in ("none", "aws:cloudwatch:alarm"):
                raise refusals.invalid("A stop condition's source is none or aws:cloudwatch:alarm.")
            if (stop["source"] == "none") is ("value" in stop):
                raise refusals.invalid("A stop condition names an alarm's ARN, or is none.")

    def _check_action(
        self, name: str, wanted: Request, actions: Mapping[str, Request], targets: Request
    ) -> None:
        action, parameters = known(wanted["actionId"]), wanted.get("parameters", {})
        settings = settings_of(action, parameters)
        if "operations" in settings:
            self._check_operations(action.fault, settings["operations"])
        duration_of(parameters)
        named = wanted.get("targets", {})
        needed = {action.target[0]} if action.target else set()
        if set(named) != needed or any(each not in targets for each in named.values()):
            raise refusals.invalid(
                f"Action {name}: {action.id} strikes {', '.join(needed) or 'no target'}; name the "
                "template's target for it."
            )
        for role, target in named.items():
            if action.target and targets[target]["resourceType"] != action.target[1]:
                raise refusals.invalid(f"Action {name}: {role} must be {action.target[1]}.")
        if not set(wanted.get("startAfter", ())) <= actions.keys() - {name}:
            raise refusals.invalid(f"Action {name}: startAfter names an action that is not there.")
        _check_order(name, actions)

    def _check_operations(self, fault: str, operations: list[str]) -> None:
        try:
            self.faults.check(fault, "kinesis", operations)
        except UsageError as error:
            raise refusals.invalid(str(error)) from None

    # --- experiments --------------------------------------------------------------------------

    def experiment(self, name: str) -> Experiment:
        """An experiment. Raises ResourceNotFoundException."""
        if name not in self.experiments:
            raise refusals.not_found("experiment", name)
        return self.experiments[name]

    def begin(self, template: Template, tags: dict[str, str], *, run: bool = True) -> str:
        """Start an experiment; its id."""
        name = self.new_id("EXP")
        resolve: Callable[[Request], list[str]] = lambda target: resolved(self, target)  # noqa: E731
        experiment = Experiment(
            id=name,
            arn=f"{self.place}:experiment/{name}",
            template=template,
            tags=tags,
            clock=self.clock,
            faults=self.faults,
            resolve=resolve,
            start_ms=self.delays["fis.start"],
            stop_ms=self.delays["fis.stop"],
            skip=not run,
        )
        self.experiments[name] = experiment
        experiment.begin()
        return name

    def choose(self, names: list[str], count: int) -> list[str]:
        """Some of the targets, drawn from the simulator's seed."""
        return sorted(self._identity.sample(names, min(count, len(names))))

    def _hear(self, event: Event) -> None:
        if not isinstance(event, AlarmChanged) or event.became != "ALARM":
            return
        for each in self.experiments.values():
            for stop in each.template["stopConditions"]:
                if stop.get("value", "").rpartition(":alarm:")[2] == event.alarm:
                    each.stop(f"Experiment halted by stop condition {stop['value']}.")


def _check_order(name: str, actions: Mapping[str, Request]) -> None:
    """No action waits for itself, by way of others either."""
    seen, ahead = set[str](), list(actions[name].get("startAfter", ()))
    while ahead:
        each = ahead.pop()
        if each == name:
            raise refusals.invalid(f"Action {name} would start after itself.")
        if each in actions and each not in seen:
            seen.add(each)
            ahead += actions[each].get("startAfter", ())
