"""Applications: their configuration, versions, lives, snapshots, and what runs in them."""
