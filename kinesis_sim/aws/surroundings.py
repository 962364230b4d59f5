"""What the rooms of one simulator lean on: the clock and the seed, each other, and moto."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kinesis_sim.account.calls import Answer, Request
from kinesis_sim.account.service import Surroundings

if TYPE_CHECKING:
    from kinesis_sim.account.metrics import Metrics
    from kinesis_sim.simulator import Simulator


def surroundings(sim: Simulator, metrics: Metrics) -> Surroundings:
    """The surroundings of every room of a simulator.

    metrics: where they hand in what they measure.
    """
    neighbours = _Neighbours(sim)

    def call(service: str, operation: str, request: Request) -> Answer:
        if service in sim.services.names:
            return sim.gate.call(service, operation, request)
        return neighbours.call(service, operation, request)

    def latency(data_plane: bool) -> int:
        return 0 if sim.latency is None else sim.latency.of(data_plane)

    def port(room: str) -> Any:
        return import_module(f"kinesis_sim.aws.{room}_ports").port(sim)

    return Surroundings(
        clock=sim.clock,
        events=sim.events,
        chance=sim.chance,
        account=sim.account,
        region=sim.region,
        limits=sim.limits,
        delays=sim.delays,
        metrics=metrics,
        functions=sim.functions,
        keys=sim.keys,
        latency=latency,
        call=call,
        elsewhere=neighbours.call,
        store=sim.buckets.write,
        port=port,
        rests=lambda iterator, every, told=None: sim.streams.tip(iterator, every, told),
    )


class _Neighbours:
    """Calls to services as moto keeps them."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._clients: dict[str, Any] = {}

    def call(self, service: str, operation: str, request: Request) -> Answer:
        """One call. Raises ServiceError with moto's code, text and status."""
        from kinesis_sim.aws.neighbours import consult

        client = self._clients.get(service)
        if client is None:
            client = self._clients[service] = self._sim.clients.make_elsewhere(service)
        return consult(client, operation, request)
