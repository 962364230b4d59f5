"""Resources of a stack that have to wait: a stack goes on on the simulator's clock.

moto makes all of a stack within one call. A consumer can be registered only once its stream is
ACTIVE, and what names its ARN can be made only after it; until then the stack is in progress, as on
AWS, and until the streams it made are ACTIVE. A resource that cannot be made yet raises ``NotYet``;
the stack tries again every second, and what AWS refuses then rolls it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kinesis_sim.aws.bridges.delivery import asking
from kinesis_sim.aws.bridges.progress import TRY_AGAIN_MS, Settling
from kinesis_sim.aws.egress import current
from kinesis_sim.aws.unsupported import CODE
from kinesis_sim.errors import ServiceError


class NotYet(ServiceError):
    """A resource that cannot be made before another one is ACTIVE."""

    def __init__(self, what: str) -> None:
        super().__init__(
            "ValidationError",
            f"{what} is not ACTIVE yet, and this change of the stack needs it: update the stack "
            "again when it is.",
        )


class _State:
    """What a stack waits for. late: logical ids; depth: how deep moto is in making one.

    is_again: whether its resources are tried another time, so that a refusal ends the stack.
    """

    def __init__(self) -> None:
        self.late: set[str] = set()
        self.depth = 0
        self.is_trying = self.is_again = False


def build() -> None:
    """Have moto's stacks wait for what is not ACTIVE yet."""
    from moto.cloudformation import models, parsing, responses

    _patch_map(parsing.ResourceMap)
    _patch_outputs(parsing)
    _patch_stacks(models)
    _patch_change_sets(responses.CloudFormationResponse)


def is_waiting(resources: Any) -> bool:
    """Whether a stack's ResourceMap has resources that are not made, or not settled, yet."""
    return bool(_of(resources).late) or not all(made.is_settled() for made in _streams(resources))


def _streams(resources: Any) -> list[Any]:
    """What of a stack passes through states."""
    return [each for each in resources._parsed_resources.values() if isinstance(each, Settling)]


def _of(resources: Any) -> _State:
    state: _State = resources.__dict__.setdefault("latecomers", _State())
    return state


@contextmanager
def _inside(resources: Any) -> Iterator[None]:
    """As if moto were in the midst of making a resource: what is late is told by NotYet."""
    state = _of(resources)
    state.depth += 1
    try:
        yield
    finally:
        state.depth -= 1


def _patch_map(kind: Any) -> None:
    found, create, update, complete = (
        kind.__getitem__,
        kind.create,
        kind.update,
        kind.creation_complete,
    )

    def getitem(self: Any, key: str) -> Any:
        state = _of(self)
        if key in state.late and not state.is_trying:
            if state.depth:
                raise NotYet(f"What {key} waits for")
            return None
        try:
            with _inside(self):
                made = found(self, key)
        except NotYet:
            if state.depth or not state.is_trying:
                raise
            state.late.add(key)
            return None
        state.late.discard(key)
        return made

    def trying(method: Callable[..., Any]) -> Callable[..., Any]:
        def tried(self: Any, *args: Any) -> Any:
            state = _of(self)
            state.is_trying = True
            try:
                ready = method(self, *args)
            finally:
                state.is_trying = False
            if is_waiting(self):
                _go_on_later(self)
                return False
            return ready

        return tried

    def created(self: Any, *args: Any) -> Any:
        """Make a stack's resources; what AWS refuses rolls it back a moment later."""
        try:
            return trying(create)(self, *args)
        except ServiceError as error:
            if _of(self).is_again:
                raise
            if error.code == CODE:
                _forget(self)
                raise
            _go_on_later(self)
            return False

    kind.__getitem__ = getitem
    kind.create, kind.update = created, trying(update)
    kind.creation_complete = lambda self: not is_waiting(self) and complete(self)


def _patch_outputs(parsing: Any) -> None:
    """An output of a resource that is late is not there yet; a change of one is refused."""
    output, change = parsing.parse_output, parsing.parse_and_update_resource

    def parse_output(logical_id: str, output_json: Any, resources: Any) -> Any:
        try:
            with _inside(resources):
                return output(logical_id, output_json, resources)
        except NotYet:
            return None

    def parse_and_update(logical_id: str, resource_json: Any, resources: Any, **more: Any) -> Any:
        with _inside(resources):
            return change(logical_id, resource_json, resources, **more)

    exports = parsing.OutputMap.exports.fget

    def known(self: Any) -> Any:
        try:
            with _inside(self._resource_map):
                return exports(self)
        except NotYet:
            return []

    parsing.parse_output, parsing.parse_and_update_resource = parse_output, parse_and_update
    parsing.OutputMap.exports = property(known)


def _patch_stacks(models: Any) -> None:
    """A stack that waits says so; moto would call it complete after an update or a change set.

    What a stack has not (yet) made is none of its resources.
    """
    update, execute = models.Stack.update, models.CloudFormationBackend.execute_change_set

    def in_progress(stack: Any) -> None:
        if is_waiting(stack.resource_map) and stack.status.endswith("_COMPLETE"):
            stack.status = stack.status.replace("COMPLETE", "IN_PROGRESS")
            stack.events.pop()

    def updated(self: Any, template: str, *args: Any, **more: Any) -> None:
        _refuse_unchanged(self, template, more)
        with _kept(self):
            update(self, template, *args, **more)
        _export(self.resource_map)
        in_progress(self)

    def executed(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        for change_set in self.change_sets.values():
            if change_set_name in (change_set.change_set_id, change_set.change_set_name):
                _refuse_unavailable(change_set)
        execute(self, change_set_name, stack_name)
        for change_set in self.change_sets.values():
            if change_set_name in (change_set.change_set_id, change_set.change_set_name):
                stack = change_set.stack
                stack._parse_template()
                stack.output_map = stack._create_output_map()  # moto keeps that of before
                _export(stack.resource_map)
                in_progress(stack)

    resources = models.Stack.stack_resources.fget
    models.Stack.stack_resources = property(
        lambda self: [made for made in resources(self) if made is not None]
    )
    models.Stack.update, models.CloudFormationBackend.execute_change_set = updated, executed


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
    _of(resources).late.clear()
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
    state = _of(resources)
    state.is_again = True
    try:
        resources.create(resources._template)
        for made in _streams(resources):
            refused, made.refused = made.refused or made.failure(), None
            if refused is not None:
                raise refused
    except ServiceError as error:
        _roll_back(stack, str(error))
        return
    finally:
        state.is_again = False
    if not is_waiting(resources):
        stack.status = stack.status.replace("IN_PROGRESS", "COMPLETE")
        stack._add_stack_event(stack.status)
        _export(resources)


def _roll_back(stack: Any, reason: str) -> None:
    """Take away what was made of a new stack; leave what was there of an updated one."""
    verb = stack.status.partition("_")[0]
    stack._add_stack_event(f"{verb}_FAILED", resource_status_reason=reason)
    _of(stack.resource_map).late.clear()
    if verb == "CREATE":
        stack.resource_map.delete()
    stack.status = "ROLLBACK_COMPLETE" if verb == "CREATE" else f"{verb}_FAILED"
    stack._add_stack_event(stack.status)
