"""Loopback addresses of machines, kept by id: moto's private addresses repeat between sites."""

import threading
from collections.abc import Iterator

_FIRST_REGION = 10
_FIRST_HOST = 10


class Addresses:
    """`127.<region>.<n>.<n>`; a freed address is not given out again before the others of its region were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._regions: dict[str, int] = {}
        self._by_id: dict[str, str] = {}
        self._next: dict[str, Iterator[str]] = {}

    def take(self, region: str, machine_id: str) -> str:
        """The address of a machine; always the same for the same id until it is freed."""
        with self._lock:
            if machine_id in self._by_id:
                return self._by_id[machine_id]
            if region not in self._regions:
                self._regions[region] = _FIRST_REGION + len(self._regions)
                self._next[region] = self._hosts(self._regions[region])
            taken = set(self._by_id.values())
            self._by_id[machine_id] = next(address for address in self._next[region] if address not in taken)
            return self._by_id[machine_id]

    def free(self, machine_id: str) -> None:
        """Gives an address back."""
        with self._lock:
            self._by_id.pop(machine_id, None)

    @staticmethod
    def _hosts(region: int) -> Iterator[str]:
        while True:
            for high in range(1, 255):
                for low in range(_FIRST_HOST, 250):
                    yield f"127.{region}.{high}.{low}"
