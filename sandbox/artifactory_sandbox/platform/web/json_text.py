"""Reading JSON as Artifactory does: strict, and never deeper than anything that may be written again."""

import json
import re
from typing import Any, NoReturn

from artifactory_sandbox.platform.web.refusal import Refused

DEPTH = 200
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(data: bytes) -> Any:
    """The value; a 400 for what is no JSON, for `NaN`, for half a surrogate pair, for more than 200 levels."""
    try:
        found = json.loads(data.decode(json.detect_encoding(data)), parse_constant=_no_number)
        if _SURROGATE.search(data):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"Error parsing json body: {str(error)[:200]}") from None
    if data.count(b"[") + data.count(b"{") > DEPTH and _depth(data) > DEPTH:
        raise Refused(400, f"Error parsing json body: more than {DEPTH} levels")
    return found


def _depth(data: bytes) -> int:
    """Of what is known to be JSON: no text in it is left open."""
    deepest = depth = 0
    for found in _STRUCTURE.finditer(data):
        if found[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in b"]}":
            depth -= 1
    return deepest


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
