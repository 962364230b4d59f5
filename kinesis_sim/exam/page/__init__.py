"""Exam preparation on a page of its own: the widget's script, a small server as its kernel."""
