"""PyPI: the simple index in both forms, uploads, metadata (PEP 503, 592, 629, 658, 691, 700)."""
