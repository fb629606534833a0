"""Release bundles v1: made by queries, signed, distributed (12.8.3); and what this platform receives as a target."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Digests, Origin
from artifactory_sandbox.platform.distribution.state import DistributionState
from artifactory_sandbox.platform.lifecycle import signing
from artifactory_sandbox.platform.lifecycle.mappings import check_mappings, mapped
from artifactory_sandbox.platform.lifecycle.sources import file_of
from artifactory_sandbox.platform.search import aql
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

STORE = "release-bundles"
OPEN, SIGNED = "OPEN", "READY_FOR_DISTRIBUTION"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:\-]{0,127}\Z")
_SYNTAXES = ("plain_text", "markdown", "asciidoc")


class Distribution:
    """An open bundle may change; a signed one may not, and only a signed one travels."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = DistributionState(platform.database)

    def create(self, sent: Mapping[str, Any], caller: Caller) -> Row | None:
        """A new version; None for a dry run."""
        name, version = str(sent.get("name") or ""), str(sent.get("version") or "")
        if not _NAME.match(name) or not _NAME.match(version):
            raise Refused(400, "name and version must be made of letters, digits, '.', '_', ':' and '-'")
        if self.state.bundle(name, version) is not None:
            raise Refused(409, f"Release bundle '{name}' version '{version}' already exists")
        return self._stored(name, version, sent, caller, new=True)

    def replace(self, name: str, version: str, sent: Mapping[str, Any], caller: Caller) -> Row | None:
        """Changes an open version; None for a dry run."""
        if self.get(name, version)["state"] != OPEN:
            raise Refused(400, f"Release bundle '{name}' version '{version}' is signed and cannot be changed")
        return self._stored(name, version, sent, caller, new=False)

    def sign(self, name: str, version: str, repo: str) -> Row:
        """Closes a version: its files are kept in the storing repository."""
        row = self.get(name, version)
        if row["state"] == OPEN:
            self._close(row, repo or row["repo"] or STORE)
            self._announce("release_bundle", "signed", row["name"], row["version"], row["created_by"])
        return self.get(name, version)

    def get(self, name: str, version: str) -> Row:
        """One version; a 404 when there is none."""
        found = self.state.bundle(name, version)
        if found is None:
            raise Refused(404, f"Release bundle '{name}' version '{version}' was not found")
        return found

    def forget(self, name: str, version: str, by: str) -> None:
        """Removes a version here."""
        row = self.state.bundle(name, version)
        if row is None:
            return
        with self._platform.database.transaction():
            if row["state"] != OPEN:
                self._platform.artifacts.delete(row["repo"], f"{name}/{version}", Origin(by), permanently=True)
            self.state.delete(name, version)
            self._announce("release_bundle", "deleted", name, version, by)

    def shown(self, row: Row) -> dict[str, Any]:
        """A version as the read call shows it."""
        request, files = json.loads(row["request"]), json.loads(row["files"])
        return {
            "name": row["name"],
            "version": row["version"],
            "state": row["state"],
            "description": request["description"],
            "release_notes": request["release_notes"],
            "storing_repository": row["repo"] or None,
            "created_by": row["created_by"],
            "spec": request["spec"],
            "type": "SOURCE",
            "archived": False,
            "artifacts_size": sum(int(file["size"]) for file in files),
            "artifacts": [
                {
                    "checksum": file["sha256"],
                    "sourceRepoPath": file["source"],
                    "targetRepoPath": f"{file['repo']}/{file['path']}",
                    "props": [
                        {"key": name, "values": values} for name, values in json.loads(file["properties"]).items()
                    ],
                }
                for file in files
            ],
        }

    def receive(self, sent: Mapping[str, Any], by: str) -> None:
        """Another platform sent a bundle here."""
        name, version = str(sent.get("release_bundle_name") or ""), str(sent.get("release_bundle_version") or "")
        if not name or not version:
            raise Refused(400, "release_bundle_name and release_bundle_version are required")
        files = [str(file) for file in sent.get("files") or []]
        source = str(sent.get("source_service_id") or "")
        with self._platform.database.transaction():
            self.state.receive(name, version, source, files, self._platform.clock.now())
            for domain in ("destination", "artifactory_release_bundle"):
                self._announce(domain, "received", name, version, by)

    def forget_received(self, sent: Mapping[str, Any], by: str) -> bool:
        """Another platform took a bundle away from here; False when it was never here."""
        name, version = str(sent.get("release_bundle_name") or ""), str(sent.get("release_bundle_version") or "")
        with self._platform.database.transaction():
            there = self.state.forget_received(name, version)
            if there:
                for domain in ("destination", "artifactory_release_bundle"):
                    self._announce(domain, "delete_started", name, version, by)
                    self._announce(domain, "delete_completed", name, version, by)
        return there

    def _stored(self, name: str, version: str, sent: Mapping[str, Any], caller: Caller, *, new: bool) -> Row | None:
        request = _checked(sent)
        files = self._files(request["spec"]["queries"], caller)
        if sent.get("dry_run"):
            return None
        row = {
            **{"name": name, "version": version, "state": OPEN, "request": json.dumps(request)},
            "repo": str(sent.get("storing_repository") or ""),
            "files": json.dumps(files),
            "checksum": "",
            "created": self._platform.clock.now(),
            "created_by": caller.name,
        }
        with self._platform.database.transaction():
            older = self.state.bundle(name, version)
            if (older is None) is not new or (older is not None and older["state"] != OPEN):
                raise Refused(409, f"Release bundle '{name}' version '{version}' was changed by somebody else")
            self.state.put(row)
            if new:
                self._announce("release_bundle", "created", name, version, caller.name)
        if sent.get("sign_immediately"):
            return self.sign(name, version, str(row["repo"]))
        return self.get(name, version)

    def _files(self, queries: list[Mapping[str, Any]], caller: Caller) -> list[dict[str, Any]]:
        """Files of the queries, with their target paths and the properties that are added."""
        found: dict[str, dict[str, Any]] = {}
        for query in queries:
            for row in aql.query(self._platform, query["aql"], caller).rows:
                path = "" if row.get("path") in {".", None} else f"{row['path']}/"
                item = self._platform.artifacts.state.item(str(row.get("repo")), f"{path}{row.get('name')}")
                if item is None or item["folder"]:
                    continue
                file = file_of(self._platform, item)
                file["source"] = f"{file['repo']}/{file['path']}"
                target = mapped(file["source"], query["mappings"])
                file["repo"], _, file["path"] = target.partition("/")
                added = {one["key"]: one["values"] for one in query["added_props"]}
                file["properties"] = json.dumps({**json.loads(file["properties"]), **added})
                found.setdefault(target, file)
        if not found:
            raise Refused(400, "The release bundle must contain at least one artifact")
        return list(found.values())

    def _close(self, row: Row, repo: str) -> None:
        platform = self._platform
        if platform.repositories.class_of(repo) is None:
            if repo != STORE:
                raise Refused(404, f"Storing repository '{repo}' was not found")
            platform.repositories.create(repo, {"rclass": "local", "packageType": "releasebundles"})
        files, origin = json.loads(row["files"]), Origin(row["created_by"])
        payload = json.dumps({"name": row["name"], "version": row["version"], "files": files}).encode()
        sealed = payload + signing.signature(platform, "", payload)["sig"].encode()
        with platform.database.transaction():
            if self.get(row["name"], row["version"])["state"] != OPEN:
                return
            for file in files:
                digests = Digests(file["sha1"], file["sha256"], file["md5"], file["size"])
                path = f"{row['name']}/{row['version']}/{file['repo']}/{file['path']}"
                platform.artifacts.put_file(repo, path, digests, origin, json.loads(file["properties"]))
            checksum = hashlib.sha256(sealed).hexdigest()
            self.state.put({**dict(row), "state": SIGNED, "repo": repo, "checksum": checksum})

    def _announce(self, domain: str, event: str, name: str, version: str, by: str) -> None:
        row = self.state.bundle(name, version)
        size = sum(int(file["size"]) for file in json.loads(row["files"])) if row else 0
        data = {"release_bundle_name": name, "release_bundle_version": version, "release_bundle_size": size}
        self._platform.webhooks.fire(domain, event, data, bundle=name, by=by)


def _checked(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Spec, description and notes of a request; a 400 for what is wrong in them."""
    spec = sent.get("spec")
    queries = spec.get("queries") if isinstance(spec, dict) else None
    if not isinstance(queries, list) or not queries:
        raise Refused(400, "spec.queries must be an array with at least one query")
    notes = sent.get("release_notes") or {"syntax": "plain_text", "content": ""}
    if not isinstance(notes, dict) or notes.get("syntax", "plain_text") not in _SYNTAXES:
        raise Refused(400, f"release_notes.syntax must be one of {', '.join(_SYNTAXES)}")
    checked = []
    for query in queries:
        if not isinstance(query, dict) or not isinstance(query.get("aql"), str):
            raise Refused(400, "A query needs aql")
        added = query.get("added_props") or []
        if not isinstance(added, list) or not all(
            isinstance(one, dict) and isinstance(one.get("key"), str) and isinstance(one.get("values"), list)
            for one in added
        ):
            raise Refused(400, "added_props must be an array of key and values")
        checked.append(
            {
                "query_name": query.get("query_name"),
                "aql": query["aql"],
                "mappings": check_mappings(query.get("mappings")),
                "added_props": [
                    {"key": one["key"], "values": [str(value) for value in one["values"]]} for one in added
                ],
            }
        )
    return {"spec": {"queries": checked}, "description": str(sent.get("description") or ""), "release_notes": notes}
