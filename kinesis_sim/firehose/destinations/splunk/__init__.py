"""Splunk as a destination: its HTTP Event Collector, from both sides."""
