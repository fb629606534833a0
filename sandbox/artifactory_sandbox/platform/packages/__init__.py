"""Package protocols: indexes derived from items, and what clients of each kind upload and fetch."""
