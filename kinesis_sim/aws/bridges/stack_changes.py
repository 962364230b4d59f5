"""An update of a stack's resources in AWS's order, and the way back.

What is new is made, what is different is changed, and only then goes what the template no longer
has; moto deletes first. When AWS refuses one, everything is as it was: the new ones go, the changed
ones are changed back.
"""

from __future__ import annotations

import logging
from typing import Any

from kinesis_sim.aws.bridges.latecomers import NotYet, StackChange, settling, state_of
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError

Template = dict[str, Any]
_LOG = logging.getLogger("kinesis_sim.bridges")
_PASSES = 5
"""Over resources of moto's own that need one another, as moto has it."""


class Undone(Exception):
    """AWS refused a resource, and the stack is on its way back. name: its logical id."""

    def __init__(self, error: ServiceError, name: str) -> None:
        super().__init__(str(error))
        self.error, self.name = error, name


def update(self: Any, template: Template, parameters: dict[str, Any] | None = None) -> None:
    """Change a ResourceMap's resources to a template's.

    Raises Undone for what AWS refuses, ServiceError for what this model does not do; either way
    the resources are those of before.
    """
    actions = self.build_resource_diff(template, parameters)
    resources = self._resource_json_map
    change = StackChange(
        (self._template, resources, self.input_parameters),
        template["Resources"],
        leaving={name: resources[name] for name in actions["Remove"]},
    )
    state = state_of(self)
    state.change = change
    for made in settling(self):
        made.is_going_back = False
    _load(self, template, parameters or self.input_parameters)
    try:
        for name in actions["Add"]:
            change.added.append(name)
            _ = self[name]
        _modify(self, change, list(actions["Modify"]))
    except Exception as error:  # moto's own resources raise whatever they like
        name = state.failed
        undo(self)
        is_here = isinstance(error, NotYet)
        if isinstance(error, ServiceError) and error.code != CODE and not is_here:
            raise Undone(error, name) from error
        raise


def _load(resources: Any, template: Template, parameters: dict[str, Any]) -> None:
    resources._template, resources.input_parameters = template, parameters
    resources.load_mapping()
    resources.load_parameters()
    resources.load_conditions()
    resources._resource_json_map = template["Resources"]


def _modify(resources: Any, change: StackChange, names: list[str]) -> None:
    state = state_of(resources)
    trouble: Exception | None = None
    for _ in range(_PASSES):
        for name in list(names):
            change.modified.append(name)
            try:
                _parse(resources, name, resources._resource_json_map[name])
                names.remove(name)
            except ServiceError:
                state.failed = name
                raise
            except Exception as error:  # moto's own: it may need another one that changes, too
                trouble = error
        if not names:
            return
    if trouble is not None:
        raise trouble


def _parse(resources: Any, name: str, resource: Template) -> None:
    from moto.cloudformation import parsing

    account, region = resources._account_id, resources._region_name
    resources._parsed_resources[name] = parsing.parse_and_update_resource(
        name, resource, resources, account_id=account, region_name=region
    )


def leave(resources: Any) -> None:
    """Delete what the template no longer has: the last step of an update."""
    state = state_of(resources)
    change, state.change = state.change, None
    if change is not None:
        _delete(resources, change.leaving)


def undo(resources: Any) -> None:
    """Have everything as it was before an update: its new resources go, changed ones change back.

    What cannot be undone stays, as a resource that AWS cannot roll back does; the log says which.
    A resource that another one had taken the place of comes back as a new one (the model's choice:
    AWS keeps the old one until the update is over).
    """
    state = state_of(resources)
    change, state.change = state.change, None
    assert change is not None
    template, before, parameters = change.before
    state.late -= set(change.added)
    _delete(resources, {name: change.after.get(name, {}) for name in reversed(change.added)})
    _load(resources, template, parameters)
    for made in settling(resources):
        made.is_going_back, made.refused = True, None
    for name in dict.fromkeys(change.modified):
        try:
            _parse(resources, name, before[name])
        except Exception as error:
            _LOG.warning("%s cannot be changed back: %s", name, error)


def _delete(resources: Any, leaving: Template) -> None:
    """Delete resources, in passes where one needs that another is gone."""
    left, trouble = dict(leaving), None
    for _ in range(_PASSES):
        for name, resource in list(left.items()):
            made = resources._parsed_resources.get(name)
            try:
                if made is not None and not isinstance(made, str):
                    resources._delete_resource(made, resource)
            except Exception as error:  # one that another still needs
                trouble = error
                continue
            resources._parsed_resources.pop(name, None)
            del left[name]
        if not left:
            return
    if trouble is not None:
        raise trouble
