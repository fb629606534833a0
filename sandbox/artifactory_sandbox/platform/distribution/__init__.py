"""Release bundles v1 of the distribution service, and what arrives at an edge (12.8.3)."""
