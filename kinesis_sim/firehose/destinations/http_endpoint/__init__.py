"""HTTP endpoints as destinations, from both sides."""
