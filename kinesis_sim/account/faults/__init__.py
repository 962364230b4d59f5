"""Faults on purpose: what goes wrong, where, from when until when, and how often."""
