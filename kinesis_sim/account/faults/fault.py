"""One fault of a plan: its kind, what it strikes, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kinesis_sim.account.faults.kinds import FaultKind
from kinesis_sim.instants import written

_BIRTH = re.compile(r"/(?:\*|[0-9]{13})\Z")
"""What follows the name in the ARN of a video stream or a channel: when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What goes wrong on purpose, from ``begins`` on, before ``until`` (epoch ms; None for good).

    target: a name or ARN; ``*`` for all there are. part: one shard of a stream. service,
    operations: whose calls, and which; no operations for all that the kind may strike. share: of
    what it could strike, from 0 to 1. code: the error, where the kind leaves a choice. ms: how
    long, where the kind is about time. why: who asked for it, such as an experiment's id.
    """

    id: str
    kind: FaultKind
    target: str
    begins: int
    until: int | None = None
    part: str = ""
    service: str = ""
    operations: frozenset[str] = frozenset()
    share: float = 1.0
    code: str = ""
    ms: int = 0
    why: str = ""

    def concerns(self, name: str) -> bool:
        """Whether a thing of this name or ARN is what the fault strikes."""
        if self.target in ("*", name):
            return True
        bare = _BIRTH.sub("", name) if name.startswith("arn:") else ""
        return bare.endswith((f"/{self.target}", f":{self.target}"))

    def may_strike(self, service: str, operation: str) -> bool:
        """Whether calls of an operation are among what it strikes."""
        if service != self.service or (self.operations and operation not in self.operations):
            return False
        known = self.kind.operations.get(service)
        return known is None or operation in known

    def row(self) -> dict[str, Any]:
        """As a plain row: what it is, times as ISO 8601."""
        return {
            "id": self.id,
            "kind": self.kind.name,
            "target": self.target,
            "part": self.part,
            "service": self.service,
            "operations": sorted(self.operations),
            "share": self.share,
            "code": self.code,
            "ms": self.ms,
            "from": written(self.begins),
            "until": None if self.until is None else written(self.until),
            "why": self.why,
        }
