"""What came into a simulator from outside, in order: enough to have all of it again."""
