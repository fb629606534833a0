"""Simulated platforms as processes of their own, so that one can be killed."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from urllib3.connection import HTTPConnection

from artifactory_estate.rest import Connection, Platform

START_S = 60.0


@dataclass
class Running:
    """One bare platform."""

    site: str
    process: subprocess.Popen[bytes]
    url: str
    token_file: Path

    @property
    def connection(self) -> Connection:
        return Connection(site=self.site, url=self.url, token=f"file:{self.token_file}")

    @property
    def platform(self) -> Platform:
        return Platform(self.connection, lambda reference: Path(reference.removeprefix("file:")).read_text())

    @property
    def writes(self) -> int:
        """Requests that may have changed something, so far; other platforms' do not count."""
        return int(requests.get(f"{self.url}/__sandbox__/counters", timeout=10).json()["writes"])

    @property
    def calls(self) -> int:
        """Requests so far, the writing ones included."""
        found = requests.get(f"{self.url}/__sandbox__/counters", timeout=10).json()
        return int(found["reads"]) + int(found["writes"])

    def fault(self, kind: str, **options: Any) -> None:
        """Switch a fault on; `heal` ends all."""
        requests.post(f"{self.url}/__sandbox__/faults", json={"kind": kind, **options}, timeout=10).raise_for_status()

    def upload(self, repository: str, path: str, content: bytes) -> str:
        """SHA-256 of what was stored."""
        self._call("PUT", f"/artifactory/{repository}/{path}", data=content).raise_for_status()
        return hashlib.sha256(content).hexdigest()

    def digest(self, repository: str, path: str) -> str | None:
        """SHA-256 of the bytes that a download gives; None when it is not there."""
        answer = self._call("GET", f"/artifactory/{repository}/{path}")
        return hashlib.sha256(answer.content).hexdigest() if answer.status_code == 200 else None

    def make_local(self, key: str, **fields: Any) -> None:
        """A local repository that somebody made by hand."""
        body = {"key": key, "rclass": "local", "packageType": "generic", **fields}
        self.platform.request("PUT", f"/artifactory/api/repositories/{key}", body=body)

    def repository(self, key: str) -> dict[str, Any] | None:
        """Its configuration."""
        answer = self._call("GET", f"/artifactory/api/repositories/{key}")
        return dict(answer.json()) if answer.status_code == 200 else None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def come_back(self) -> None:
        """Start it again where it was, with what it had."""
        folder = self.token_file.parent
        (folder / f"{self.site}.json").unlink()
        self.process = _start(folder, self.site, port=int(self.url.rpartition(":")[2]))
        _ready(folder, self.site, self.process)

    def _call(self, method: str, path: str, data: bytes | None = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token_file.read_text()}"}
        return requests.request(method, self.url + path, data=data, headers=headers, timeout=30)


@contextmanager
def running(folder: Path, sites: Sequence[str], *options: str) -> Iterator[dict[str, Running]]:
    """Start a platform for each site; they end with the block. `options` of the program, such as `--version`, `7.77.16`."""
    processes = {site: _start(folder, site, *options) for site in sites}
    found: dict[str, Running] = {}
    try:
        for site, process in processes.items():
            found[site] = _ready(folder, site, process)
        yield found
    finally:
        for process in [*processes.values(), *(site.process for site in found.values())]:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(20)


def _start(folder: Path, site: str, *options: str, port: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "artifactory_sandbox.platform", "bare", "--count", "1", "--port", str(port)]
    command += ["--ready-file", str(folder / f"{site}.json"), "--data", str(folder / site), *options]
    with (folder / f"{site}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def _ready(folder: Path, site: str, process: subprocess.Popen[bytes]) -> Running:
    ready = folder / f"{site}.json"
    until(ready.exists, f"{site} to start", START_S, process)
    found = json.loads(ready.read_text())["platforms"][0]
    token = folder / f"{site}.token"
    token.write_text(found["access_token"])
    return Running(site, process, found["url"], token)


def until(
    condition: Callable[[], object], what: str, within_s: float = 30.0, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait for a condition, with a deadline."""
    end = time.monotonic() + within_s
    while not condition():
        if process and process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode} while waiting for {what}")
        if time.monotonic() > end:
            raise AssertionError(f"waited {within_s:g} s for {what}")
        time.sleep(0.1)


class Killed(BaseException):
    """The process is gone: no handler of ours may see it."""


@contextmanager
def killed_after(writes: int) -> Iterator[None]:
    """Everything stops when the answer to the given write arrives: it was carried out, and nobody knows. Counts requests
    to platforms and to AWS alike."""
    original = HTTPConnection.getresponse
    count = 0

    def getresponse(self: Any) -> Any:
        nonlocal count
        answer = original(self)
        if self._method not in {"GET", "HEAD"}:
            count += 1
            if count >= writes:
                raise Killed
        return answer

    HTTPConnection.getresponse = getresponse  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        HTTPConnection.getresponse = original  # type: ignore[method-assign]


def finished_despite_kills(run: Callable[[], Any], writes: int = 2, most: int = 60) -> tuple[Any, int]:
    """Kill the first run after its first write, and so on up to `writes`, then each after that many; a run that makes
    tokens which only a later write hands on needs one more than those to get on. What the one that gets through
    returns, and how many were killed."""
    for kills in range(most):
        try:
            with killed_after(min(kills + 1, writes)):
                return run(), kills
        except Killed:
            continue
    raise AssertionError(f"not done after {most} runs")
