"""Mission Control: registered platforms, licence buckets, its own backup (7)."""
