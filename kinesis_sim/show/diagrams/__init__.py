"""The study notes' diagrams, as they are today."""
