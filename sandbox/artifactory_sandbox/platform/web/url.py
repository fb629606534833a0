"""Reading request paths: segments, properties in the path, generated addresses."""

from urllib.parse import parse_qsl, unquote, urlsplit

from artifactory_sandbox.platform.web.refusal import Refused

LONGEST = 16 * 1024
_DOTS = frozenset({"", ".", ".."})
_LOOPBACK = ("127.0.0.1", "localhost")


def split_path(raw: bytes) -> tuple[tuple[str, ...], dict[str, list[str]], bool]:
    """Decoded segments, matrix parameters, and whether the path ended with a slash, parameters aside.

    Raises a 400 for a path that climbs, holds a control character or is not UTF-8.
    """
    if len(raw) > LONGEST:
        raise Refused(400, "The path is too long")
    matrix: dict[str, list[str]] = {}
    segments = []
    for part in raw.decode("latin-1").split("?", 1)[0].split("/"):
        head, *parameters = part.split(";")
        for parameter in parameters:
            name, _, values = parameter.partition("=")
            if name:
                each = values.replace("+", " ").split(",")  # encoded as forms are
                matrix.setdefault(_decode(name), []).extend(_decode(value) for value in each)
        if head and head != ".":  # `./Packages`, as apt asks for a flat repository
            segments.append(_decode(head))
    if any(_climbs(segment) for segment in segments):
        raise Refused(400, "The path may not contain '.' or '..' segments")
    return tuple(segments), matrix, not head


def is_web_address(url: str) -> bool:
    """Whether it is an address over HTTP with a host in it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one place: the loopback interface has several names."""
    return _canonical(one) == _canonical(other)


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """Values of the query parameters by name; a name without a value has one empty value."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _canonical(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.partition(":")
    if host in _LOOPBACK:
        host = _LOOPBACK[0]
    return f"{scheme}{separator}{host}{colon}{port}{slash}{path}"


def _climbs(segment: str) -> bool:
    """An encoded slash is part of a name, but what it divides must be names too."""
    return not _DOTS.isdisjoint(segment.split("/") if "/" in segment else (segment,))


def _decode(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Refused(400, "The path is not valid UTF-8") from None
    if any(ord(letter) < 32 for letter in decoded):
        raise Refused(400, "The path contains a control character")
    return decoded
