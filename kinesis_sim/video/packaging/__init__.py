"""Fragments in the containers that players read: fragmented MP4, MP4, MPEG transport stream."""
