"""Repository definitions of every class (2)."""
