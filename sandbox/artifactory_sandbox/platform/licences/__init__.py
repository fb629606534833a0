"""The licence pool of a cluster (1.2)."""
