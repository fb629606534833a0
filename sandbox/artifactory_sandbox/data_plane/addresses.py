"""Loopback addresses of machines, kept by id: moto's private addresses repeat between sites."""

import secrets
import socket
import threading
from collections.abc import Iterator

_FIRST_REGION, _LAST_REGION = 10, 250
_CLAIM_PORT = 7999
"""Whoever has bound this port of an address owns the address, among all the sandboxes of a computer; nothing listens on it."""


class Addresses:
    """`127.<region>.<n>.<n>`, shared with no other sandbox. Freed addresses are not given out again before the others were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first = secrets.randbelow(_LAST_REGION - _FIRST_REGION)
        self._claims: dict[str, tuple[str, socket.socket]] = {}
        self._next: dict[str, Iterator[str]] = {}

    def take(self, region: str, machine_id: str) -> str:
        """The address of a machine; always the same for the same id until it is freed."""
        with self._lock:
            if machine_id not in self._claims:
                if region not in self._next:
                    span = _LAST_REGION - _FIRST_REGION
                    self._next[region] = _hosts(_FIRST_REGION + (self._first + len(self._next)) % span)
                self._claims[machine_id] = next(claim for address in self._next[region] if (claim := _claim(address)))
            return self._claims[machine_id][0]

    def free(self, machine_id: str) -> None:
        """Gives an address back."""
        with self._lock:
            if machine_id in self._claims:
                self._claims.pop(machine_id)[1].close()


def _hosts(region: int) -> Iterator[str]:
    while True:
        for high in range(1, 255):
            for low in range(10, 250):
                yield f"127.{region}.{high}.{low}"


def _claim(address: str) -> tuple[str, socket.socket] | None:
    made = socket.socket()
    try:
        made.bind((address, _CLAIM_PORT))
    except OSError:
        made.close()
        return None
    return address, made
