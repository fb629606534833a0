"""What a request's conditional headers and its range ask for (6.1; RFC 9110)."""

import re
from email.utils import parsedate_to_datetime

from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Call, Refused

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)


def verdict(call: Call, row: Row) -> int:
    """200 to send the file, 304 when the client has it, 412 when it asked for another one."""
    headers = call.headers
    if (tags := headers.get("if-match")) is not None:
        if not _named(tags, row):
            return 412
    elif (moment := _moment(headers.get("if-unmodified-since"))) is not None and row["modified"] // 1000 > moment:
        return 412
    if (tags := headers.get("if-none-match")) is not None:
        return 304 if _named(tags, row) else 200
    moment = _moment(headers.get("if-modified-since"))
    return 304 if moment is not None and row["modified"] // 1000 <= moment else 200


def byte_range(call: Call, row: Row) -> tuple[int, int] | None:
    """Start and length; None for the whole. Several ranges at once are answered with the whole, as HTTP allows."""
    found = _RANGE.match(call.headers.get("range", ""))
    if found is None or (not found[1] and not found[2]) or not _still_the_same(call, row):
        return None
    size: int = row["size"]
    if not found[1]:
        length = min(int(found[2]), size)
        start = size - length
    else:
        start = int(found[1])
        length = min(int(found[2] or size), size - 1) - start + 1
    if length <= 0 or start >= size:
        refused = Refused(416, "Requested Range Not Satisfiable")
        refused.headers["Content-Range"] = f"bytes */{size}"
        raise refused
    return start, length


def _still_the_same(call: Call, row: Row) -> bool:
    """Whether `If-Range` names this file; without the header it does."""
    wanted = call.headers.get("if-range")
    if wanted is None:
        return True
    return wanted.strip('"') == row["sha1"] or wanted == http_date(row["modified"])


def _named(tags: str, row: Row) -> bool:
    known = {tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")}
    return "*" in known or row["sha1"] in known


def _moment(text: str | None) -> int | None:
    """Seconds since 1970 of an HTTP date; None for none and for nonsense, which HTTP ignores."""
    if not text:
        return None
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
