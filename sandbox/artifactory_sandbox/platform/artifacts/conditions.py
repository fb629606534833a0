"""What a request's conditional headers and its range ask for (6.1; RFC 9110)."""

import re
from email.utils import parsedate_to_datetime

from artifactory_sandbox.platform.artifacts.byteranges import Span
from artifactory_sandbox.platform.clock import http_date
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Call, Refused

_RANGE = re.compile(r"(\d{0,18})-(\d{0,18})", re.ASCII)
_MOST = 100
"""Ranges in one request; who wants more gets the whole file."""


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


def byte_ranges(call: Call, row: Row) -> list[Span]:
    """What is wanted of the file; nothing for the whole. Very many ranges, and ranges that together are longer than
    the file, are answered with the whole, as HTTP allows."""
    unit, _, wanted = call.headers.get("range", "").partition("=")
    each = [one.strip() for one in wanted.split(",") if one.strip()]
    matches = [_RANGE.fullmatch(one) for one in each if one != "-"]
    found = [match for match in matches if match]
    if unit != "bytes" or len(found) < len(each) or not 0 < len(found) <= _MOST or not _still_the_same(call, row):
        return []
    size: int = row["size"]
    spans = [span for match in found if (span := _span(match, size)).length > 0]
    if not spans:
        refused = Refused(416, "Requested Range Not Satisfiable")
        refused.headers["Content-Range"] = f"bytes */{size}"
        raise refused
    return spans if sum(span.length for span in spans) <= size else []


def _span(wanted: re.Match[str], size: int) -> Span:
    """No length at all when the file has nothing of it."""
    first, last = wanted[1], wanted[2]
    if not first:
        length = min(int(last), size)
        return Span(size - length, length)
    start = int(first)
    return Span(start, min(int(last or size), size - 1) - start + 1)


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
