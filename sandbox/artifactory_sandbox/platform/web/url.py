"""Reading request paths: segments, properties in the path, generated addresses."""

from urllib.parse import parse_qsl, unquote

from artifactory_sandbox.platform.web.refusal import Refused


def split_path(raw: bytes) -> tuple[tuple[str, ...], dict[str, list[str]], bool]:
    """Decoded segments, matrix parameters, and whether the path ended with a slash.

    Raises a 400 for a path that climbs, holds a control character or is not UTF-8.
    """
    matrix: dict[str, list[str]] = {}
    segments = []
    for part in raw.decode("latin-1").split("?", 1)[0].split("/"):
        head, *parameters = part.split(";")
        for parameter in parameters:
            name, _, values = parameter.partition("=")
            if name:
                matrix.setdefault(_decode(name), []).extend(_decode(value) for value in values.split(","))
        if head:
            segments.append(_decode(head))
    if any(segment in {".", ".."} or ("/" in segment and ".." in segment.split("/")) for segment in segments):
        raise Refused(400, "The path may not contain '.' or '..' segments")
    return tuple(segments), matrix, raw.endswith(b"/")


def parse_query(raw: bytes) -> dict[str, list[str]]:
    """Values of the query parameters by name; a name without a value has one empty value."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("latin-1"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def _decode(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Refused(400, "The path is not valid UTF-8") from None
    if any(ord(letter) < 32 for letter in decoded):
        raise Refused(400, "The path contains a control character")
    return decoded
