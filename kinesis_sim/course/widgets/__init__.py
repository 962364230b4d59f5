"""The course's own widgets: a prediction and a quiz."""
