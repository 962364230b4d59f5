"""Endpoints within this process for destinations to deliver to, so that nothing need be installed.

``Receivers`` makes them and holds them by host, as ``Transport`` wants them.
"""

from kinesis_sim.firehose.destinations.receivers.registry import Receivers as Receivers
