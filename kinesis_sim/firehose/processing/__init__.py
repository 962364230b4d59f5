"""What happens to a record on its way: opened, transformed, sorted into partitions."""
