"""What a Flink job remembers: its position, checkpoints, a crash, and what comes twice where."""
