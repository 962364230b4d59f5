"""Widgets: one Python class and one .js file each, no bundler."""
