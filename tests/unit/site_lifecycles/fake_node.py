"""The system calls of a platform (REST reference 1), with every state that a start goes through."""

import hashlib
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
        self.pool: dict[str, str] = {}
        self.names_by_another_hash = False
        self.in_use: set[str] = set()

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
        }.get(call, lambda: Reply(404, {"errors": [{"status": 404, "message": "Not Found"}]}))()

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
                "type": "Enterprise Plus",
                "validThrough": "Jan 31, 2030",
                "licensedTo": "acme",
                "licenseHash": name,
                "nodeId": "n1" if key in self.in_use else "Not in use",
                "expired": False,
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
