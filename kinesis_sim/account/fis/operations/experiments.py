"""StartExperiment, GetExperiment, ListExperiments, StopExperiment (botocore fis)."""

from __future__ import annotations

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.fis.laboratory import Laboratory
from kinesis_sim.account.fis.paging import page


def start_experiment(lab: Laboratory, request: Request) -> Answer:
    """Run a template; it is "initiating" first. Raises ResourceNotFoundException."""
    template = lab.template(request["experimentTemplateId"])
    options = request.get("experimentOptions", {})
    run = options.get("actionsMode", "run-all") == "run-all"
    name = lab.once(
        "experiment",
        request["clientToken"],
        lambda: lab.begin(template, request.get("tags", {}), run=run),
    )
    return {"experiment": lab.experiment(name).details()}


def get_experiment(lab: Laboratory, request: Request) -> Answer:
    """How far an experiment is. Raises ResourceNotFoundException."""
    return {"experiment": lab.experiment(request["id"]).details()}


def stop_experiment(lab: Laboratory, request: Request) -> Answer:
    """End what an experiment does. Raises ResourceNotFoundException."""
    experiment = lab.experiment(request["id"])
    experiment.stop()
    return {"experiment": experiment.details()}


def list_experiments(lab: Laboratory, request: Request) -> Answer:
    """The experiments, the newest first; of one template if one is named."""
    wanted = request.get("experimentTemplateId")
    rows = [
        each.summary()
        for each in reversed(lab.experiments.values())
        if wanted in (None, each.template["id"])
    ]
    return page("experiments", rows, request, key="id")
