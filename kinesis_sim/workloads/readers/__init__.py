"""Whoever reads a stream: pollers, KCL workers, fan-out subscribers, queue consumers."""
