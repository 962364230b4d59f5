"""A pipeline's result over time."""
