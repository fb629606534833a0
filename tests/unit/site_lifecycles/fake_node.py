"""The system calls of a platform (REST reference 1), with every state that a start goes through."""

import hashlib
from collections.abc import Callable
from typing import Any

from tests.support.wire import Reply, Seen

API = "/artifactory/api/system"


class FakeNode:
    """Attributes are what it is just now."""

    def __init__(self) -> None:
        self.version = "7.111.4"
        self.nodes: list[dict[str, Any]] = [{"id": "n1", "state": "RUNNING", "version": "7.111.4"}]
        self.reason = ""
        self.ill: list[str] = []
        self.has_router = True
        self.base_url = ""
        self.loses_base_url = False
        self.generates: dict[str, str] = {}
        """What the URLs that it generates begin with: of a repository, of Docker's token realm, of npm's tarballs."""
        self.pool: dict[str, str] = {}
        self.names_by_another_hash = False
        self.in_use: set[str] = set()
        self.expired: set[str] = set()
        self.edition = "Enterprise Plus"

    def __call__(self, seen: Seen) -> Reply:
        call = f"{seen.method} {seen.path}"
        if call == "GET /router/api/v1/system/health":
            return self._router()
        if call == f"{seen.method} {API}/licenses":
            return {"GET": self._pool, "POST": self._install, "DELETE": self._remove}[seen.method](seen)
        if self.reason:
            return Reply(503, {"errors": [{"status": 503, "message": self.reason}]})
        return {
            f"GET {API}/ping": lambda: Reply(body="OK"),
            f"GET {API}/version": lambda: Reply(body={"version": self.version}),
            f"GET {API}/status": lambda: Reply(body={"isHa": True, "nodes": self.nodes}),
            f"GET {API}/configuration": lambda: Reply(body=f"<config><urlBase>{self.base_url}</urlBase></config>"),
            f"PUT {API}/configuration/baseUrl": lambda: self._set_base_url(seen.body.decode()),
            **(self._generated() if self.generates else {}),
        }.get(call, lambda: Reply(404, {"errors": [{"status": 404, "message": "Not Found"}]}))()

    def _generated(self) -> dict[str, Callable[[], Reply]]:
        artifactory = {name: f"{url}/artifactory" for name, url in self.generates.items()}
        rows = [{"key": "npm-local", "type": "LOCAL", "url": f"{artifactory['repository']}/npm-local"}]
        tarball = f"{artifactory['tarball']}/api/npm/npm-local/@acme/ui/-/@acme/ui-1.0.0.tgz"
        realm = f'Bearer realm="{self.generates["realm"]}/v2/token",service="x"'
        return {
            f"GET {API.removesuffix('/system')}/repositories": lambda: Reply(body=rows),
            "GET /v2/": lambda: Reply(401, {}, {"WWW-Authenticate": realm}),
            f"GET {API.removesuffix('/system')}/storage/npm-local": lambda: _folders(".npm", "@acme"),
            f"GET {API.removesuffix('/system')}/storage/npm-local/@acme": lambda: _folders("ui"),
            "GET /artifactory/api/npm/npm-local/@acme%2Fui": lambda: Reply(
                body={"versions": {"1.0.0": {"dist": {"tarball": tarball}}}}
            ),
        }

    def _router(self) -> Reply:
        if not self.has_router:
            return Reply(404, "no such page")
        services = [{"service_id": "jfrt@1", "node_id": "n1", "state": "HEALTHY", "message": "OK"}]
        services += [
            {"service_id": f"{one}@1", "node_id": "n1", "state": "UNHEALTHY", "message": "starting"} for one in self.ill
        ]
        return Reply(503 if self.ill else 200, {"router": {}, "services": services})

    def _set_base_url(self, url: str) -> Reply:
        self.base_url = "" if self.loses_base_url else url
        return Reply(body=f'URL base has been successfully updated to "{url}".\n')

    def name(self, key: str) -> str:
        return hashlib.new("md5" if self.names_by_another_hash else "sha1", key.encode()).hexdigest()

    def _pool(self, _: Seen) -> Reply:
        licences = [
            {
                "type": self.edition,
                "validThrough": "Jan 31, 2030",
                "licensedTo": "acme",
                "licenseHash": name,
                "nodeId": "n1" if key in self.in_use else "Not in use",
                "expired": key in self.expired,
            }
            for name, key in self.pool.items()
        ]
        return Reply(body={"licenses": licences})

    def _install(self, seen: Seen) -> Reply:
        words = {}
        for item in seen.json:
            key = item["licenseKey"]
            there = self.name(key) in self.pool
            bad = "bad" in key
            words[key] = (
                "Invalid Artifactory license." if bad else "The license already exists in the pool." if there else "OK"
            )
            if not bad:
                self.pool[self.name(key)] = key
        status = 200 if "OK" in words.values() else 400
        return Reply(status, {"status": status, "messages": words})

    def _remove(self, seen: Seen) -> Reply:
        words = {}
        for name in seen.query["licenseHash"].split(","):
            if self.pool.get(name) in self.in_use and len(self.pool) == len(self.in_use):
                words[name] = "Artifactory could not find an available license to replace the selected license with"
            else:
                del self.pool[name]
                words[name] = "OK"
        status = 200 if "OK" in words.values() else 400
        return Reply(status, {"status": status, "messages": words})


def _folders(*names: str) -> Reply:
    return Reply(body={"children": [{"uri": f"/{name}", "folder": True} for name in names]})
