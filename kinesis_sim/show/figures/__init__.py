"""Figures: matplotlib Figure objects from rows, without pyplot, in pixels from the top left."""
