"""Hostile bytes for every reader: ``make fuzz``, and a short run among the tests."""
