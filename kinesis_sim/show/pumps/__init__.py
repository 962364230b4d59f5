"""Rows of an in-application stream falling into the windows of the pumps that read it."""
