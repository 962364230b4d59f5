"""A whole scenario, producers to consumers, played on the clock or as a flow."""
