"""Artifacts, their properties, and what is stored where (6.1, 6.2)."""
