"""How long state changes take on the clock: a stream's, and those of what is attached to it.

AWS says "a few seconds to minutes" and no more. ``realistic`` is this model's choice of round
figures
in that range; ``quick`` (500 ms for all) is what public emulators settled on; ``instant`` is for
tests.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from kinesis_sim.errors import UsageError


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds from the request of a change until it is done."""

    create_stream: int = 15_000
    delete_stream: int = 15_000
    reshard: int = 30_000
    update_shard_count: int = 60_000
    update_mode: int = 30_000
    warm_throughput: int = 60_000
    encryption: int = 5_000
    register_consumer: int = 10_000
    deregister_consumer: int = 10_000
    channel: int = 15_000
    queue: int = 15_000
    event_source_mapping: int = 15_000
    create_delivery_stream: int = 30_000
    delete_delivery_stream: int = 15_000
    update_destination: int = 30_000
    delivery_stream_encryption: int = 5_000

    @classmethod
    def named(cls, name: str | Delays) -> Delays:
        """The delays called ``realistic``, ``quick`` or ``instant``; own Delays pass through."""
        if isinstance(name, Delays):
            return name
        if name == "realistic":
            return cls()
        if name in _UNIFORM:
            return cls(**{field.name: _UNIFORM[name] for field in fields(cls)})
        raise UsageError(f"delays={name!r}: choose realistic, quick or instant, or give Delays(…).")


_UNIFORM = {"quick": 500, "instant": 0}
