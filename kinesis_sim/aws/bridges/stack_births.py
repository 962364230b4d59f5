"""New stacks that cannot be because of what stacks give one another.

One that imports what nobody exports, or exports what another stack does, is rolled back with the
reason (the sentences are those that users quote of their stacks' events, "Rollback requested by
user." among them). moto refuses the call, and keeps a stack that is half made; what that "exports"
is taken from its owner when it is deleted.
"""

from __future__ import annotations

from typing import Any

from kinesis_sim.aws.bridges.exports import taken

_UNKNOWN = "No export named "


def build() -> None:
    """Have moto's backend of stacks make them so."""
    from moto.cloudformation import models
    from moto.core.exceptions import ServiceException

    backend: Any = models.CloudFormationBackend
    create = backend.create_stack

    def created(self: Any, *args: Any, **told: Any) -> Any:
        before = set(self.stacks)
        try:
            return create(self, *args, **told)
        except ServiceException as error:
            made = [stack for name, stack in self.stacks.items() if name not in before]
            for stack in made:
                reason = _reason(stack, self, str(error.message))
                roll_back(stack, self, reason)
                if reason:
                    return stack
                del self.stacks[stack.stack_id]
            raise

    backend.create_stack = created


def roll_back(stack: Any, backend: Any, reason: str) -> None:
    """Take away what was made of a new stack, and what it would export. reason: for its events."""
    stack._add_stack_event("ROLLBACK_IN_PROGRESS", reason)
    stack.resource_map.delete()
    withdraw(stack, backend)
    stack.status = "ROLLBACK_COMPLETE"
    stack._add_stack_event(stack.status)


def withdraw(stack: Any, backend: Any) -> None:
    """Have a stack that was rolled back give nothing out."""
    stack.output_map._output_json_map, stack.output_map._parsed_outputs = {}, {}
    for name, export in list(backend.exports.items()):
        if export.exporting_stack_id == stack.stack_id:
            del backend.exports[name]


def _reason(stack: Any, backend: Any, message: str) -> str:
    if message.startswith(_UNKNOWN):
        return f"{message} Rollback requested by user."
    return taken(stack, stack.template_dict, backend)
