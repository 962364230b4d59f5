"""Queries that live on the simulated clock: they read data streams, and write what they find."""
