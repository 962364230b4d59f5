"""Where a destination's key is: in its configuration, or in Secrets Manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Block = Mapping[str, Any]
SecretPort = Callable[[str], Mapping[str, str]]
"""The port to Secrets Manager: the members of a secret's JSON by its ARN. Raises
SecretUnavailable."""


class SecretUnavailable(LookupError):
    """A secret could not be read, or lacks the member that is wanted; the text says which."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a key is: in the configuration (plain), or in a secret's JSON under ``member``.

    A secret that is enabled wins (BC:SecretsManagerConfiguration).
    """

    plain: str = field(repr=False)
    arn: str
    member: str

    def read(self, secret: SecretPort) -> str:
        """The key. Raises SecretUnavailable."""
        if not self.arn:
            return self.plain
        found = secret(self.arn)
        if self.member not in found:
            raise SecretUnavailable(
                f'Secret {self.arn} has no "{self.member}"; store it as {{"{self.member}": "…"}}.'
            )
        return found[self.member]


def credential(block: Block, plain: str, member: str) -> Credential:
    """The credential of a block with a ``SecretsManagerConfiguration``."""
    found = block.get("SecretsManagerConfiguration") or {}
    arn = found.get("SecretARN", "") if found.get("Enabled") else ""
    return Credential(plain, arn, member)
