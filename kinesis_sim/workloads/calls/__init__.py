"""Calls with real media, by aiortc (the ``[webrtc]`` extra): a camera that answers who rings."""
