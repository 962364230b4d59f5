"""The life of a resource as a diagram of the table that the code follows."""
