"""A steady stream of uploads and downloads through a site's URL, which remembers what was acknowledged."""

import hashlib
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

_WORKERS = 16


@dataclass
class Load:
    """`rate` requests a second, uploads and downloads in turn, each once and without repetition."""

    url: str
    """Of a repository: `http://host/artifactory/key`."""
    token: str
    proxy: str
    rate: float = 20.0
    acknowledged: dict[str, str] = field(default_factory=dict)
    """SHA-256 by path, of every upload that was answered with success."""
    failures: list[str] = field(default_factory=list)
    answered: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _local: threading.local = field(default_factory=threading.local)

    def __enter__(self) -> "Load":
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def lost(self) -> list[str]:
        """Acknowledged uploads that are not there, or have other bytes."""
        with ThreadPoolExecutor(_WORKERS) as pool:
            found = pool.map(self._differs, self.acknowledged.items())
        return [text for text in found if text]

    def _run(self) -> None:
        drawn, number, began = random.Random(0), 0, time.monotonic()
        with ThreadPoolExecutor(_WORKERS) as pool:
            under_way: list[Future[None]] = []
            while not self._stop.wait(max(0.0, began + number / self.rate - time.monotonic())):
                with self._lock:
                    known = list(self.acknowledged)
                reads = bool(known) and number % 2 == 1
                under_way.append(
                    pool.submit(self._get, drawn.choice(known)) if reads else pool.submit(self._put, number)
                )
                number += 1
        for future in under_way:
            future.result()

    def _put(self, number: int) -> None:
        path, content = f"load/{number:06}", random.Random(number).randbytes(2000)
        if self._ask("PUT", path, content) is not None:
            with self._lock:
                self.acknowledged[path] = hashlib.sha256(content).hexdigest()

    def _get(self, path: str) -> None:
        body = self._ask("GET", path)
        if body is not None and hashlib.sha256(body).hexdigest() != self.acknowledged[path]:
            self._failed(f"GET {path}: other bytes")

    def _ask(self, method: str, path: str, content: bytes | None = None) -> bytes | None:
        try:
            answer = self._session.request(method, f"{self.url}/{path}", data=content, timeout=30)
        except requests.RequestException as error:
            return self._failed(f"{method} {path}: {error}")
        if not answer.ok:
            return self._failed(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        with self._lock:
            self.answered += 1
        return answer.content

    def _failed(self, text: str) -> None:
        with self._lock:
            self.failures.append(text)

    def _differs(self, upload: tuple[str, str]) -> str:
        path, digest = upload
        answer = self._session.get(f"{self.url}/{path}", timeout=30)
        same = answer.ok and hashlib.sha256(answer.content).hexdigest() == digest
        return "" if same else f"{path}: {answer.status_code}"

    @property
    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            session.proxies = {"http": self.proxy}
            session.headers["Authorization"] = f"Bearer {self.token}"
        return session
