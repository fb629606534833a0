"""JSON and addresses of strangers."""

import json
from typing import Any
from urllib.parse import urljoin, urlsplit


def json_object(raw: bytes) -> dict[str, Any] | None:
    """An object out of JSON, None for anything else; halves of surrogate pairs, which no text may hold, are replaced."""
    try:
        found = json.loads(raw.decode("utf-8-sig"))
        if b"\\ud" in raw.lower():
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def address(base: str, link: str) -> str:
    """Where a link of a document at `base` leads: an http or https address with a host, empty for what is none."""
    try:
        found = urljoin(base, link.strip())
        parts = urlsplit(found)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return ""
    return found if known else ""
