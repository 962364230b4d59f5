"""Who reads a stream, where each reader is, and its lag."""
