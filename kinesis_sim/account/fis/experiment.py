"""One experiment: its actions one after another or side by side, each a fault of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kinesis_sim.account.calls import Request
from kinesis_sim.account.faults.fault import Fault
from kinesis_sim.account.faults.plan import Faults
from kinesis_sim.account.fis.actions import ACTIONS, duration_of, settings_of
from kinesis_sim.clock import Clock, ScheduledAction
from kinesis_sim.errors import ServiceError

OVER = frozenset({"completed", "stopped", "failed", "cancelled", "skipped"})


@dataclass(slots=True)
class Run:
    """How far one action is. Times: epoch ms."""

    status: str = "pending"
    reason: str = ""
    began: int | None = None
    ended: int | None = None
    faults: list[Fault] = field(default_factory=list)
    due: ScheduledAction | None = None


@dataclass(slots=True)
class Experiment:
    """One run of a template.

    resolve: the ARNs that a target stands for. start_ms, stop_ms: how long it takes to begin, and
    to stop. skip: whether no action is run.
    """

    id: str
    arn: str
    template: dict[str, Any]
    tags: dict[str, str]
    clock: Clock
    faults: Faults
    resolve: Callable[[Request], list[str]]
    start_ms: int
    stop_ms: int
    skip: bool = False
    status: str = "initiating"
    reason: str = "Experiment is initiating."
    made: int = 0
    began: int | None = None
    ended: int | None = None
    runs: dict[str, Run] = field(default_factory=dict)

    def begin(self) -> None:
        """Have its actions run from ``start_ms`` on."""
        self.made = self.clock.now
        self.runs = {name: Run() for name in self.template["actions"]}
        self.clock.after(self.start_ms, self._run)

    def stop(self, reason: str = "Experiment stopped by user.") -> None:
        """End what is under way; one that is over stays as it is."""
        if self.status in OVER or self.status == "stopping":
            return
        self._became("stopping", reason)
        for run in self.runs.values():
            if run.status == "running":
                self._end(run, "stopped")
            elif run.status == "pending":
                self._end(run, "cancelled")
        self.clock.after(self.stop_ms, lambda: self._finish("stopped", reason))

    def _run(self) -> None:
        if self.status != "initiating":
            return
        self.began = self.clock.now
        self._became("running", "Experiment is running.")
        if self.skip:
            for run in self.runs.values():
                self._end(run, "skipped")
        self._go_on()

    def _go_on(self) -> None:
        """Begin what need wait for nothing more; finish when nothing is left."""
        for name, run in self.runs.items():
            if self.status == "running" and run.status == "pending" and self._may_begin(name):
                self._begin(name, run)
        if self.status == "running" and all(each.status in OVER for each in self.runs.values()):
            self._finish("completed", "Experiment completed.")

    def _may_begin(self, name: str) -> bool:
        after = self.template["actions"][name].get("startAfter", ())
        return all(self.runs[each].status in OVER for each in after)

    def _begin(self, name: str, run: Run) -> None:
        wanted = self.template["actions"][name]
        action, parameters = ACTIONS[wanted["actionId"]], wanted.get("parameters", {})
        run.began, run.status, run.reason = self.clock.now, "running", "Action is running."
        for role, target in wanted.get("targets", {}).items():
            try:
                arns = self.resolve(self.template["targets"][target])
            except ServiceError as error:
                self._failed(run, f"Target {target} ({role}) was not resolved: {error.message}")
                return
            if not arns:
                self._failed(run, f"Target {target} ({role}) resolved to an empty set.")
                return
            if action.target is not None and action.target[1] == "aws:iam:role":
                arns = ["*"]  # who calls is not told apart here: the account is one caller
            settings = settings_of(action, parameters)
            run.faults += [
                self.faults.add(action.fault, arn, why=self.id, **settings) for arn in arns
            ]
        run.due = self.clock.schedule(
            self.clock.now + duration_of(parameters), lambda: self._done(run)
        )

    def _done(self, run: Run) -> None:
        self._end(run, "completed")
        self._go_on()

    def _failed(self, run: Run, reason: str) -> None:
        self._end(run, "failed")
        run.reason = reason
        for other in self.runs.values():
            if other.status not in OVER:
                self._end(other, "cancelled" if other.status == "pending" else "stopped")
        self._finish("failed", reason)

    def _end(self, run: Run, status: str) -> None:
        run.status, run.reason, run.ended = status, f"Action was {status}.", self.clock.now
        if run.due is not None:
            run.due.cancel()
        planned = {each.id for each in self.faults}
        for fault in run.faults:
            if fault.id in planned:
                self.faults.end(fault)

    def _finish(self, status: str, reason: str) -> None:
        self.ended = self.clock.now
        self._became(status, reason)

    def _became(self, status: str, reason: str) -> None:
        self.status, self.reason = status, reason

    # --- as it is told ------------------------------------------------------------------------

    def summary(self) -> Request:
        """As ListExperiments tells it."""
        return {
            "id": self.id,
            "arn": self.arn,
            "experimentTemplateId": self.template["id"],
            "state": {"status": self.status, "reason": self.reason},
            "creationTime": self.made,
            "tags": self.tags,
            "experimentOptions": self._options(),
        }

    def details(self) -> Request:
        """As GetExperiment tells it."""
        told: Request = {
            **self.summary(),
            "roleArn": self.template["roleArn"],
            "targets": self.template["targets"],
            "actions": {name: self._action(name, run) for name, run in self.runs.items()},
            "stopConditions": self.template["stopConditions"],
            "targetAccountConfigurationsCount": 0,
        }
        times = {"startTime": self.began, "endTime": self.ended}
        return told | {name: at for name, at in times.items() if at is not None}

    def _options(self) -> Request:
        mode = "skip-all" if self.skip else "run-all"
        return {**self.template["experimentOptions"], "actionsMode": mode}

    def _action(self, name: str, run: Run) -> Request:
        state = {"status": run.status, "reason": run.reason or "Initial state"}
        times = {"startTime": run.began, "endTime": run.ended}
        told = {**self.template["actions"][name], "state": state}
        return told | {key: at for key, at in times.items() if at is not None}
