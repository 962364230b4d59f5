"""Random cut forests: how far from the others a point lies."""
