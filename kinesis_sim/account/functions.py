"""Lambda functions as Python callables: what an alarm or an event source mapping calls by ARN.

A function has the settings that matter to whoever feeds it: how long it takes on the simulated
clock, its time-out, its memory and its concurrency. Python's own speed plays no part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.handler import Context, takes_context
from kinesis_sim.arguments import number, said, whole
from kinesis_sim.errors import UsageError
from kinesis_sim.interruption import Held, interruptible
from kinesis_sim.mishaps import said_by
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.journal.inputs import Inputs

Function = Callable[..., Any]
"""Takes the event, or as a Lambda handler does the event and a Context (see ``handler``)."""
Duration = float | Callable[[dict[str, Any]], float]
"""Simulated milliseconds of an invocation, or how to work them out from the event."""

LARGEST_TIMEOUT_S = 900
DEFAULT_TIMEOUT_S = 3
DEFAULT_MEMORY_MB = 128
LARGEST_MEMORY_MB = 32_768
"""botocore's MemorySize: 128 to 32,768 MB."""
LARGEST_ANSWER_BYTES = 6_291_556
"""Of a synchronous invocation (Lambda guide, quotas; the odd hundred bytes are as AWS's error has
them; unverified)."""
LATEST = "$LATEST"
_NAME = re.compile(
    r"(?:arn:aws[\w-]*:lambda:)?(?:(?P<region>[a-z]{2}(?:-[a-z]+)+-\d):)?(?:(?P<account>\d{12}):)?"
    r"(?:function:)?(?P<name>[\w-]+)(?::(?P<qualifier>\$?[\w.-]+))?"
)


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    """duration_ms: simulated time of an invocation.

    concurrency: invocations at once, None for no limit of its own. memory_mb is kept and shown; the
    model does not measure Python's memory.
    """

    duration_ms: Duration = 0
    timeout_s: float = DEFAULT_TIMEOUT_S
    memory_mb: int = DEFAULT_MEMORY_MB
    concurrency: int | None = None

    def duration_of(self, event: dict[str, Any]) -> float:
        """Simulated milliseconds that the invocation with this event takes.

        Raises what the callable raises, and UsageError for an answer that is no duration.
        """
        if not callable(self.duration_ms):
            return self.duration_ms
        return float(number("duration_ms", interruptible(self.duration_ms, event), least=0))


@dataclass(frozen=True, slots=True)
class InvocationOutcome:
    """What came of an invocation.

    value: the answer; error: why it failed, ``Type: text``, or None; payload: the JSON that Lambda
    gives to whoever asked, of the answer or of the error.
    """

    value: Any
    error: str | None
    payload: bytes


class Functions:
    """The functions of one account in one Region. inputs: who keeps account of them."""

    def __init__(self, account: str, region: str, inputs: Inputs | None = None) -> None:
        self._inputs = inputs
        self._place = (account, region)
        self._prefix = f"arn:aws:lambda:{region}:{account}:function:"
        self._functions: dict[str, Function] = {}
        self._settings: dict[str, FunctionSettings] = {}
        self._faults: dict[str, str] = {}
        self._running: dict[str, int] = {}
        self.faults: Faults | None = None

    @typed
    def register(
        self,
        name: str,
        function: Function,
        *,
        duration_ms: Duration = 0,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        memory_mb: int = DEFAULT_MEMORY_MB,
        concurrency: int | None = None,
    ) -> str:
        """Make a callable known as a Lambda function; returns its ARN. A known name is replaced.

        Raises UsageError for what cannot be called, or settings that Lambda does not take.
        """
        if not callable(function):
            raise UsageError(
                f"{function!r} cannot be called; give a function of the event, or of event and "
                "context."
            )
        number("timeout_s", timeout_s, least=0.001, most=LARGEST_TIMEOUT_S)
        whole("memory_mb", memory_mb, least=DEFAULT_MEMORY_MB, most=LARGEST_MEMORY_MB)
        if concurrency is not None:
            whole("concurrency", concurrency, least=0)
        if not callable(duration_ms):
            number("duration_ms", duration_ms, least=0)
        if self._inputs is not None:
            self._inputs.mark(f"a Python function (sim.functions.register({name!r}, …))")
        arn = self._prefix + name
        self._functions[arn] = function
        self._settings[arn] = FunctionSettings(duration_ms, timeout_s, memory_mb, concurrency)
        return arn

    def arn(self, name: str) -> str:
        """The ARN of a function by its name; an ARN passes through.

        Raises UsageError for what is no text.
        """
        if not isinstance(name, str):
            raise UsageError(f"name={said(name)}: a function's name is a text.")
        return name if name.startswith("arn:") else self._prefix + name

    @typed
    def locate(self, name: str) -> tuple[str, str] | None:
        """The ARN without qualifier, and the qualifier ("" for none), of a function's name.

        name: as Lambda's API takes it: plain, partial or whole ARN. None for another account's or
        Region's function. Raises UsageError for what is no text.
        """
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        account, region = self._place
        if found["account"] not in (None, account) or found["region"] not in (None, region):
            return None
        return self._prefix + found["name"], found["qualifier"] or ""

    @typed
    def elsewhere(self, name: str) -> tuple[str, str, str] | None:
        """Account, Region and ARN of a function that is another account's or another Region's.

        None for one of here, and for what is no function's name.
        """
        found = _NAME.fullmatch(name)
        if found is None or self.locate(name) is not None:
            return None
        account, region = found["account"] or self._place[0], found["region"] or self._place[1]
        return account, region, f"arn:aws:lambda:{region}:{account}:function:{found['name']}"

    def settings(self, arn: str) -> FunctionSettings:
        """The settings of a registered function; under a delay its duration is longer by that.

        Raises UsageError for an unknown ARN.
        """
        own = self._settings[self._registered(arn)]
        if self.faults is None or not self.faults.at("function"):
            return own
        return replace(own, duration_ms=lambda event: own.duration_of(event) + self._late(arn))

    @typed
    def fail(self, name: str, message: str = "broken on purpose") -> None:
        """Have every invocation of a function raise RuntimeError from now on, until ``mend()``.

        Raises UsageError for an unknown function.
        """
        arn = self.arn(name)
        if arn not in self._functions:
            raise UsageError(f"There is no function {name}; register it with sim.functions.")
        self._faults[arn] = message

    @typed
    def mend(self, name: str) -> None:
        """Let a function do its work again."""
        self._faults.pop(self.arn(name), None)

    @typed
    def failing(self, name: str) -> bool:
        """Whether ``fail()`` holds for a function."""
        return self.arn(name) in self._faults

    def begin(self, arn: str) -> bool:
        """Take one of the function's invocations at once; False when all are taken.

        Raises UsageError for an unknown ARN.
        """
        self._registered(arn)
        most, running = self._settings[arn].concurrency, self._running.get(arn, 0)
        if most is not None and running >= most:
            return False
        self._running[arn] = running + 1
        return True

    def end(self, arn: str) -> None:
        """Give an invocation back. Raises UsageError for a function of which none is under way."""
        if not self._running.get(self._registered(arn)):
            raise UsageError(f"No invocation of {arn} is under way.")
        self._running[arn] -= 1

    def _registered(self, arn: str) -> str:
        if not isinstance(arn, str) or arn not in self._functions:
            name = arn if isinstance(arn, str) else said(arn)
            raise UsageError(f"There is no function {name}; register it with sim.functions.")
        return arn

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __contains__(self, arn: str) -> bool:
        return arn in self._functions

    def invoke(self, arn: str, event: dict[str, Any], request_id: str = "") -> Any:
        """Call a function.

        Raises UsageError for an unknown ARN, and what the function raises; Interrupted when it was
        stopped while the clock called it.
        """
        function = self._functions[self._registered(arn)]
        if arn in self._faults:
            raise RuntimeError(self._faults[arn])
        self._strike(arn)
        if takes_context(function):
            return interruptible(function, event, self._context(arn, event, request_id))
        return interruptible(function, event)

    def _strike(self, arn: str) -> None:
        if self.faults is None:
            return
        for fault in self.faults.at("function"):
            errs = fault.kind.name == "function-error" and fault.concerns(arn)
            if errs and self.faults.hits(fault, arn, "Invoke"):
                raise RuntimeError(fault.kind.error[1])

    def _late(self, arn: str) -> float:
        """Milliseconds that faults have an invocation start later."""
        if self.faults is None:
            return 0
        delays = [each for each in self.faults.at("function") if each.kind.name == "function-delay"]
        return sum(
            each.ms
            for each in delays
            if each.concerns(arn) and self.faults.hits(each, arn, "Invoke")
        )

    def _context(self, arn: str, event: dict[str, Any], request_id: str) -> Context:
        settings = self._settings[arn]
        left = settings.timeout_s * 1000 - settings.duration_of(event)
        name = arn.removeprefix(self._prefix)
        return Context(name, arn, str(settings.memory_mb), request_id, max(0, round(left)))

    def attempt(
        self, arn: str, event: dict[str, Any], request_id: str, *, late: bool
    ) -> InvocationOutcome:
        """Call a function as Lambda does.

        Whatever it raises, answers or is too late for becomes an Outcome. late: it ran out of time,
        so Python is not asked at all.

        The wordings are those of Lambda's Python runtime; stackTrace is left empty, as the files of
        this machine are nobody's business.
        """
        if late:
            said = f"Task timed out after {self._settings[arn].timeout_s:.2f} seconds"
            text = f"RequestId: {request_id} Error: {said}"
            return _failure("TimeoutError", said, {"errorType": "Sandbox.Timedout"}, text)
        own = {"requestId": request_id, "stackTrace": []}
        with Held():  # whoever calls Lambda's API outside of a move keeps its interruption, too
            try:
                value = self.invoke(arn, event, request_id)
            except (Exception, SystemExit) as error:
                return _failure(type(error).__name__, said_by(error), own)
        try:
            payload = json.dumps(value).encode()
        except Exception as error:  # a value may be of any class of the learner's
            said = f"Unable to marshal response: {said_by(error)}"
            return _failure("Runtime.MarshalError", said, own)
        if len(payload) > LARGEST_ANSWER_BYTES:
            said = (
                f"Response payload size exceeded maximum allowed payload size "
                f"({LARGEST_ANSWER_BYTES} bytes)."
            )
            return _failure("Function.ResponseSizeTooLarge", said, {})
        return InvocationOutcome(json.loads(payload), None, payload)


def _failure(
    kind: str, said: str, more: dict[str, Any], text: str | None = None
) -> InvocationOutcome:
    document = {"errorMessage": said if text is None else text, "errorType": kind, **more}
    return InvocationOutcome(None, f"{kind}: {said}", json.dumps(document).encode())
