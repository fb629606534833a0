"""Key pairs, trusted keys, client certificates (12.5.5)."""
