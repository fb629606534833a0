"""The node's clock: real time, plus what a fault or a test added."""

import time
from datetime import UTC, datetime


class Clock:
    """Milliseconds since 1970, as the simulated node believes."""

    def __init__(self) -> None:
        self._skew_ms = 0

    def now(self) -> int:
        """Milliseconds."""
        return time.time_ns() // 1_000_000 + self._skew_ms

    def skew(self, seconds: float) -> None:
        """Sets how far the clock is ahead (or, negative, behind)."""
        self._skew_ms = int(seconds * 1000)

    def advance(self, seconds: float) -> None:
        """Moves the clock on."""
        self._skew_ms += int(seconds * 1000)


def iso(milliseconds: int) -> str:
    """`2026-01-31T12:00:00.000Z` (6.2)."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def iso_offset(milliseconds: int) -> str:
    """`2026-01-31T12:00:00.000+0000`, as the replication status writes it (5.5)."""
    return iso(milliseconds).removesuffix("Z") + "+0000"


def http_date(milliseconds: int) -> str:
    """`Sat, 31 Jan 2026 12:00:00 GMT`."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


def parse_iso(text: str) -> int | None:
    """Milliseconds of an ISO date, None when it is none."""
    try:
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        return None
