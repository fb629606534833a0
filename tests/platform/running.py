"""Simulated platforms in a thread of the test process: nothing to start, nothing left behind."""

import asyncio
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from artifactory_sandbox.platform import bare
from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.platform import Platform
from artifactory_sandbox.platform.serve import Listener, serve
from artifactory_sandbox.platform.version import DEFAULT, Version

ADMIN = ("admin", bare.ADMIN_PASSWORD)


@dataclass
class Bare:
    """One platform as a client sees it; `platform` is the inside, for clocks and looks at the filestore."""

    platform: Platform
    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def __call__(self, method: str, path: str, auth: Any = ADMIN, **options: Any) -> requests.Response:
        """A call below the platform's URL; as the administrator unless told otherwise."""
        return self.session.request(method, f"{self.url}{path}", auth=auth, timeout=20, **options)

    def api(self, method: str, path: str, **options: Any) -> requests.Response:
        """A call below `/artifactory/api`."""
        return self(method, f"/artifactory/api/{path}", **options)

    def make(self, key: str, rclass: str = "local", **fields: Any) -> None:
        """A repository."""
        answer = self.api("PUT", f"repositories/{key}", json={"rclass": rclass, **fields})
        assert answer.status_code == 200, answer.text

    def put(self, path: str, data: bytes = b"data", **options: Any) -> requests.Response:
        """Deploys `repository/path`."""
        return self("PUT", f"/artifactory/{path}", data=data, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Downloads `repository/path`."""
        return self("GET", f"/artifactory/{path}", **options)

    def fault(self, kind: str, **options: Any) -> None:
        """Switches a fault on."""
        assert self("POST", "/__sandbox__/faults", json={"kind": kind, **options}).status_code == 200

    @property
    def writes(self) -> int:
        """Calls of clients that may have changed something."""
        return int(self("GET", "/__sandbox__/counters").json()["writes"])


@contextmanager
def serving(made: Sequence[tuple[Platform, Listener]]) -> Iterator[list[Bare]]:
    """Serves platforms until the block ends."""
    loop = asyncio.new_event_loop()
    started, end = threading.Event(), asyncio.Event()

    async def ready() -> None:
        for platform, _ in made:
            platform.start()
        started.set()

    listeners = [listener for _, listener in made]
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(listeners, ready, end)), daemon=True)
    thread.start()
    assert started.wait(20)
    try:
        yield [Bare(platform, platform.node_url) for platform, _ in made]
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join(20)
        loop.close()
        for platform, _ in made:
            platform.stop()


@contextmanager
def running(
    folder: Path,
    count: int = 1,
    version: str = DEFAULT,
    rtfs: bool = True,
    port: int = 0,
    binaries: Binaries | None = None,
) -> Iterator[list[Bare]]:
    """`count` platforms; what an earlier block left in the folder is kept."""
    place = bare.Place(folder, port=port, version=Version(version), rtfs=rtfs, binaries=binaries, **_database(folder))
    made = [place.node(n, 0) for n in range(count)]
    with serving(made) as platforms:
        yield platforms


def _database(folder: Path) -> dict[str, str]:
    """SANDBOX_DATABASE names a PostgreSQL database to run these tests on; what stands in it is found by the folder."""
    url = os.environ.get("SANDBOX_DATABASE", "")
    return {"database": url, "schema": f"folder_{zlib.crc32(str(folder).encode()):08x}"} if url else {}


def until(condition: Callable[[], object], what: str, within_s: float = 15.0) -> None:
    """Waits for a condition, with a deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:g} s for {what}"
        time.sleep(0.02)
