"""The server's own words, from any of its error shapes, without our secrets."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

HIDDEN = "(hidden)"
_LONGEST = 2000
_SHORTEST_SECRET = 4


def said(text: str, secrets: Iterable[str] = ()) -> str:
    """What an error body says, at most 2,000 characters (REST reference 0.4).

    >>> said('{"errors": [{"status": 400, "message": "no such layout"}]}')
    'no such layout'
    """
    forms = sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True)
    visible = _hide(text, forms)
    try:
        words = _words(json.loads(visible))
    except ValueError:
        words = re.sub(r"<[^>]*>", " ", visible)
    return _hide(re.sub(r"\s+", " ", words).strip(), forms)[:_LONGEST]


def _words(body: Any) -> str:
    if not isinstance(body, dict):
        return body if isinstance(body, str) else json.dumps(body)
    errors = body.get("errors")
    if isinstance(errors, list) and errors:
        return "; ".join(str(item.get("message") or item) if isinstance(item, dict) else str(item) for item in errors)
    for key in ("message", "messages", "statusMsg", "error"):
        if body.get(key):
            return str(body[key])
    return json.dumps(body)


def _hide(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> Iterator[str]:
    """How a server may echo a secret: as it is, one of its lines, or encoded."""
    for part in {secret, secret.strip(), re.sub(r"\s+", " ", secret), *secret.split()}:
        if len(part) >= _SHORTEST_SECRET:
            yield part
            yield json.dumps(part)[1:-1]
            yield json.dumps(part, ensure_ascii=False)[1:-1]
            yield quote(part, safe="")
            yield html.escape(part)
            yield base64.b64encode(part.encode()).decode()
