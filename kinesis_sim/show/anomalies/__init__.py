"""Anomaly scores over time under a threshold: what it tells, misses, and tells falsely."""
