"""Rendered files against reviewed ones; `UPDATE_GOLDEN=1` writes them anew."""

import os
from pathlib import Path


def assert_golden(path: Path, text: str) -> None:
    """The text is what the file holds."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"differs from {path.name}; UPDATE_GOLDEN=1 writes it anew"
