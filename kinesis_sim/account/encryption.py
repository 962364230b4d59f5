"""An account's KMS keys as Kinesis sees them: which there are, which may be used now.

Real key handling is KMS's (and moto's) business. What Kinesis needs of a key is its state, because
an encrypted stream refuses reads and writes while its key cannot be used; so this module keeps
states, and lets a learner set any of them: ``sim.keys.set_state(key, "Disabled")``. Keys made
elsewhere (through ``sim.client("kms")``) are asked for through the port ``lookup``.

Messages: KMS hands its own text through Kinesis, as a PutRecord refused on AWS shows
(serverless-apigateway-service-proxy issue 101, 2020); KMS's texts are from AWS answers recorded in
localstack/localstack's KMS and S3 snapshots. ``Key.refusal`` says which texts are this model's
choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING

from kinesis_sim.errors import ServiceError, UsageError
from kinesis_sim.signatures import typed

if TYPE_CHECKING:
    from kinesis_sim.account.faults.plan import Faults
    from kinesis_sim.journal.inputs import Inputs

KINESIS_ALIAS = "alias/aws/kinesis"
"""The key that AWS keeps for Kinesis in every account; no permission on it is needed."""

SYMMETRIC = "SYMMETRIC_DEFAULT"
"""The KeySpec of symmetric keys for encryption (facts/firehose §9, KMS's documentation)."""

_ARN = re.compile(r"arn:aws[\w-]*:kms:([\w-]+):(\d{12}):((?:key|alias)/\S+)")
_ID = re.compile(r"(?:mrk-)?[0-9a-fA-F-]{32,36}")


class KeyState(Enum):
    """What can be the matter with a key: three states of KMS, and three faults to inject."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    DENIED = "denied"
    OPT_IN_REQUIRED = "opt-in-required"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its ARN, its state, and KMS's KeySpec: Kinesis takes symmetric keys alone."""

    arn: str
    state: KeyState = KeyState.ENABLED
    spec: str = SYMMETRIC

    def refusal(self, action: str, caller: str) -> ServiceError | None:
        """The error that Kinesis answers with when it may not use the key; None when it may.

        Recorded on AWS: Disabled, PendingDeletion, denied. The other two are the model's choice,
        after the documentation of botocore's KMSOptInRequired and KMSThrottlingException. So is the
        code for an asymmetric key, which Kinesis's errors have no name for; its text is KMS's, from
        an emulator's tests (floci-io/floci and local-kms).
        """
        if self.state is KeyState.ENABLED and self.spec != SYMMETRIC:
            text = f"{self.arn} key KeySpec is {self.spec} which is not valid for {action}."
            return ServiceError("KMSInvalidStateException", text)
        if self.state is KeyState.ENABLED:
            return None
        code, text = _REFUSALS[self.state]
        return ServiceError(code, text.format(key=self.arn, action=action, caller=caller))


_REFUSALS = {
    KeyState.DISABLED: ("KMSDisabledException", "{key} is disabled."),
    KeyState.PENDING_DELETION: ("KMSInvalidStateException", "{key} is pending deletion."),
    KeyState.DENIED: (
        "KMSAccessDeniedException",
        "User: {caller} is not authorized to perform: kms:{action} on resource: {key}",
    ),
    KeyState.OPT_IN_REQUIRED: (
        "KMSOptInRequired",
        "The AWS access key ID needs a subscription for the service.",
    ),
    KeyState.THROTTLED: (
        "KMSThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    ),
}


Lookup = Callable[[str], Key | None]
"""Who else may know a key, by the text a caller gave: how keys of moto's KMS are found."""


class Keys:
    """The keys of one account in one Region, by id, key ARN, alias name or alias ARN.

    lookup: asked for keys that were not made here. faults: what goes wrong with them on purpose.
    """

    def __init__(self, *, account: str, region: str, lookup: Lookup | None = None) -> None:
        self.account = account
        self.region = region
        self.lookup = lookup
        self._keys: dict[str, Key] = {}
        self._aliases: dict[str, str] = {}
        self._made = 0
        self._faults: dict[str, KeyState] = {}
        self.faults: Faults | None = None
        self.inputs: Inputs | None = None
        self.create_key(KINESIS_ALIAS)

    @typed
    def create_key(self, alias: str | None = None) -> str:
        """Make an Enabled key, under an alias if one is given; returns the key's ARN.

        Raises UsageError for an alias that is taken or does not begin with ``alias/``.
        """
        if alias is not None and (alias in self._aliases or not alias.startswith("alias/")):
            raise UsageError(f"{alias!r} is taken or does not begin with alias/; choose another.")
        number = f"{self.account}/{self.region}/{self._made}".encode()
        self._made += 1
        digits = blake2b(number, digest_size=16).hexdigest()
        key_id = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        if self.inputs is not None:
            self.inputs.note("new key", alias)
        key = self._keys[key_id] = Key(self._arn(f"key/{key_id}"))
        if alias is not None:
            self._aliases[alias] = key_id
        return key.arn

    @typed
    def delete_key(self, key_id: str) -> None:
        """Let a key be gone, as it is when its waiting period is over; what it encrypted is lost.

        Raises UsageError for a key that was not made here.
        """
        key = self._own(key_id)
        if key is None:
            raise UsageError(f"There is no key {key_id!r} to delete.")
        if self.inputs is not None:
            self.inputs.note("gone key", key_id)
        del self._keys[_name(key.arn)]

    @typed
    def set_state(self, key_id: str, state: str | KeyState) -> None:
        """Put a key into a state.

        state: "Enabled", "Disabled", "PendingDeletion", or a fault to inject: "denied",
        "opt-in-required", "throttled".

        For a key of ``lookup``, "Enabled" means that it has the state it has there.
        Raises UsageError for another state, or a key that nobody knows.
        """
        try:
            wanted = KeyState(state)
        except ValueError:
            states = ", ".join(known.value for known in KeyState)
            raise UsageError(f"{state!r} is no state of a key; the states are {states}.") from None
        key = self._find(key_id)
        if key is None:
            raise UsageError(f"There is no key {key_id!r}; make one with create_key().")
        if self.inputs is not None:
            self.inputs.note("key", key_id, wanted.value)
        self._faults[key.arn] = wanted

    def check(
        self, key_id: str, action: str = "GenerateDataKey", caller: str | None = None
    ) -> None:
        """Raise the KMS… ServiceError with which a call fails that needs the key; else do nothing.

        action: what Kinesis wants of KMS, "GenerateDataKey" to write, "Decrypt" to read.
        caller: the ARN that the message names; the account's root when left out.
        """
        key = self._find(key_id)
        if key is None:
            raise ServiceError("KMSNotFoundException", self._unknown(key_id))
        fault = self.faults and self.faults.strike("key", key.arn, action, key_id)
        if fault:
            key = replace(key, state=KeyState(fault.code))
        refusal = key.refusal(action, caller or f"arn:aws:iam::{self.account}:root")
        if refusal is not None:
            raise refusal

    def _find(self, key_id: str) -> Key | None:
        key = self._own(key_id) or (self.lookup(key_id) if self.lookup is not None else None)
        if key is None:
            return None
        fault = self._faults.get(key.arn, KeyState.ENABLED)
        return key if fault is KeyState.ENABLED else replace(key, state=fault)

    def _own(self, key_id: str) -> Key | None:
        if key_id.startswith("arn:") and not key_id.startswith(self._arn("")):
            return None
        name = _name(key_id)
        return self._keys.get(self._aliases.get(name, name))

    def _unknown(self, key_id: str) -> str:
        """KMS's text for a key that is not there, or that is another Region's.

        The latter is recorded by badmintoncryer/cdk-preflight (2026-09-06).
        """
        if _ARN.fullmatch(key_id) and key_id.split(":")[3] != self.region:
            return f"Invalid arn {key_id.split(':')[3]}"
        if key_id.startswith("alias/"):
            return f"Alias {self._arn(key_id)} is not found."
        if _ARN.fullmatch(key_id) and ":alias/" in key_id:
            return f"Alias {key_id} is not found."
        if _ARN.fullmatch(key_id) or _ID.fullmatch(key_id):
            return f"Key '{self._full_arn(key_id)}' does not exist"
        return f"Invalid keyId '{key_id}'"

    def _full_arn(self, key_id: str) -> str:
        if key_id.startswith("arn:"):
            return key_id
        return self._arn(key_id if key_id.startswith("alias/") else f"key/{key_id}")

    def _arn(self, resource: str) -> str:
        return f"arn:aws:kms:{self.region}:{self.account}:{resource}"


def _name(key_id: str) -> str:
    """A key's id, or an alias with its ``alias/``, out of any of the four forms."""
    return key_id.rsplit(":", 1)[-1].removeprefix("key/")
