"""Keys made through ``sim.client("kms")``: what moto's KMS knows, as Kinesis sees it.

moto keeps its keys per process and account, as ``neighbours`` says; deleting is at once there, so a
key scheduled for deletion stays PendingDeletion.
"""

from __future__ import annotations

import sys

from kinesis_sim.account.encryption import Key, KeyState, Lookup

_STATES = {"Enabled": KeyState.ENABLED, "PendingDeletion": KeyState.PENDING_DELETION}


def moto_keys(account: str, region: str) -> Lookup:
    """Looks keys up, by id, ARN or alias, in moto's KMS of an account and Region.

    Costs nothing until somebody in this process has used moto's KMS: before that it has no keys.
    """

    def lookup(key_id: str) -> Key | None:
        if "moto.kms.models" not in sys.modules:
            return None
        from moto.kms.models import kms_backends

        if key_id.startswith("arn:") and f":kms:{region}:{account}:" not in key_id:
            return None
        keys = kms_backends[account][region].keys
        name = key_id.rsplit(":", 1)[-1].removeprefix("key/")
        for key in keys.values():
            if name == key.id or name in key.aliases:
                # Every other state (Disabled, PendingImport …) keeps Kinesis out as Disabled does.
                state = _STATES.get(key.key_state, KeyState.DISABLED)
                return Key(key.arn, state, spec=key.key_spec)
        return None

    return lookup
