"""Configured replications and what runs them: the cron, an event, or somebody who asks."""

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.replication import config as configs
from artifactory_sandbox.platform.replication.state import ReplicationState
from artifactory_sandbox.platform.replication.transfer import Far, Filter, Stopped, Transfer
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security.patterns import ant
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

log = logging.getLogger(__name__)

EVENT_TRIES = 3
LEASE_S = 30
PUSH, PULL = "PUSH", "PULL"


class Replication:
    """Only one node of the cluster runs a given replication: a lease in the database says which."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = ReplicationState(platform.database)

    def put(
        self, repo: str, sent: Mapping[str, Any], blank: Mapping[str, Any] | None = None, url: str | None = None
    ) -> None:
        """Creates or replaces one entry; `url` names the one to change when the target itself changes."""
        push = self.kind_of(repo) == PUSH
        now = self._platform.clock.now()
        config = configs.read(sent, blank or (configs.PUSH if push else configs.COMMON))
        configs.check(config, push, now)
        target = config.get("url", "")
        older = {row["url"]: row for row in self.state.of(repo)}
        with self._platform.database.transaction():
            if url is not None and url != target and target not in older:
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

    def switch(self, included: list[str], excluded: list[str], on: bool) -> None:
        """Enables or disables entries by patterns of their targets."""
        now = self._platform.clock.now()
        for row in self.state.all():
            if _url_matches(row["url"], included) and not (excluded and _url_matches(row["url"], excluded)):
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
            self._platform.pool.submit(self._run_once, repo, kind, dict(option), path)
        self._platform.wake()

    def changed(self, change: Change) -> None:
        """Queues an event for each target that follows them."""
        rows = self.state.on_event(change.repo)
        if not rows or self._platform.configuration.blocked("Push"):
            return
        for row in rows:
            self.state.queue(row["id"], change.kind, change.path, change.folder)
        self._platform.database.after_commit(self._platform.wake)

    def forget_repository(self, repo: str) -> None:
        """The repository goes, and its replications with it."""
        self.state.delete(repo)

    def tick(self) -> None:
        """Runs what is due."""
        for row_id in self.state.waiting():
            self._leased(row_id, self._send_events)
        for row in self.state.due(self._platform.clock.now()):
            self._leased(row["id"], self._run)

    def _leased(self, row_id: int, job: Any) -> None:
        name = f"replication:{row_id}"
        if not self._platform.locks.take(name, LEASE_S):
            return
        try:
            if row := self.state.fresh(row_id):
                job(row)
        finally:
            self._platform.locks.release(name)

    def _run(self, row: Row) -> None:
        now = self._platform.clock.now()
        due = row["asked"] is not None or (row["enabled"] and row["next_run"] is not None and row["next_run"] <= now)
        if not due:
            return
        config = json.loads(row["config"])
        asked = json.loads(row["asked"]) if row["asked"] else {}
        self.state.planned(row["id"], configs.next_run(config, now))
        if self._platform.configuration.blocked(row["kind"].capitalize()):
            return
        if asked.get("path"):
            config = {**config, "includePathPrefixPattern": asked["path"].rstrip("/") + "/**," + asked["path"]}
        self.state.result(row["id"], "incomplete", None, "")
        status, said = self._moved(row["repo"], row["kind"], config, row["password"], f"replication:{row['id']}")
        self.state.result(row["id"], status, self._platform.clock.now() if status != "incomplete" else None, said)

    def _moved(self, repo: str, kind: str, config: dict[str, Any], password: str, lease: str) -> tuple[str, str]:
        """Moves the bytes; status and reason."""

        def go_on() -> None:
            platform = self._platform
            if platform.stopping.is_set() or platform.configuration.blocked(kind.capitalize()):
                raise Stopped
            if not platform.locks.take(lease, LEASE_S):
                raise Stopped

        try:
            if kind == PUSH:
                far = Far.of(config["url"], (config["username"], password))
                Transfer(self._platform, repo, far, Filter.of(config), go_on).push()
            else:
                url, auth = self._platform.repositories.upstream(repo)
                Transfer(self._platform, repo + CACHE_SUFFIX, Far.of(url, auth), Filter.of(config), go_on).pull()
        except Stopped:
            return "incomplete", "stopped"
        except (PeerFailed, MissingBinary, Refused, OSError, ValueError, KeyError) as error:
            log.warning("replication of %s failed: %s", repo, error)
            return "error", str(error)
        return "ok", ""

    def _run_once(self, repo: str, kind: str, option: dict[str, Any], path: str) -> None:
        named = {**option, "syncProperties": option.get("properties"), "syncDeletes": option.get("delete")}
        config = configs.read(named, {**configs.PUSH, "includePathPrefixPattern": f"{path}/**" if path else ""})
        known = [row for row in self.state.of(repo) if kind == PULL or row["url"] == config["url"]]
        lease = f"replication:{known[0]['id'] if known else repo + '>' + config['url']}"
        status, said = self._moved(repo, kind, config, str(option.get("password") or ""), lease)
        for row in known:
            self.state.result(row["id"], status, self._platform.clock.now(), said)
        self._platform.locks.release(lease)

    def _send_events(self, row: Row) -> None:
        platform = self._platform
        config = json.loads(row["config"])
        far = Far.of(config["url"], (config["username"], row["password"]))
        for event in self.state.events(row["id"]):
            blocked = platform.configuration.blocked("Push")
            if platform.stopping.is_set() or not platform.locks.take(f"replication:{row['id']}", LEASE_S):
                return
            try:
                if row["enabled"] and not blocked:
                    transfer = Transfer(platform, row["repo"], far, Filter.of(config), lambda: None)
                    transfer.push_one(event["kind"], event["path"], bool(event["folder"]))
                self.state.sent(event["id"])
            except (PeerFailed, MissingBinary, OSError) as error:
                log.warning("event replication of %s:%s failed: %s", row["repo"], event["path"], error)
                if event["tries"] + 1 >= EVENT_TRIES:
                    self.state.sent(event["id"])  # the cron brings what events lost
                else:
                    self.state.failed(event["id"])
                    return


def _url_matches(url: str, wanted: list[str]) -> bool:
    return any(ant(pattern.replace("://", ":/")).match(url.replace("://", ":/")) for pattern in wanted)
