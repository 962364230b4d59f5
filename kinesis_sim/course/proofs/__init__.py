"""Experiments that prove the keys of questions: each runs the simulator and returns what it found.

A proof does not know the key. It writes every option down as a statement about the run and returns
the ids of those that came true.
"""
