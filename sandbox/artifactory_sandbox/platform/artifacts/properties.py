"""Reading properties out of requests (6.2): `a=1,2;b=3` with escapes, and the body of a metadata patch."""

import re
from typing import Any
from urllib.parse import unquote_plus

from artifactory_sandbox.platform.web import Refused

Wanted = dict[str, list[str] | None]
_QUERY = "properties"
_ENCODED = re.compile(r"%5C%..|%(?:2C|3D)|%(?:3B|7C)(?![^;|]*=)", re.IGNORECASE)
"""Encoded separators that belong to a value; `;` and `|` do unless another `name=` follows them."""
_KEY_LIMIT = 255
_VALUE_LIMIT = 2400


def parse(text: str) -> Wanted:
    """Reads `a=1,2;b=3`; `|` separates as well, a backslash takes a separator's meaning away."""
    wanted: Wanted = {}
    for part in _split(text, ";|", keep_escapes=True):
        name, *rest = _split(part, "=", keep_escapes=True)
        if name.strip():
            key = _plain(name.strip())
            values = [_plain(value) for value in _split("=".join(rest), ",", keep_escapes=True)]
            wanted[key] = [*(wanted.get(key) or []), *values]
    return checked(wanted)


def of_query(raw: bytes) -> Wanted:
    """The query's `properties`. What divides them may be plain, then what is encoded belongs to a name or a value
    (`a=1,2;b=3%2C4`: a comma in b); or the whole is encoded, and read as it is after decoding."""
    sent = (part.partition("=") for part in raw.decode("latin-1").split("&"))
    texts = [value for name, _, value in sent if name == _QUERY]
    return parse(";".join(unquote_plus(_ENCODED.sub(_escaped, text) if "=" in text else text) for text in texts))


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].upper().startswith("%5C") else f"%5C{found[0]}"


def patched(props: Any) -> Wanted:
    """Properties of a metadata patch: null removes, a comma in a text splits it (12.10.1)."""
    if not isinstance(props, dict):
        raise Refused(400, "props or stats fields required")
    wanted: Wanted = {}
    for name, value in props.items():
        if value is None:
            wanted[name] = None
        elif isinstance(value, list):
            if any(isinstance(one, (dict, list)) or one is None for one in value):
                raise Refused(400, f"Property '{name[:100]}' has a value that is no text")
            wanted[name] = [_text(one) for one in value]
        elif isinstance(value, dict):
            raise Refused(400, f"Property '{name[:100]}' has a value that is no text")
        else:
            wanted[name] = _split(_text(value), ",")
    return checked(wanted)


def names(text: str) -> list[str]:
    """Names separated by commas, with escapes."""
    return [name for name in _split(text, ",") if name]


def checked(wanted: Wanted) -> Wanted:
    """Refuses names and values that cannot be kept; doubled values are kept once."""
    for name, values in wanted.items():
        if not name or len(name) > _KEY_LIMIT:
            raise Refused(400, f"Invalid property name: '{name[:100]}'")
        for value in values or ():
            if len(value) > _VALUE_LIMIT:
                raise Refused(400, f"The value of property '{name[:100]}' is longer than {_VALUE_LIMIT} characters")
            if "\0" in value or "\0" in name:
                raise Refused(400, f"Property '{name[:100]}' holds a control character")
        if values is not None:
            wanted[name] = list(dict.fromkeys(values))
    return wanted


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(text: str, separators: str, keep_escapes: bool = False) -> list[str]:
    parts, current, position = [], "", 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and position + 1 < len(text):
            current += text[position : position + 2] if keep_escapes else text[position + 1]
            position += 2
            continue
        if letter in separators:
            parts.append(current)
            current = ""
        else:
            current += letter
        position += 1
    return [*parts, current]


def _plain(text: str) -> str:
    return _split(text, "")[0]
