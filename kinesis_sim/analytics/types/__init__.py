"""SQL types of both languages, how they are combined, and their values as text."""
