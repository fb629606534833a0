"""Platforms that are not ours: run as bare simulated platforms, reached by their own host names, tokens in the files named for them."""

import base64
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.document import Site
from artifactory_sandbox.network.names import Host
from artifactory_sandbox.processes import Processes, end

BARE_COMMAND = (sys.executable, "-m", "artifactory_sandbox.platform", "bare")
_START_S = 40.0
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotStarted(Exception):
    """An external platform did not come up."""


@dataclass(slots=True)
class Platform:
    """One running external platform."""

    site: Site
    process: "Popen[bytes]"
    url: str
    admin: tuple[str, str]
    token: str = field(repr=False)

    def data(self) -> dict[str, Any]:
        """What the control API says of it."""
        running = self.process.poll() is None
        return {
            "id": self.site.name,
            "site": self.site.name,
            "external": True,
            "address": self.url,
            "state": "running" if running else "stopped",
            "pid": self.process.pid if running else None,
        }


class Externals:
    """Starts, stops and asks them."""

    def __init__(self, directory: Path, running: Processes, proxy: Callable[[str], str]) -> None:
        self.platforms: dict[str, Platform] = {}
        self._directory = directory
        self._processes = running
        self._proxy = proxy
        self._lock = threading.Lock()

    def start(self, site: Site) -> Host:
        """Starts the platform of a site, gives it its base URL and writes its token; where it listens. Raises NotStarted."""
        folder = self._directory / site.name
        folder.mkdir(parents=True, exist_ok=True)
        ready, log = folder / "ready.json", folder / "platform.log"
        ready.unlink(missing_ok=True)
        old = self.platforms.get(site.name)
        where = ["--port", str(urlsplit(old.url).port)] if old is not None else []
        command = [*BARE_COMMAND, "--count", "1", "--ready-file", str(ready), "--data", str(folder / "data"), *where]
        process = self._processes.start(
            command, env=_environment(self._proxy(site.name), self._directory.parent / "ca.pem"), cwd=folder, output=log
        )
        deadline = time.monotonic() + _START_S
        while not ready.is_file():
            if process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{site.name}: the external platform did not start, see {log}")
            time.sleep(0.05)
        made = json.loads(ready.read_text())["platforms"][0]
        ready.unlink()
        token = old.token if old is not None else made["access_token"]
        platform = Platform(site, process, made["url"], (made["admin_user"], made["admin_password"]), token)
        with self._lock:
            self.platforms[site.name] = platform
        self._set_base_url(platform)
        write_secret(site.token_file, platform.token)
        parts = urlsplit(platform.url)
        return Host(site.name, str(parts.hostname), int(parts.port or 80))

    def stop(self, name: str, grace: float = 0.0) -> None:
        """Ends a platform; its data stays for the next start."""
        end(self.platforms[name].process, grace)

    def rotate_token(self, name: str) -> None:
        """Makes a new admin token, writes it to the file and revokes the old one."""
        platform = self.platforms[name]
        made = _ask(
            platform,
            "POST",
            "/access/api/v1/tokens",
            {"scope": "applied-permissions/admin", "expires_in": 0, "description": "rotated"},
        )
        old, platform.token = platform.token, str(made["access_token"])
        write_secret(platform.site.token_file, platform.token)
        _ask(platform, "DELETE", f"/access/api/v1/tokens/{_token_id(old)}")

    def _set_base_url(self, platform: Platform) -> None:
        """The site's URL stands in generated URLs (Artifactory: PUT api/system/configuration/baseUrl, text)."""
        _ask(platform, "PUT", "/artifactory/api/system/configuration/baseUrl", platform.site.url)


def write_secret(path: Path | None, text: str) -> None:
    """Writes a secret for its owner's eyes, whole or not at all; None is nowhere."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text if text.endswith("\n") else f"{text}\n")
    beside.replace(path)


def _ask(platform: Platform, method: str, path: str, body: dict[str, Any] | str | None = None) -> Any:
    data = None if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    kind = "text/plain" if isinstance(body, str) else "application/json"
    basic = base64.b64encode(":".join(platform.admin).encode()).decode()
    headers = {"Content-Type": kind, "Authorization": f"Basic {basic}", "X-Sandbox-Peer": "sandbox"}
    request = urllib.request.Request(platform.url + path, data, headers, method=method)  # noqa: S310
    with _NO_PROXY.open(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text.startswith(b"{") else text


def _token_id(token: str) -> str:
    """The id of an access token: claim `jti` of its JWT."""
    body = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["jti"])


def _environment(proxy: str, authority: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), proxy)
    return {
        **kept,
        **proxies,
        "no_proxy": "127.0.0.1,localhost",
        "NO_PROXY": "127.0.0.1,localhost",
        "SSL_CERT_FILE": str(authority),
        "REQUESTS_CA_BUNDLE": str(authority),
        "MALLOC_ARENA_MAX": "2",
    }
