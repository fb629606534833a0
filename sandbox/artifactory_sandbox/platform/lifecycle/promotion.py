"""Promotion of a release bundle: its files are really copied into the repositories of an environment (12.8.1, 12.8.2)."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.lifecycle import signing
from artifactory_sandbox.platform.lifecycle.state import LifecycleState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


class Promotions:
    """A promotion is known by the moment at which it was asked for."""

    def __init__(self, platform: "Platform", state: LifecycleState) -> None:
        self._platform = platform
        self.state = state

    def create(
        self, bundle: Row, sent: Mapping[str, Any], key: str, operation: str, caller: Caller, later: bool
    ) -> Row:
        """Promotes; refuses at once what could not be promoted."""
        request = self._checked(bundle, sent, operation)
        signing.check(self._platform, key)
        self._targets(bundle, request)
        row = self.state.add_promotion(
            bundle["id"],
            {
                "created": self._platform.clock.now(),
                "environment": request["environment"],
                "status": "PENDING" if later else "PROCESSING",
                "request": json.dumps(request),
                "created_by": caller.name,
            },
        )
        if later:
            self._platform.wake()
        elif (refused := self._do(bundle, row, caller)) is not None:
            raise refused
        return row

    def get(self, bundle: Row, created: str) -> Row:
        """One promotion; a 404 when there is none."""
        found = self.state.promotion(bundle["id"], int(created)) if created.isdecimal() and len(created) < 16 else None
        if found is None:
            raise Refused(404, f"Promotion {created[:30]} of {bundle['name']}/{bundle['version']} was not found")
        return found

    def resume(self, row: Row) -> None:
        """Does a promotion that nobody waits for."""
        bundle = self.state.by_id(row["bundle"])
        fresh = self.state.promotion(row["bundle"], row["created"])
        if bundle is None or fresh is None or fresh["status"] not in {"PENDING", "PROCESSING"}:
            return
        caller = self._platform.security.authentication.user(row["created_by"]) or Caller(row["created_by"], True)
        self._do(bundle, row, caller)

    def shown(self, bundle: Row, row: Row) -> dict[str, Any]:
        """A promotion as lists show it."""
        return {
            "status": row["status"],
            "repository_key": bundle["repo"],
            "release_bundle_name": bundle["name"],
            "release_bundle_version": bundle["version"],
            "environment": row["environment"],
            "service_id": self._platform.service_id,
            "created_by": row["created_by"],
            "created": iso(row["created"]),
            "created_millis": row["created"],
        }

    def _checked(self, bundle: Row, sent: Mapping[str, Any], operation: str) -> dict[str, Any]:
        if bundle["status"] != "COMPLETED":
            raise Refused(400, f"Release Bundle {bundle['name']}/{bundle['version']} is {bundle['status']}")
        if operation not in {"copy", "move"}:
            raise Refused(400, f"Unknown operation: {operation[:20]}")
        environment = sent.get("environment")
        if not isinstance(environment, str) or not environment:
            raise Refused(400, "environment is required")
        if not self._exists(environment, bundle["project"]):
            raise Refused(400, f"Environment '{environment[:60]}' was not found")
        request: dict[str, Any] = {"environment": environment, "operation": operation}
        for name in ("included_repository_keys", "excluded_repository_keys"):
            keys = sent.get(name) or []
            if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
                raise Refused(400, f"{name} must be an array of repository keys")
            request[name] = keys
        return request

    def _exists(self, environment: str, project: str) -> bool:
        return environment in self._platform.security.projects.environments(project)

    def _targets(self, bundle: Row, request: Mapping[str, Any]) -> dict[str, list[str]]:
        """Repositories that receive each package type of a bundle; a 400 where there are none."""
        wanted, excluded = request["included_repository_keys"], set(request["excluded_repository_keys"])
        environment = request["environment"]
        for key in wanted:
            config = self._platform.repositories.find(key)
            if config is None or config["rclass"] not in {"local", "federated"}:
                raise Refused(400, f"Repository '{key}' was not found or cannot be promoted to")
            if not self._assigned(config, environment):
                raise Refused(400, f"Repository '{key}' is not assigned to environment '{environment}'")
        keys = wanted or self._of_environment(environment, bundle["project"])
        chosen: dict[str, list[str]] = {}
        for key in keys:
            config = self._platform.repositories.find(key)
            if config is not None and key not in excluded:
                chosen.setdefault(config["packageType"], []).append(key)
        for kind in sorted({file["package_type"] for file in self.state.files(bundle["id"])}):
            if kind not in chosen:
                said = f"No repository of type '{kind}' that could be promoted to is assigned to environment '{environment}'"
                raise Refused(400, said)
        return chosen

    @staticmethod
    def _assigned(config: Mapping[str, Any], environment: str) -> bool:
        """A repository outside projects has no environments (12.2, 9), so it serves in each that names it."""
        return environment in config["environments"] or not (config["environments"] or config["projectKey"])

    def _of_environment(self, environment: str, project: str) -> list[str]:
        owner = "" if project == "default" else project
        rows = [
            row
            for rclass in ("local", "federated")
            for row in self._platform.repositories.state.listed(rclass, "", owner)
        ]
        found = []
        for row in rows:
            config = self._platform.repositories.find(row["key"]) or {}
            if environment in config.get("environments", ()):
                found.append(str(row["key"]))
        return sorted(found)

    def _do(self, bundle: Row, row: Row, caller: Caller) -> Refused | None:
        """Copies; what went wrong, which stays written in the promotion."""
        request = json.loads(row["request"])
        self._announce("started", bundle, row)
        try:
            with self._platform.database.transaction():
                made = self._copied(bundle, request, caller)
                self.state.end_promotion(row["id"], "COMPLETED", [], made)
                self._announce("completed", bundle, row)
        except Refused as refused:
            said = {"source": "lifecycle", "text": refused.message, "created": iso(self._platform.clock.now())}
            self.state.end_promotion(row["id"], "FAILED", [said], [])
            self._announce("failed", bundle, row)
            return refused
        return None

    def _copied(self, bundle: Row, request: Mapping[str, Any], caller: Caller) -> list[dict[str, Any]]:
        artifacts, origin = self._platform.artifacts, Origin(caller.name)
        targets = self._targets(bundle, request)
        made = []
        for file in self.state.files(bundle["id"]):
            digests = Digests(file["sha1"], file["sha256"], file["md5"], file["size"])
            for target in targets[file["package_type"]]:
                self._platform.security.demand(caller, "write", target, file["path"])
                there = artifacts.state.item(target, file["path"])
                if there is None or there["sha1"] != file["sha1"]:
                    source = (file["repo"], file["path"])
                    properties = json.loads(file["properties"])
                    artifacts.put_file(target, file["path"], digests, origin, properties, how="copy", source=source)
                made.append(
                    {
                        "path": f"{target}/{file['path']}",
                        "checksum": file["sha256"],
                        "package_type": file["package_type"],
                    }
                )
            self._move_away(file, targets, request, caller)
        return made

    def _move_away(
        self, file: Row, targets: Mapping[str, list[str]], request: Mapping[str, Any], caller: Caller
    ) -> None:
        if request["operation"] != "move" or file["repo"] in targets[file["package_type"]]:
            return
        store = self._platform.artifacts.store_of(file["repo"])
        item = self._platform.artifacts.state.item(store, file["path"]) if store else None
        if store is not None and item is not None and item["sha1"] == file["sha1"]:
            self._platform.security.demand(caller, "delete", file["repo"], file["path"])
            self._platform.artifacts.delete(store, file["path"], Origin(caller.name))

    def _announce(self, event: str, bundle: Row, row: Row) -> None:
        data = {
            "repository_key": bundle["repo"],
            "release_bundle_name": bundle["name"],
            "release_bundle_version": bundle["version"],
            "environment": row["environment"],
            "created_millis": row["created"],
        }
        self._platform.webhooks.fire(
            "release_bundle_v2_promotion",
            f"release_bundle_v2_promotion_{event}",
            data,
            bundle=bundle["name"],
            environment=row["environment"],
            by=row["created_by"],
        )
