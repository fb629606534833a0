"""Release bundles v2: made of what is stored, kept unchangeable, listed, removed (12.8.1, 12.8.2)."""

import base64
import json
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.builds import documents
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.jobs import leased
from artifactory_sandbox.platform.lifecycle import signing, sources
from artifactory_sandbox.platform.lifecycle.distribution import Distributions
from artifactory_sandbox.platform.lifecycle.evidence import EvidenceService
from artifactory_sandbox.platform.lifecycle.export import Exports
from artifactory_sandbox.platform.lifecycle.promotion import Promotions
from artifactory_sandbox.platform.lifecycle.state import LifecycleState
from artifactory_sandbox.platform.repositories.references import project_exists
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}\Z")
_VERSION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,31}\Z")
_LEFT_MS = 300_000  # work that a node began for a caller and did not end in this time was left by its death
MANIFEST = "release-bundle.json.evd"


class Lifecycle:
    """A request that is to be answered before its work is done leaves a row that the worker of one node takes up."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = LifecycleState(platform.database)
        self.promotions = Promotions(platform, self.state)
        self.distributions = Distributions(platform, self.state)
        self.exports = Exports(platform, self.state)
        self.evidence = EvidenceService(platform)

    def create(self, sent: Mapping[str, Any], place: tuple[str, str], key: str, caller: Caller, later: bool) -> Row:
        """A new version in `(repository, project)`; a draft stays open for changes."""
        repo, project = place
        name, version = _names(sent)
        request = {
            "sources": sources.read(sent),
            "skip_docker_manifest_resolution": bool(sent.get("skip_docker_manifest_resolution")),
        }
        signing.check(self._platform, key)
        self.demand_repository(repo, project)
        draft = bool(sent.get("draft"))
        with self._platform.database.transaction():
            older = self.state.bundle(repo, name, version)
            if older is not None and older["status"] != "FAILED":
                raise Refused(409, f"Release Bundle {name}/{version} already exists in repository {repo}")
            row = self.state.add(
                {
                    **{"repo": repo, "project": project, "name": name, "version": version, "key_name": key},
                    "status": "DRAFT" if draft else "PENDING" if later else "PROCESSING",
                    "request": json.dumps(request),
                    "created": self._platform.clock.now(),
                    "created_by": caller.name,
                }
            )
        return row if draft else self._go(row, caller, later)

    def extend(self, sent: Mapping[str, Any], repo: str) -> Row:
        """Adds sources to a draft."""
        name, version = _names(sent)
        with self._platform.database.transaction():
            row = self._draft(repo, name, version)
            added = sources.read({"sources": sent.get("add_sources")})
            request = json.loads(row["request"])
            self.state.set_request(row["id"], {**request, "sources": [*request["sources"], *added]}, row["key_name"])
        return row

    def finalize(self, row: Row, key: str, caller: Caller, later: bool) -> Row:
        """Makes a draft into a bundle."""
        with self._platform.database.transaction():
            fresh = self._draft(row["repo"], row["name"], row["version"])
            signing.check(self._platform, key)
            self.state.set_request(fresh["id"], json.loads(fresh["request"]), key or fresh["key_name"])
            self.state.set_status(fresh["id"], "PENDING" if later else "PROCESSING")
        return self._go(self.state.must(row["repo"], row["name"], row["version"]), caller, later)

    def get(self, repo: str, name: str, version: str) -> Row:
        """One version; a 404 when there is none."""
        found = self.state.bundle(repo, name, version)
        if found is None:
            raise Refused(404, f"Release Bundle {name}/{version} was not found in repository {repo}")
        return found

    def _draft(self, repo: str, name: str, version: str) -> Row:
        row = self.get(repo, name, version)
        if row["status"] != "DRAFT":
            raise Refused(400, f"Release Bundle {name}/{version} is not a draft")
        return row

    def delete(self, row: Row, by: str, later: bool) -> None:
        """Removes a version; what was promoted or distributed stays."""
        if later:
            self.state.set_status(row["id"], "DELETING")
            self._platform.wake()
            return
        with self._platform.database.transaction():
            self._platform.artifacts.delete(
                row["repo"], f"{row['name']}/{row['version']}", Origin(by), permanently=True
            )
            self.state.delete(row["id"])

    def tick(self) -> None:
        """Does what was asked for and not waited for."""
        left = self._platform.clock.now() - _LEFT_MS
        waiting = self.state.waiting(left)
        promotions = self.state.promotions_waiting(left)
        exports, distributions = self.state.exports_waiting(), self.state.distributions_waiting()
        if not (waiting or promotions or exports or distributions):
            return
        with leased(self._platform.locks, "lifecycle") as ours:
            if not ours:
                return
            for row in waiting:
                self._finish(row)
            for promotion in promotions:
                self.promotions.resume(promotion)
            for export in exports:
                self.exports.make(export["bundle"])
            for distribution in distributions:
                self.distributions.run(distribution)

    def _go(self, row: Row, caller: Caller, later: bool) -> Row:
        if later:
            self._platform.wake()
            return row
        refused = self._make(row, caller)
        if refused is not None:
            raise refused
        return row

    def _finish(self, row: Row) -> None:
        fresh = self.state.by_id(row["id"])
        if fresh is None or fresh["status"] not in {"PENDING", "PROCESSING", "DELETING"}:
            return
        if fresh["status"] == "DELETING":
            self.delete(fresh, fresh["created_by"], later=False)
            return
        self.state.set_status(fresh["id"], "PROCESSING")
        caller = self._platform.security.authentication.user(fresh["created_by"]) or Caller(fresh["created_by"], True)
        self._make(fresh, caller)

    def _make(self, row: Row, caller: Caller) -> Refused | None:
        """Collects the files and keeps them; what went wrong, which stays written in the bundle."""
        self.announce("started", row, caller.name)
        try:
            found = sources.files(self._platform, json.loads(row["request"]), caller)
            with self._platform.database.transaction():
                if self.state.by_id(row["id"]) is None:
                    return None
                self.state.set_files(row["id"], found)
                self.keep(row, found)
                self.state.set_status(row["id"], "COMPLETED")
                self.announce("completed", row, caller.name)
        except Refused as refused:
            self.state.set_status(row["id"], "FAILED", [message(refused.message, self._platform.clock.now())])
            self.announce("failed", row, caller.name)
            return refused
        return None

    def keep(self, row: Row, files: list[dict[str, Any]]) -> None:
        """Copies of the files, unchangeable, and the signed manifest, in the bundle's folder."""
        origin, folder = Origin(row["created_by"]), f"{row['name']}/{row['version']}"
        for one in files:
            digests = Digests(one["sha1"], one["sha256"], one["md5"], one["size"])
            path = f"{folder}/artifacts/{one['repo']}/{one['path']}"
            self._platform.artifacts.put_file(row["repo"], path, digests, origin, json.loads(one["properties"]))
        payload = json.dumps(self.record(row, files)).encode()
        evidence = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": "application/vnd.jfrog.release-bundle+json",
            "signatures": [signing.signature(self._platform, row["key_name"], payload)],
        }
        documents.put(self._platform, (row["repo"], f"{folder}/{MANIFEST}"), evidence, row["created_by"])

    def record(self, row: Row, files: list[Any]) -> dict[str, Any]:
        """A version with its files, as the read call shows it."""
        return {
            "schema_version": "1.0.0",
            "service_id": self._platform.service_id,
            "repository_key": row["repo"],
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
            "created_by": row["created_by"],
            "created": iso(row["created"]),
            "created_millis": row["created"],
            "tag": row["tag"],
            "artifacts": [shown_file(one) for one in files],
        }

    def announce(self, event: str, row: Row, by: str) -> None:
        """Tells the webhooks."""
        data = {
            "repository_key": row["repo"],
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
        }
        self._platform.webhooks.fire("release_bundle_v2", f"release_bundle_v2_{event}", data, bundle=row["name"], by=by)

    def demand_repository(self, repo: str, project: str) -> None:
        """The repository is made with the first bundle of its project."""
        repositories = self._platform.repositories
        if repositories.class_of(repo) is not None:
            return
        if repo != sources.repository(project):
            raise Refused(404, f"Repository '{repo}' was not found")
        owner = "" if project == "default" else project
        if owner and not project_exists(self._platform, owner):
            raise Refused(404, f"Project '{owner}' was not found")
        config = {"rclass": "local", "packageType": "releasebundles", "projectKey": owner}
        repositories.create(repo, config)


def shown_file(one: Row | Mapping[str, Any]) -> dict[str, Any]:
    """A file as records show it."""
    properties = json.loads(one["properties"])
    return {
        "path": one["path"],
        "checksum": one["sha256"],
        "source_repository_key": one["repo"],
        "package_type": one["package_type"],
        "size": one["size"],
        "properties": [{"key": name, "values": values} for name, values in properties.items()],
    }


def message(text: str, now: int) -> dict[str, str]:
    """A line of a status."""
    return {"source": "lifecycle", "text": text, "created": iso(now)}


def _names(sent: Mapping[str, Any]) -> tuple[str, str]:
    name, version = sent.get("release_bundle_name"), sent.get("release_bundle_version")
    if not isinstance(name, str) or not _NAME.match(name):
        raise Refused(400, f"Invalid release bundle name: {str(name)[:140]}")
    if not isinstance(version, str) or not _VERSION.match(version):
        raise Refused(400, f"Invalid release bundle version: {str(version)[:140]}")
    return name, version
