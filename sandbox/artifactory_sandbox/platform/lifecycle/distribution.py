"""Distribution: the files of a bundle travel to the platforms that Mission Control knows (12.8.2, 12.8.3)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.lifecycle import home
from artifactory_sandbox.platform.lifecycle.mappings import mapped, mappings_of
from artifactory_sandbox.platform.lifecycle.state import LifecycleState
from artifactory_sandbox.platform.mission_control.jpds import HOME
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.search.patterns import glob
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

DISTRIBUTE, DELETE = "distribute", "delete_release_bundle_version"
RECEIVED = "artifactory/api/release/received"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be distributed; `kind` is `v1` or `v2`, `repo` the repository that holds the bundle."""

    kind: str
    repo: str
    name: str
    version: str


class Distributions:
    """Each distribution has a tracker with one entry for each site."""

    def __init__(self, platform: "Platform", state: LifecycleState) -> None:
        self._platform = platform
        self.state = state

    def ask(self, order: Order, kind: str, sent: Mapping[str, Any], by: str) -> dict[str, Any]:
        """Queues a distribution or a remote deletion; a dry run only names the sites."""
        sites = self._sites(sent.get("distribution_rules"))
        mappings = mappings_of(sent)
        listed = [{"service_id": site["service_id"], "name": site["name"], "type": "jfrt"} for site in sites]
        if sent.get("dry_run"):
            return {"sites": listed}
        request = {
            "sites": [site["id"] for site in sites],
            "mappings": mappings,
            "create": bool(sent.get("auto_create_missing_repositories")),
            "on_success": str(sent.get("on_success") or "keep"),
            "rules": sent.get("distribution_rules") or [],
        }
        row = {
            **{"kind": order.kind, "type": kind, "repo": order.repo, "name": order.name, "version": order.version},
            **{"status": "In queue", "request": json.dumps(request), "created_by": by},
            "sites": json.dumps([_site(one, "In queue") for one in listed]),
            "created": self._platform.clock.now(),
        }
        number = self.state.add_distribution(row)
        self._platform.wake()
        return {"id": number, "sites": listed}

    def run(self, row: Row) -> None:
        """Does what is queued, site after site."""
        platform = self._platform
        fresh = next(iter(self.state.distributions(row["kind"], number=row["id"])), None)
        if fresh is None or fresh["status"] not in {"In queue", "In progress"}:
            return
        self.state.start_distribution(row["id"], platform.clock.now())
        verb = "distribute" if row["type"] == DISTRIBUTE else "delete"
        self._announce(f"{verb}_started", row)
        request, files = json.loads(row["request"]), self._files(row)
        results = [self._at(jpd, row, request, files) for jpd in request["sites"]]
        failed = [one for one in results if one["status"] != "Completed"]
        status = "Failed" if failed else "Completed"
        self.state.end_distribution(row["id"], status, results, platform.clock.now())
        self._announce(f"{verb}_{status.lower()}", row)
        if row["type"] == DELETE and request["on_success"] == "delete" and not failed:
            self._forget(row)

    def shown(self, row: Row) -> dict[str, Any]:
        """A tracker whole."""
        request = json.loads(row["request"])
        return {
            "distribution_id": row["id"],
            "distribution_friendly_id": row["id"],
            "type": row["type"],
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
            "status": row["status"],
            "distribution_rules": request["rules"],
            "sites": json.loads(row["sites"]),
        }

    def listed(self, row: Row) -> dict[str, Any]:
        """A tracker as lists show it."""
        targets = [site["target_artifactory"]["name"] for site in json.loads(row["sites"])]
        return {
            "distribution_tracker_friendly_id": row["id"],
            "type": row["type"],
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
            "storing_repository": row["repo"],
            "status": row["status"],
            "distributed_by": row["created_by"],
            "created": iso(row["created"]),
            "start_time": iso(row["started"]) if row["started"] else None,
            "finish_time": iso(row["finished"]) if row["finished"] else None,
            "targets": targets,
        }

    def _sites(self, rules: Any) -> list[dict[str, Any]]:
        """Platforms that the rules choose; a 400 when there is none."""
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules) or not rules:
            raise Refused(400, "distribution_rules must be an array of rules")
        found = [site for site in self._known() if any(_chooses(rule, site["name"], site["place"]) for rule in rules)]
        if not found:
            raise Refused(400, "No distribution targets match the distribution rules")
        return found

    def _known(self) -> list[dict[str, Any]]:
        """The other platforms; this one where there is no other."""
        control = self._platform.mission_control
        rows = [row for row in control.state.jpds() if row["id"] != HOME]
        if not rows:
            here = control.jpds.get(HOME)
            service_id = self._platform.service_id
            return [{"id": HOME, "name": here["name"], "service_id": service_id, "place": here["location"]}]
        return [
            {
                **{"id": row["id"], "name": row["name"], "service_id": row["service_id"] or row["id"]},
                "place": json.loads(row["location"]),
            }
            for row in rows
        ]

    def _files(self, row: Row) -> list[Mapping[str, Any]]:
        if row["kind"] == "v1":
            bundle = self._platform.distribution.state.bundle(row["name"], row["version"])
            return json.loads(bundle["files"]) if bundle else []
        found = self.state.bundle(row["repo"], row["name"], row["version"])
        return [dict(file) for file in self.state.files(found["id"])] if found else []

    def _at(self, jpd: str, row: Row, request: Mapping[str, Any], files: list[Mapping[str, Any]]) -> dict[str, Any]:
        """One site; what its entry of the tracker says afterwards."""
        known = next((site for site in self._known() if site["id"] == jpd), {"service_id": jpd, "name": jpd})
        target = {"service_id": known["service_id"], "name": known["name"], "type": "jfrt"}
        done = _site(target, "Completed", files)
        try:
            for file in files:
                error = self._file(jpd, row, file, request)
                if error:
                    done["file_errors"].append(error)
                else:
                    done["distributed_files"] += 1
                    done["distributed_bytes"] += file["size"]
            self._tell(jpd, row, files, request)
        except (PeerFailed, Refused) as error:
            done["general_error"] = str(error)
        if done["general_error"] or done["file_errors"]:
            done["status"] = "Failed"
        return done

    def _file(self, jpd: str, row: Row, file: Mapping[str, Any], request: Mapping[str, Any]) -> str:
        """Sends or removes one file; the error, if any. Raises `PeerFailed` when nobody answers."""
        target, by = mapped(f"{file['repo']}/{file['path']}", request["mappings"]), row["created_by"]
        control = self._platform.mission_control.jpds
        if jpd == HOME and row["type"] == DELETE:
            return home.remove(self._platform, file, target, by)
        if jpd == HOME:
            return home.put(self._platform, file, target, create=request["create"], by=by)
        try:
            if row["type"] == DELETE:
                control.call(jpd, "DELETE", f"artifactory/{quote(target)}", allowed=(404,))
                return ""
            if request["create"]:
                self.make_repository(jpd, target.partition("/")[0], file["package_type"])
            self.send(jpd, target, file)
        except PeerFailed as error:
            if error.unreachable:
                raise
            return str(error)
        except MissingBinary:
            return f"The binary of {file['repo']}/{file['path']} is not in the filestore"
        return ""

    def send(self, jpd: str, target: str, file: Mapping[str, Any]) -> None:
        """Deploys a file at another platform, by checksum where that has the bytes."""
        control = self._platform.mission_control.jpds
        address = f"artifactory/{quote(target)}{_matrix(json.loads(file['properties']))}"
        sums = {"X-Checksum-Sha1": file["sha1"], "X-Checksum-Sha256": file["sha256"], "X-Checksum-Md5": file["md5"]}
        answer = control.call(jpd, "PUT", address, headers={**sums, "X-Checksum-Deploy": "true"}, allowed=(404,))
        if answer.status_code == 404:
            with self._platform.binaries.store.open(file["sha1"]) as data:
                control.call(jpd, "PUT", address, headers=sums, data=data if file["size"] else b"")

    def make_repository(self, jpd: str, repo: str, package_type: str) -> None:
        """Makes a local repository at another platform unless it is there."""
        control = self._platform.mission_control.jpds
        body = {"rclass": "local", "packageType": package_type}
        control.call(jpd, "PUT", f"artifactory/api/repositories/{quote(repo)}", json=body, allowed=(400,))

    def _tell(self, jpd: str, row: Row, files: Iterable[Mapping[str, Any]], request: Mapping[str, Any]) -> None:
        """Lets the other side know of the bundle as a whole, or of its end there."""
        body = {
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
            "source_service_id": self._platform.service_id,
            "files": [mapped(f"{file['repo']}/{file['path']}", request["mappings"]) for file in files],
        }
        if jpd == HOME:
            received = self._platform.distribution
            tell = received.receive if row["type"] == DISTRIBUTE else received.forget_received
            tell(body, row["created_by"])
            return
        method = "POST" if row["type"] == DISTRIBUTE else "DELETE"
        self._platform.mission_control.jpds.call(jpd, method, RECEIVED, json=body, allowed=(404,))

    def _forget(self, row: Row) -> None:
        """The bundle itself goes too, once it is gone everywhere."""
        if row["kind"] == "v1":
            self._platform.distribution.forget(row["name"], row["version"], row["created_by"])
            return
        found = self.state.bundle(row["repo"], row["name"], row["version"])
        if found is not None:
            self._platform.lifecycle.delete(found, row["created_by"], later=False)

    def _announce(self, event: str, row: Row) -> None:
        names = [{"edge_node_name": site["target_artifactory"]["name"]} for site in json.loads(row["sites"])]
        data = {
            "release_bundle_name": row["name"],
            "release_bundle_version": row["version"],
            "status_message": event,
            "edge_node_info_list": names,
        }
        self._platform.webhooks.fire("distribution", event, data, bundle=row["name"], by=row["created_by"])


def _chooses(rule: Mapping[str, Any], name: str, place: Mapping[str, Any]) -> bool:
    countries = rule.get("country_codes") or ["*"]
    return (
        bool(glob(str(rule.get("site_name") or "*")).match(name))
        and bool(glob(str(rule.get("city_name") or "*")).match(str(place.get("city_name") or "")))
        and any(glob(str(code)).match(str(place.get("country_code") or "")) for code in countries)
    )


def _site(target: Mapping[str, Any], status: str, files: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    sizes = [int(file["size"]) for file in files]
    return {
        "status": status,
        "general_error": "",
        "target_artifactory": dict(target),
        "total_files": len(sizes),
        "total_bytes": sum(sizes),
        "distributed_files": 0,
        "distributed_bytes": 0,
        "file_errors": [],
        "files_in_progress": [],
    }


def _matrix(properties: Mapping[str, list[str]]) -> str:
    """Properties as parameters of the path."""
    return "".join(
        f";{quote(name, safe='')}={','.join(quote(value, safe='') for value in values)}"
        for name, values in properties.items()
    )
