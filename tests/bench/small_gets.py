"""Many clients that read small files, as a process of its own so that its CPU can be told from the nodes'.

`python -m tests.bench.small_gets --clients 32 --seconds 10 --header "Authorization: …" URL…` prints one JSON object. A
client is one connection that is kept; it asks for the next URL as soon as it has the answer to the last, whole.
"""

import argparse
import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Seen:
    """What the clients saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    size: int = 0


async def client(url: str, header: str, until: float, seen: Seen) -> None:
    """Asks again and again until the time is over."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
    request = (head + (f"{header}\r\n" if header else "") + "\r\n").encode()
    try:
        while time.monotonic() < until:
            began = time.monotonic()
            writer.write(request)
            answered = await reader.readuntil(b"\r\n\r\n")
            lines = answered.lower().split(b"\r\n")
            length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
            body = await reader.readexactly(length)
            seen.seconds.append(time.monotonic() - began)
            status = lines[0][9:12].decode()
            seen.statuses[status] = seen.statuses.get(status, 0) + 1
            seen.size += len(body)
    finally:
        writer.close()


async def measure(urls: list[str], header: str, clients: int, seconds: float) -> dict[str, object]:
    """Runs the clients, each at the URL whose turn it is."""
    seen = Seen()
    began, before = time.monotonic(), _cpu()
    until = began + seconds
    await asyncio.gather(*(client(urls[n % len(urls)], header, until, seen) for n in range(clients)))
    took, ordered = time.monotonic() - began, sorted(seen.seconds)
    return {
        "requests": len(ordered),
        "per_second": len(ordered) / took,
        "statuses": seen.statuses,
        "bytes": seen.size,
        "client_cpu_s": _cpu() - before,
        "seconds": took,
        "median_ms": 1000 * ordered[len(ordered) // 2],
        "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
        "slowest_ms": 1000 * ordered[-1],
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--header", default="")
    wanted = parser.parse_args()
    found = asyncio.run(measure(wanted.urls, wanted.header, wanted.clients, wanted.seconds))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
