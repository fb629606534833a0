"""Webhooks: what happens is queued in the database for each subscription that wants it, and one node delivers, in order."""

import json
import logging
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.jobs import Jobs, leased
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.webhooks import delivery, domains, subscriptions
from artifactory_sandbox.platform.webhooks.domains import DOMAINS, Subject
from artifactory_sandbox.platform.webhooks.state import WebhookState

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

ATTEMPTS = 4
FIRST_WAIT_MS = 1000
_MANIFESTS = ("manifest.json", "list.manifest.json")


class Webhooks:
    """A handler that does not answer delays its own subscription only; after `ATTEMPTS` its event is dropped."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = WebhookState(platform.database)
        self._jobs = Jobs("webhook", platform.stopping, platform.wake)

    def create(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Stores a new subscription."""
        config = subscriptions.read(sent)
        self._check_proxies(config)
        with self._platform.database.transaction():
            if self.state.get(config["key"]) is not None:
                raise subscriptions.refused(f"subscription with key '{config['key']}' already exists", 409)
            self.state.put(config)
        return subscriptions.shown(config)

    def replace(self, key: str, sent: Mapping[str, Any]) -> None:
        """Stores a subscription over its older self."""
        with self._platform.database.transaction():
            older = self.get(key)
            if sent.get("key", key) != key:
                raise subscriptions.refused("The key of a subscription cannot be changed")
            config = subscriptions.read({**sent, "key": key}, older)
            self._check_proxies(config)
            self.state.put(config)

    def get(self, key: str) -> dict[str, Any]:
        """One subscription with its secrets; a 404 when there is none."""
        found = self.state.get(key)
        if found is None:
            raise subscriptions.refused(f"subscription with key '{key}' not found", 404)
        return found

    def delete(self, key: str) -> None:
        """Removes a subscription; what waits for it is dropped."""
        if not self.state.delete(key):
            raise subscriptions.refused(f"subscription with key '{key}' not found", 404)

    def test(self, sent: Mapping[str, Any], by: str) -> dict[str, str]:
        """Sends a sample to each handler now; what a subscription would do, stored or not."""
        config = subscriptions.read(sent, self.state.get(str(sent.get("key"))))
        self._check_proxies(config)
        chosen = config["event_filter"]
        event = self._event(chosen["domain"], chosen["event_types"][0], domains.sample(chosen["domain"]), by)
        for handler in config["handlers"]:
            outcome = delivery.send(self._platform, handler, {**event, "subscription_key": config["key"]})
            if not outcome.delivered:
                said = f"{handler['url']} answered {outcome.status} {outcome.said}" if outcome.status else outcome.said
                return {"result": "failure", "message": f"Test failed: {said}".strip()}
        return {"result": "success", "message": "Test is successful"}

    def fire(
        self,
        domain: str,
        event: str,
        data: Mapping[str, Any],
        *,
        repo: str = "",
        path: str = "",
        build: str = "",
        bundle: str = "",
        environment: str = "",
        by: str = "",
    ) -> None:
        """Queues an event for every subscription that it meets, within the transaction of the caller, if any."""
        listening = self.state.listening(domain)
        if not listening:
            return
        repo, rclass = self._class_of(repo) if repo else ("", "")
        subject = Subject(repo, rclass, path, build, bundle, environment)
        made = self._event(domain, event, data, by)
        for config in listening:
            chosen = config["event_filter"]
            criteria = chosen.get("criteria") or {}
            if event not in chosen["event_types"] or not domains.meets(DOMAINS[domain].criteria, criteria, subject):
                continue
            if config.get("project_key") and not self._in_project(config["project_key"], data):
                continue
            body = json.dumps({**made, "subscription_key": config["key"]}, ensure_ascii=False)
            for place in range(len(config["handlers"])):
                self.state.queue(config["key"], place, body, 0)
            self._platform.database.after_commit(self._platform.wake)

    def changed(self, change: Change) -> None:
        """Tells of what happened to an item (domains `artifact`, `artifact_property`, `docker`)."""
        if change.kind == "properties":
            self._properties_changed(change)
            return
        event = _artifact_event(change)
        if event is None or (change.folder and event != "deleted"):
            return
        data = _file_data(change.repo, change.path, change.sha256, change.size)
        repo, path = change.repo, change.path
        if event in {"moved", "copied"} and change.source:
            repo, path = change.source
            ends = {"source_repo_path": f"{repo}/{path}", "target_repo_path": f"{change.repo}/{change.path}"}
            data = {**_file_data(repo, path, change.sha256, change.size), **ends}
        self.fire("artifact", event, data, repo=repo, path=path, by=change.by)
        self._docker_changed(change, event)

    def docker(self, event: str, item: Row | Mapping[str, Any], by: str) -> None:
        """Tells of an image: `pushed`, `deleted` or `promoted`; `item` is its manifest, or the tag's folder when it went."""
        path: str = item["path"]
        folder = path.rpartition("/")[0] if path.endswith(_MANIFESTS) else path
        image, _, tag = folder.rpartition("/")
        config = self._platform.repositories.find(item["repo"]) or {}
        data = _file_data(item["repo"], path, item["sha256"] or "", item["size"] or 0)
        data |= {"image_name": image, "tag": tag, "platforms": [], "image_type": config.get("packageType") or "docker"}
        self.fire("docker", event, data, repo=item["repo"], path=path, by=by)

    def tick(self) -> None:
        """Starts a sender for each subscription whose next event is due."""
        for hook in self.state.waiting(_now()):
            self._jobs.start(hook, partial(self._drain, hook))

    def _drain(self, hook: str) -> None:
        with leased(self._platform.locks, f"webhook:{hook}") as ours:
            while ours and not self._platform.stopping.is_set() and self._deliver_next(hook):
                pass

    def _deliver_next(self, hook: str) -> bool:
        """Whether to go on at once."""
        row, config = self.state.oldest(hook), self.state.get(hook)
        now = _now()
        if row is None or row["due"] > now:
            return False
        handlers = config["handlers"] if config else []
        if row["handler"] >= len(handlers):
            self.state.done(row["id"])
            return True
        handler = handlers[row["handler"]]
        outcome = delivery.send(self._platform, handler, json.loads(row["body"]))
        if not outcome.delivered and outcome.worth_another and row["tries"] + 1 < ATTEMPTS:
            self.state.later(row["id"], now + FIRST_WAIT_MS * 2 ** row["tries"])
            return False
        if not outcome.delivered:
            log.warning("webhook %s: %s answered %d %s", hook, handler["url"], outcome.status, outcome.said)
        self.state.done(row["id"])
        return True

    def _event(self, domain: str, event: str, data: Mapping[str, Any], by: str) -> dict[str, Any]:
        origin = self._platform.configuration.base_url or self._platform.node_url
        source = f"jfrog/{by or '_system_'}"
        return {"domain": domain, "event_type": event, "data": dict(data), "jpd_origin": origin, "source": source}

    def _check_proxies(self, config: Mapping[str, Any]) -> None:
        known = self._platform.configuration.tree().get("proxies") or {}
        for handler in config["handlers"]:
            if handler.get("proxy") and handler["proxy"] not in known:
                raise subscriptions.refused(f"proxy with key '{handler['proxy']}' not found")

    def _class_of(self, repo: str) -> tuple[str, str]:
        """Key by which criteria know a repository, and its class; a cache is known by its remote."""
        state = self._platform.repositories.state
        found = state.class_of(repo)
        if found is None and repo.endswith(CACHE_SUFFIX):
            owner = repo.removesuffix(CACHE_SUFFIX)
            return owner, state.class_of(owner) or ""
        return repo, found or ""

    def _in_project(self, project: str, data: Mapping[str, Any]) -> bool:
        """Whether what an event tells of belongs to the project of a subscription, by its repository."""
        key = str(data.get("repo_key") or data.get("build_repo") or data.get("repository_key") or "")
        config = self._platform.repositories.find(key.removesuffix(CACHE_SUFFIX)) or self._platform.repositories.find(
            key
        )
        return config is not None and config.get("projectKey") == project

    def _properties_changed(self, change: Change) -> None:
        for name, values in (change.properties or {}).items():
            event = "added" if values else "deleted"
            data = _file_data(change.repo, change.path, change.sha256, change.size)
            data |= {"property_key": name, "property_values": list(values or ())}
            self.fire("artifact_property", event, data, repo=change.repo, path=change.path, by=change.by)

    def _docker_changed(self, change: Change, event: str) -> None:
        """Pushes and deletions of tags, whatever made or removed the manifest."""
        is_manifest = change.path.endswith(_MANIFESTS)
        if not is_manifest and not (event == "deleted" and change.folder and "/" in change.path):
            return
        tag = change.path.split("/")[-2 if is_manifest and "/" in change.path else -1]
        if event not in {"deployed", "deleted"} or tag.startswith("sha256") or tag == "_uploads":
            return
        config = self._platform.repositories.find(change.repo)
        if config is None or config["packageType"] not in {"docker", "oci", "helmoci"}:
            return
        item = {"repo": change.repo, "path": change.path, "sha256": change.sha256, "size": change.size}
        self.docker("pushed" if event == "deployed" else "deleted", item, change.by)


def _now() -> int:
    """Real time: how long a handler is given has nothing to do with the simulated clock."""
    return int(time.time() * 1000)


def _artifact_event(change: Change) -> str | None:
    """Event type of a change; None for the halves of a move and what goes into the trash can."""
    if change.kind == "delete":
        return None if change.how == "move" else "deleted"
    return {"": "deployed", "restore": "deployed", "copy": "copied", "move": "moved", "cache": "cached"}.get(change.how)


def _file_data(repo: str, path: str, sha256: str, size: int) -> dict[str, Any]:
    return {"repo_key": repo, "path": path, "name": path.rpartition("/")[2], "sha256": sha256, "size": size}
