"""Signaling channels: where two peers find each other before they talk (facts/video §7)."""
