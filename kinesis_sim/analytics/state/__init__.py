"""State of running queries: what a snapshot holds, and when it may be restored."""
