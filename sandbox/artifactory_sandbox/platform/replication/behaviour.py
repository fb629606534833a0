"""Configured replications, and when what of them runs: by cron, by event, or because somebody asks (5)."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.jobs import Jobs, leased
from artifactory_sandbox.platform.replication import config as configs
from artifactory_sandbox.platform.replication.channels import Channels
from artifactory_sandbox.platform.replication.runs import PULL, PUSH, Runs, lease_of, request_lease
from artifactory_sandbox.platform.replication.state import ReplicationState
from artifactory_sandbox.platform.security.patterns import ant
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_MULTI = "Multi-push replication is only available with an Enterprise license."
_EVENT_PULL = "Event-based pull replication is only available with an Enterprise license."
_EXISTENCE = "Checking binary existence in the filestore is only available with an Enterprise+ license."


class Replication:
    """Only one node of the cluster runs a given replication: a lease in the database says which."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = ReplicationState(platform.database)
        self.channels = Channels(platform)
        self._runs = Runs(platform, self.state)
        self._jobs = Jobs("replication", platform.stopping, platform.wake)

    @property
    def enterprise(self) -> bool:
        """Whether the licence has multi-push and event-based pull."""
        return str(self._platform.licences.single()["type"]).startswith(("Enterprise", "Trial"))

    @property
    def enterprise_plus(self) -> bool:
        """Whether the licence has the check of the target's filestore."""
        licence = str(self._platform.licences.single()["type"])
        return licence.startswith("Trial") or licence.replace("+", " Plus").startswith("Enterprise Plus")

    def demand_multiple(self) -> None:
        """A 403 for several targets without the licence for them (5.3)."""
        if not self.enterprise:
            raise Refused(403, _MULTI)

    def existence_allowed(self) -> bool:
        """Whether sources may ask what this filestore holds (1.7)."""
        return bool(self._platform.system.checksums_trusted()["checkBinaryExistenceAllowed"])

    def put(
        self, repo: str, sent: Mapping[str, Any], blank: Mapping[str, Any] | None = None, url: str | None = None
    ) -> None:
        """Creates or replaces one entry; `url` names the one to change when the target itself changes."""
        with self._platform.database.transaction():  # the repository may not become another one meanwhile
            push = self.kind_of(repo) == PUSH
            now = self._platform.clock.now()
            config = configs.read(sent, blank or (configs.PUSH if push else configs.COMMON))
            configs.check(config, push, now)
            if config["enableEventReplication"] and not push and not self.enterprise:
                raise Refused(403, _EVENT_PULL)
            if config["checkBinaryExistenceInFilestore"] and not self.enterprise_plus:
                raise Refused(403, _EXISTENCE)
            target = config.get("url", "")
            older = {row["url"]: row for row in self.state.of(repo)}
            if url is not None and url in older and url != target and target not in older:
                self.state.move(older[url]["id"], target)
                older[target] = older[url]
            known = older.get(target)
            password = sent.get("password")
            self.state.put(
                {
                    "repo": repo,
                    "url": target,
                    "kind": PUSH if push else PULL,
                    "config": config,
                    "password": str(password) if password else (known["password"] if known else ""),
                    "replication_key": configs.replication_key(repo, target),
                    "enabled": config["enabled"],
                    "on_event": config["enableEventReplication"],
                    "next_run": configs.next_run(config, now),
                }
            )
        self._platform.wake()

    def kind_of(self, repo: str) -> str:
        """`PUSH` for a local repository, `PULL` for a remote one; refuses the others."""
        rclass = self._platform.repositories.state.class_of(repo)
        if rclass is None:
            raise Refused(400, "Could not find repository")
        if rclass not in {"local", "remote"}:
            raise Refused(400, "Invalid repository")
        return PUSH if rclass == "local" else PULL

    def shown(self, row: Row) -> dict[str, Any]:
        """An entry as the API shows it; the password never."""
        return {**json.loads(row["config"]), "repoKey": row["repo"], "replicationKey": row["replication_key"]}

    def address(self, row: Row) -> str:
        """Where an entry sends to or takes from; empty when its repository has gone just now."""
        if row["url"]:
            return str(row["url"])
        config = self._platform.repositories.find(row["repo"]) or {}
        return str(config.get("url", "")).rstrip("/")

    def switch(self, included: list[str], excluded: list[str], on: bool) -> None:
        """Enables or disables entries by patterns of their targets."""
        now = self._platform.clock.now()
        with self._platform.database.transaction():
            for row in self.state.all():
                url = self.address(row)
                if _url_matches(url, included) and not (excluded and _url_matches(url, excluded)):
                    config = {**json.loads(row["config"]), "enabled": on}
                    self.state.switch(row["id"], config, configs.next_run(config, now))

    def execute(self, repo: str, options: list[Mapping[str, Any]], path: str = "") -> None:
        """Asks for runs now: of the enabled entries, or to the targets that the request names."""
        kind = self.kind_of(repo)
        if self._platform.configuration.blocked(kind.capitalize()):
            raise Refused(400, f"{kind.capitalize()} replication is globally blocked.")
        if not options:
            rows = [row for row in self.state.of(repo) if row["enabled"]]
            if not rows:
                raise Refused(404, f"No enabled replication is configured for '{repo}'.")
            for row in rows:
                self.state.ask(row["id"], {"path": path})
        for option in options:
            url = str(option.get("url") or "") if kind == PUSH else ""
            if kind == PUSH:
                configs.check_url(url)
            if configs.by_hand(option)["checkBinaryExistenceInFilestore"] and not self.enterprise_plus:
                raise Refused(403, _EXISTENCE)
            self.state.request(repo, kind, url, dict(option), path)
        self._platform.wake()

    def changed(self, change: Change) -> None:
        """Queues an event for each target that follows them, and for each platform that follows the repository."""
        self.channels.changed(change)
        rows = self.state.on_event(change.repo)
        if not rows or self._platform.configuration.blocked("Push"):
            return
        for row in rows:
            self.state.queue(row["id"], change.kind, change.path, change.folder)
        self._platform.database.after_commit(self._platform.wake)

    def forget_repository(self, repo: str) -> None:
        """The repository goes, and its replications with it."""
        self.state.delete(repo)
        self.channels.state.release(1 << 62, repo)

    def tick(self) -> None:
        """Starts what is due; a run that hangs holds back no other."""
        for row_id in self.state.waiting():
            self._start(f"events-{row_id}", row_id, self._runs.events)
        for row in self.state.due(self._platform.clock.now()):
            self._start(f"run-{row['id']}", row["id"], self._runs.planned)
        for row in self.state.requests():
            self._jobs.start(f"request-{row['id']}", lambda row_id=row["id"]: self._by_hand(row_id))  # type: ignore[misc]
        for row_id in self.channels.due():
            self._start(f"follow-{row_id}", row_id, self._follow, "replication-channel")

    def stop(self) -> None:
        """Waits for the step that runs."""
        self._jobs.stop()

    def _start(self, name: str, row_id: int, job: Callable[[Row], object], lease: str = "") -> None:
        named = f"{lease}:{row_id}" if lease else lease_of(row_id)
        # events and runs of one replication share a lease, and one name: the same node may take its own lease twice
        key = name if lease else lease_of(row_id)
        self._jobs.start(key, lambda: self._leased(named, row_id, job))

    def _leased(self, lease: str, row_id: int, job: Callable[[Row], object]) -> None:
        with leased(self._platform.locks, lease) as ours:
            if ours and (row := self.state.fresh(row_id)):
                job(row)

    def _follow(self, row: Row) -> None:
        if row["enabled"] and row["on_event"]:
            self.channels.follow(row)

    def _by_hand(self, row_id: int) -> None:
        with leased(self._platform.locks, request_lease(row_id)) as ours:
            if ours and (row := self.state.request_of(row_id)):
                self._runs.by_hand(row)


def _url_matches(url: str, wanted: list[str]) -> bool:
    return any(ant(pattern.replace("://", ":/")).match(url.replace("://", ":/")) for pattern in wanted)
