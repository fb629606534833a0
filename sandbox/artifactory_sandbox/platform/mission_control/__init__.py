"""Mission Control: the platforms that are registered (7.1)."""
