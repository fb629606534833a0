"""Searches over items: AQL, by checksum, by name (6.3)."""
