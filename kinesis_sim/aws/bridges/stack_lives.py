"""A stack's updates and change sets, and what becomes of it when AWS refuses a resource.

moto's stacks are complete at once or an error of the call. Here a stack is in progress while it
waits (``latecomers``), and what AWS refuses ends as there: a new stack in ROLLBACK_COMPLETE, an
update in UPDATE_ROLLBACK_COMPLETE with everything as it was, and the events say which resource
failed and why. What this model does not make, and an update that needs what is not ACTIVE yet,
stay errors of the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kinesis_sim.aws.bridges import latecomers, stack_births
from kinesis_sim.aws.bridges.delivery import asking
from kinesis_sim.aws.bridges.exports import deletion_canceled, taken, update_refused
from kinesis_sim.aws.bridges.latecomers import inside, is_waiting, settling, state_of
from kinesis_sim.aws.bridges.settling import TRY_AGAIN_MS
from kinesis_sim.aws.bridges.stack_changes import Undone, leave, undo, update
from kinesis_sim.aws.egress import current
from kinesis_sim.errors import ServiceError


def build() -> None:
    """Have moto's stacks live so."""
    from moto.cloudformation import models, parsing, responses

    module: Any = parsing
    module.ResourceMap.update = update
    _patch_deletion(module.ResourceMap)
    latecomers.build(parsing, _go_on_later, _forget)
    _patch_changes(parsing)
    stack_births.build()
    _patch_stacks(models)
    _patch_change_sets(responses.CloudFormationResponse)


def _patch_deletion(kind: Any) -> None:
    """A stack that is deleted in the midst of an update takes along what was about to go."""
    delete = kind.delete

    def deleted(self: Any) -> None:
        leave(self)
        delete(self)

    kind.delete = deleted


def _patch_changes(parsing: Any) -> None:
    """A change of a resource, or of what names it, that is late is refused."""
    change = parsing.parse_and_update_resource

    def parse_and_update(logical_id: str, resource_json: Any, resources: Any, **more: Any) -> Any:
        with inside(resources):
            return change(logical_id, resource_json, resources, **more)

    parsing.parse_and_update_resource = parse_and_update


def _patch_stacks(models: Any) -> None:
    """A stack that waits says so; moto would call it complete after an update or a change set.

    What a stack has not (yet) made is none of its resources.
    """
    change, execute = models.Stack.update, models.CloudFormationBackend.execute_change_set

    def updated(self: Any, template: str, *args: Any, **more: Any) -> None:
        _refuse_unchanged(self, template, more)
        _hold(self)
        if _has_taken(self, self.parse_template(template), "UPDATE"):
            return
        try:
            with _kept(self):
                change(self, template, *args, **more)
        except Undone as refused:
            _roll_back(self, "UPDATE", refused.name, refused.error)
            return
        _changed(self)

    def executed(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        named = [
            each
            for each in self.change_sets.values()
            if change_set_name in (each.change_set_id, each.change_set_name)
        ]
        for change_set in named:
            _refuse_unavailable(change_set)
            _hold(change_set.stack)
            asked = (change_set.template_dict, change_set.change_set_type)
            if _has_taken(change_set.stack, *asked):
                change_set.execution_status = "EXECUTE_FAILED"
                return
        try:
            execute(self, change_set_name, stack_name)
        except Undone as refused:
            for change_set in named:
                change_set.execution_status = "EXECUTE_FAILED"
                kind = change_set.change_set_type
                _roll_back(change_set.stack, kind, refused.name, refused.error)
            return
        for change_set in named:
            stack = change_set.stack
            stack._parse_template()
            stack.output_map = stack._create_output_map()  # moto keeps that of before
            _changed(stack)

    delete = models.CloudFormationBackend.delete_stack

    def deleted(self: Any, name_or_stack_id: str) -> None:
        for stack in list(self.stacks.values()):
            if name_or_stack_id in (stack.name, stack.stack_id):
                told = deletion_canceled(stack, self.exports, self.stacks)
                if told:
                    stack._add_stack_event(stack.status, told)
                    return
        delete(self, name_or_stack_id)

    models.CloudFormationBackend.delete_stack = deleted
    resources = models.Stack.stack_resources.fget
    models.Stack.stack_resources = property(
        lambda self: [made for made in resources(self) if made is not None]
    )
    models.Stack.update, models.CloudFormationBackend.execute_change_set = updated, executed


def _has_taken(stack: Any, template: Any, verb: str) -> bool:
    """Whether a stack would export what another one does; if so, it is turned back."""
    backend = _backend(stack.resource_map)
    told = taken(stack, template, backend)
    if told and verb == "CREATE":
        stack_births.roll_back(stack, backend, told)
    elif told:
        _turn_back(stack, told)
    return bool(told)


def _hold(stack: Any) -> None:
    """Keep what a stack says before an update, which may be undone after a wait."""
    held = (stack.template, stack.template_dict, stack.parameters, stack.tags)
    state_of(stack.resource_map).held = held


def _changed(stack: Any) -> None:
    """Let go what the template no longer has, once the rest is done; until then it waits."""
    waits = is_waiting(stack.resource_map)
    if not waits and not _may_end(stack):
        return
    _export(stack.resource_map)
    if waits and stack.status.endswith("_COMPLETE"):
        stack.status = stack.status.replace("COMPLETE", "IN_PROGRESS")
        stack.events.pop()


def _patch_change_sets(kind: Any) -> None:
    """A change set is one of an update unless it says otherwise (API reference); moto creates."""
    create = kind.create_change_set

    def created(self: Any) -> Any:
        if self._get_param("ChangeSetType") is None:
            self.params["ChangeSetType"] = "UPDATE"
        return create(self)

    kind.create_change_set = created


def _refuse_unchanged(stack: Any, template: str, told: dict[str, Any]) -> None:
    """Raise ServiceError for an update that changes nothing, in AWS's words; moto makes it."""
    if not stack.status.endswith("_COMPLETE"):
        return
    # both texts are read anew: moto adds to what it has read, and what cannot be read stays out
    same = stack.parse_template(template) == stack.parse_template(stack.template)
    parameters, tags = told.get("parameters") or {}, told.get("tags")
    if same and parameters == (stack.parameters or {}) and tags in (None, stack.tags):
        raise ServiceError("ValidationError", "No updates are to be performed.")


def _refuse_unavailable(change_set: Any) -> None:
    """Raise ServiceError for a change set that failed, in AWS's words; moto executes it."""
    if change_set.execution_status == "UNAVAILABLE":
        raise ServiceError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.change_set_id}] cannot be executed in its current status of "
            f"[{change_set.status}]",
        )


def _forget(resources: Any) -> None:
    """Take away a stack that cannot be made here, and what was made of it."""
    state_of(resources).late.clear()
    resources.delete()
    _backend(resources).stacks.pop(resources.stack_id, None)


@contextmanager
def _kept(stack: Any) -> Iterator[None]:
    """Have a stack whose update is refused hold the template that it held before."""
    resources = stack.resource_map
    held = (stack.template, stack.template_dict)
    known = (resources._template, resources._resource_json_map, resources.input_parameters)
    try:
        yield
    except Exception:
        stack.template, stack.template_dict = held
        resources._template, resources._resource_json_map, resources.input_parameters = known
        raise


def _go_on_later(resources: Any) -> None:
    """Try again on the clock of the simulator that moto works for."""
    egress = current()

    def go_on() -> None:
        assert egress is not None
        with egress.only_way_out():
            stack = _stack(resources)
            if stack is not None and stack.status.endswith("_IN_PROGRESS"):
                _try_again(stack, resources)

    asking().clock.after(TRY_AGAIN_MS, go_on)


def _backend(resources: Any) -> Any:
    from moto.cloudformation.models import cloudformation_backends

    return cloudformation_backends[resources._account_id][resources._region_name]


def _stack(resources: Any) -> Any:
    return _backend(resources).stacks.get(resources.stack_id)


def _export(resources: Any) -> None:
    """Give other stacks what a stack exports by now, and no longer what it exported before.

    moto does so when a stack is made only, and fails to delete one that exports more since. What
    waits exports as before, and more.
    """
    stack, known = _stack(resources), _backend(resources).exports
    if stack is None:
        return
    if not is_waiting(resources):
        for name, export in list(known.items()):
            if export.exporting_stack_id == stack.stack_id:
                del known[name]
    known.update({export.name: export for export in stack.exports})


def _try_again(stack: Any, resources: Any) -> None:
    state = state_of(resources)
    state.is_again = True
    try:
        resources.create(resources._template)
        for made in settling(resources):
            refused, made.refused = made.refused or made.failure(), None
            if refused is not None:
                state.failed = made.logical_resource_id
                raise refused
    except ServiceError as error:
        verb = stack.status.partition("_")[0]
        if verb == "UPDATE" and state.change is not None:
            _go_back(stack)
        _roll_back(stack, verb, state.failed, error)
        return
    finally:
        state.is_again = False
    if not is_waiting(resources) and _may_end(stack):
        _complete(stack)


def _may_end(stack: Any) -> bool:
    """Whether a stack's update is over; where another one imports what goes, it turns back."""
    resources, backend = stack.resource_map, _backend(stack.resource_map)
    told = ""
    if state_of(resources).change is not None and not stack.status.startswith("CREATE"):
        told = update_refused(stack, backend.exports, backend.stacks)
    if told:
        _go_back(stack)
        _turn_back(stack, told)
        return False
    leave(resources)
    return True


def _go_back(stack: Any) -> None:
    """Undo a stack's update, and have it say what it said before."""
    undo(stack.resource_map)
    held = state_of(stack.resource_map).held
    stack.template, stack.template_dict, stack.parameters, stack.tags = held
    stack.output_map = stack._create_output_map()


def _complete(stack: Any) -> None:
    stack.status = stack.status.replace("IN_PROGRESS", "COMPLETE")
    stack._add_stack_event(stack.status)
    _export(stack.resource_map)


def _roll_back(stack: Any, verb: str, name: str, error: ServiceError) -> None:
    """Take away what was made of a new stack; an updated one is on its way back already.

    verb: CREATE or UPDATE; name: the resource that AWS refused. The sentences are those that users
    quote of their stacks' events.
    """
    from moto.cloudformation.models import Event

    resources = stack.resource_map
    kind = resources._resource_json_map.get(name, {}).get("Type", "")
    made = resources._parsed_resources.get(name)
    physical = getattr(made, "physical_resource_id", "")
    row = (stack.stack_id, stack.name, name, physical, kind, f"{verb}_FAILED", str(error), None)
    stack.events.append(Event(*row))
    told = f"The following resource(s) failed to {verb.lower()}: [{name}]. "
    if verb == "CREATE":
        state_of(resources).late.clear()
        stack._add_stack_event("ROLLBACK_IN_PROGRESS", f"{told}Rollback requested by user.")
        resources.delete()
        stack_births.withdraw(stack, _backend(resources))
        stack.status = "ROLLBACK_COMPLETE"
        stack._add_stack_event(stack.status)
        return
    _turn_back(stack, told)


def _turn_back(stack: Any, told: str) -> None:
    """Say that an update is undone, until it is. told: why."""
    resources = stack.resource_map
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    stack._add_stack_event(stack.status, told)
    if is_waiting(resources):
        _go_on_later(resources)
    else:
        _complete(stack)
