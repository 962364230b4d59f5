"""Kinesis Lab: a deterministic, pure-Python model of Amazon Kinesis that real AWS clients talk to.

>>> from kinesis_sim import Simulator
>>> sim = Simulator()
>>> kinesis = sim.client("kinesis")

Importing this package loads the standard library only; everything heavier loads on first use.
"""

from kinesis_sim.clock import Clock
from kinesis_sim.errors import KinesisSimError, ServiceError, UsageError
from kinesis_sim.simulator import Simulator

__all__ = ["Clock", "KinesisSimError", "ServiceError", "Simulator", "UsageError"]
__version__ = "0.1.0"
