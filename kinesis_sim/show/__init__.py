"""What a learner sees: rows from events, figures from rows, widgets for the notebook."""
