"""A client like any other: plain HTTP through the sandbox's proxy, contents compared by SHA-256."""

import hashlib
import threading
import time
from dataclasses import dataclass

import requests

from artifactory_estate.cli.demo.steps import Unproven


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sha1(content: bytes) -> str:
    """Artifactory names binaries by it (files reference 1.3)."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Client:
    """One platform, or the service name, as an administrator's client."""

    url: str
    token: str
    """Empty: anonymous."""
    proxy: str

    def put(self, path: str, content: bytes) -> str:
        """Upload; the download URL that the server generated."""
        answer = self._send("PUT", path, data=content)
        if answer.status_code != 201:
            raise Unproven(f"PUT {self.url}/artifactory/{path} answered {answer.status_code}: {answer.text[:200]}")
        return str(answer.json()["downloadUri"])

    def get(self, path: str) -> bytes | None:
        """The content, or None when there is no answer or no such artifact."""
        try:
            answer = self._send("GET", path)
        except requests.RequestException:
            return None
        return answer.content if answer.status_code == 200 else None

    def has(self, path: str, content: bytes) -> bool:
        """Whether the artifact is there with this content, by SHA-256."""
        found = self.get(path)
        return found is not None and sha256(found) == sha256(content)

    def answers(self) -> bool:
        """Whether a platform answers a ping; a load balancer without nodes, or a proxy, does not count."""
        try:
            return self._send("GET", "api/system/ping", timeout=3).status_code == 200
        except requests.RequestException:
            return False

    def _send(self, method: str, path: str, data: bytes | None = None, timeout: float = 30) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/artifactory/{path}",
            data=data,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            proxies={"http": self.proxy, "https": self.proxy},
            timeout=timeout,
        )


class Outage:
    """Measures how long a service is away: pings four times a second from entry to its first answer after `begins`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._last_answer: float | None = None
        self._back: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Outage":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """From the last answer before the outage to the first one after it."""
        if self._last_answer is None or self._back is None:
            raise Unproven("the service was never seen to go away and come back")
        return self._back - self._last_answer

    def _watch(self) -> None:
        away = False
        while not self._stop.wait(0.25):
            now = time.monotonic()
            if self._client.answers():
                if away and self._back is None:
                    self._back = now
                if not away:
                    self._last_answer = now
            elif self._last_answer is not None:
                away = True
