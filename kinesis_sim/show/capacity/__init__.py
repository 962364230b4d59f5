"""The load of a stream under its capacity line, and what it costs."""
