"""FIS's operations: one function per API operation, on the account's laboratory."""

from kinesis_sim.account.fis.operations.experiments import (
    get_experiment,
    list_experiments,
    start_experiment,
    stop_experiment,
)
from kinesis_sim.account.fis.operations.templates import (
    create_experiment_template,
    delete_experiment_template,
    get_action,
    get_experiment_template,
    list_actions,
    list_experiment_templates,
)

__all__ = [
    "create_experiment_template",
    "delete_experiment_template",
    "get_action",
    "get_experiment",
    "get_experiment_template",
    "list_actions",
    "list_experiment_templates",
    "list_experiments",
    "start_experiment",
    "stop_experiment",
]
