"""SQS: to send a message is no more work the more messages wait.

moto counts a queue's messages three times for each that is sent, only to look at one setting of it:
with a thousand waiting a call took 16 ms, in a lesson's dead-letter queue and at a restart.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from typing import Any

_SENDING: ContextVar[bool] = ContextVar("sending", default=False)
_DEDUPLICATION = "ContentBasedDeduplication"


def build() -> None:
    """Have moto's queues count their messages only for those who ask for the numbers."""
    from moto.sqs.models import Queue, SQSBackend

    whole: Any = Queue.attributes

    def attributes(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = _settings(self) if _SENDING.get() else whole.fget(self)
        return found

    Queue.attributes = property(attributes)  # type: ignore[assignment, method-assign]
    backend: Any = SQSBackend
    for name in ("send_message", "send_message_batch"):
        setattr(backend, name, _sending(getattr(backend, name)))


def _settings(queue: Any) -> dict[str, Any]:
    """What moto looks at while it sends."""
    if not queue.fifo_queue:
        return {}
    found = queue.content_based_deduplication
    return {_DEDUPLICATION: str(found).lower() if isinstance(found, bool) else found}


def _sending(send: Any) -> Any:
    @wraps(send)
    def sent(*given: Any, **named: Any) -> Any:
        token = _SENDING.set(True)
        try:
            return send(*given, **named)
        finally:
            _SENDING.reset(token)

    return sent
