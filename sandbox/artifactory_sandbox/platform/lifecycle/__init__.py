"""Release bundles v2: creation, promotion, distribution, export (12.8)."""
