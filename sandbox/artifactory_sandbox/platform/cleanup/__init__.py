"""Cleanup and archive policies (12.9)."""
