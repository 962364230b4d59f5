"""A server under load for a while: ``make soak``."""
