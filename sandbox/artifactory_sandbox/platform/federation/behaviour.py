"""Federated repositories: made, changed and left together; every change of an item becomes an event for each member."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.changes import Change
from artifactory_sandbox.platform.federation.binaries import BinaryTasks
from artifactory_sandbox.platform.federation.delivery import Delivery
from artifactory_sandbox.platform.federation.members import SITE_LOCAL, Members, failed
from artifactory_sandbox.platform.federation.migration import Migration
from artifactory_sandbox.platform.federation.state import FederationState
from artifactory_sandbox.platform.repositories.defaults import defaults
from artifactory_sandbox.platform.repositories.package_types import CLASSES_OF
from artifactory_sandbox.platform.repositories.references import project_exists
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.url import same_address

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

FRESH = "PENDING_FS"
_PROPAGATE = "artifactory.federated.mirror.events.upload.info.propagate.enabled"
_CREATED_TIME = "federation-propagates-created-time"
_DISABLED_TYPES = "federation-disabled-types"
_DAY_MS = 86_400_000
_PURGE_EVERY_S = 30


class Federation:
    """The service; what goes over the wire is in `delivery`, what the status calls say in `status`."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = FederationState(platform.database)
        self.members = Members(platform)
        self.binaries = BinaryTasks(platform, self.members)
        self.migration = Migration(platform, self.state)
        self.delivery = Delivery(platform, self.state, self.members, self.binaries)
        self._next_purge = 0.0

    @property
    def service(self) -> bool:
        """Whether the federation service (RTFS) carries the federations; else the legacy one does."""
        return self._platform.rtfs and self.migration.complete

    @property
    def heals_itself(self) -> bool:
        """Whether auto-healing is on: always since 7.82, by a property before (3.3)."""
        version = self._platform.version
        if version.at_least("7.82.0"):
            return True
        wanted = str(self._platform.properties.get("artifactory.auto.healing.enabled", "")).lower() == "true"
        return wanted and version.at_least("7.71.1")

    @property
    def most_tries(self) -> int:
        """Tries after which a queue is exhausted."""
        return int(self._platform.system_property("artifactory.federated.event.queue.max.error.retries", 6))

    @property
    def takes_origin(self) -> bool:
        """Whether this site takes over who made a file and when (3.2, seed 003)."""
        wanted = self._platform.properties.get(_PROPAGATE, "false")
        return str(wanted).lower() == "true" and self._platform.version.at_least("7.90.1")

    @property
    def propagates_created(self) -> bool | None:
        """Whether created times go along with events; None on servers that have no switch for it."""
        if not self._platform.version.at_least("7.123.0"):
            return None
        return bool(self._platform.settings.get(_CREATED_TIME, False))

    @propagates_created.setter
    def propagates_created(self, on: bool) -> None:
        self._platform.settings.set(_CREATED_TIME, on)

    def switched_off(self, key: str) -> bool:
        """Whether the server itself has switched off federations of this repository's package type."""
        types = self._platform.settings.get(_DISABLED_TYPES, [])
        if not types:
            return False
        config = self._platform.repositories.find(key)
        return config is not None and bool({"*", config["packageType"]} & set(types))

    def switch_types(self, types: list[str], on: bool) -> None:
        """Switches federations of package types on or off; `*` means all."""
        with self._platform.database.transaction():
            off = set(self._platform.settings.get(_DISABLED_TYPES, []))
            off = (set() if "*" in types else off - set(types)) if on else off | set(types)
            self._platform.settings.set(_DISABLED_TYPES, sorted(off))
        self._platform.wake()

    def prepared(self, config: dict[str, Any]) -> dict[str, Any]:
        """A new definition with its members complete and trusted; nothing is written yet."""
        self.demand_licence()
        made = {**config, "members": self.members.complete(config)}
        self.members.demand_trust(self.members.others(made))
        return made

    def announce(self, config: Mapping[str, Any]) -> None:
        """Makes the repository at the other members; a 400 when one does not take it."""
        if refused := self.members.announce(config, self.members.others(config)):
            raise failed(config["key"], refused)

    def store_members(self, config: Mapping[str, Any]) -> None:
        """Brings the rows of members in line with a definition, inside its transaction."""
        own = self.members.own_url(config["key"])
        for member in config["members"]:
            is_own = same_address(member["url"], own)
            self.state.put(config["key"], member, is_own, "HEALTHY" if is_own else FRESH)
        self.state.keep_only(config["key"], [member["url"] for member in config["members"]])

    def update(self, config: dict[str, Any], members_sent: bool) -> None:
        """A changed definition: members first, then here, then a farewell to those that left."""
        key = config["key"]
        before = {row["url"]: row for row in self.state.remote(key)}
        if members_sent:
            config = {**config, "members": self.members.complete(config)}
        others = self.members.others(config)
        added = [member for member in others if member["url"] not in before]
        kept = [member for member in others if member["url"] in before]
        removed = [{"url": url} for url in before if url not in {member["url"] for member in others}]
        self.members.demand_trust(added)
        if removed and self.service:
            self._demand_reachable(before)
        if refused := self.members.announce(config, added):
            raise failed(key, refused)
        self._store(config)
        missed = self.members.announce(config, kept)
        for member in kept:
            self.state.set_consistent(key, member["url"], member["url"] not in missed)
        self.members.dismiss(key, removed)
        self._platform.wake()

    def received(self, key: str, package_type: str, shared: dict[str, Any], members: list[dict[str, Any]]) -> None:
        """Another member's definition: made here, or merged into ours without what is local to this site."""
        repositories = self._platform.repositories
        config = repositories.find(key)
        if config is None:
            blank = defaults("federated", package_type, self._platform.version)
            config = {"key": key, "rclass": "federated", "packageType": package_type, **blank}
            config["projectKey"] = str(shared.get("projectKey", ""))
            config["environments"] = ["DEV"] if config["projectKey"] else []  # whatever the origin has (12.2, 10)
            if config["projectKey"] and not project_exists(self._platform, config["projectKey"]):
                raise Refused(409, f"There is no project '{config['projectKey']}' here")
        if config["rclass"] != "federated" or config["packageType"] != package_type:
            raise Refused(
                409, f"'{key}' exists here as a {config['rclass']} repository of type {config['packageType']}"
            )
        changed = {name: value for name, value in shared.items() if name in config and name not in SITE_LOCAL}
        config = {**config, **changed, "members": members}
        config["members"] = self.members.complete(config, declared=False)
        self._store(config)
        self._platform.wake()

    def dismissed(self, key: str, by: str) -> None:
        """This member was taken out: it stays federated, alone (2.9)."""
        config = self._platform.repositories.find(key)
        if config is None or config["rclass"] != "federated":
            raise Refused(404, f"No federated repository '{key}' was found.")
        if by not in {member["url"] for member in config["members"]}:
            return
        own = self.members.own_url(key)
        self._store({**config, "members": [one for one in config["members"] if same_address(one["url"], own)]})

    def config_sync(self, key: str) -> None:
        """Gives the own configuration to every member again."""
        config = self.get(key)
        missed = self.members.announce(config, self.members.others(config))
        for member in self.members.others(config):
            self.state.set_consistent(key, member["url"], member["url"] not in missed)
        if missed:
            raise failed(key, missed)

    def migrate(self, key: str) -> None:
        """Local to federated, alone; its replications go."""
        repositories = self._platform.repositories
        config = repositories.find(key)
        if config is None:
            raise Refused(404, f"No repository '{key}' was found.")
        if config["rclass"] != "local":
            raise Refused(400, f"Repository '{key}' is not a local repository.")
        if "federated" not in CLASSES_OF[config["packageType"]]:
            raise Refused(400, f"Repositories of type {config['packageType']} cannot be federated.")
        own = {"url": self.members.own_url(key), "enabled": True}
        with self._platform.database.transaction():
            self._platform.replication.forget_repository(key)
            made = {**config, "rclass": "federated", "members": [own], "proxy": "", "disableProxy": False}
            self._store(made)

    def convert_to_local(self, key: str) -> str | None:
        """Federated to local; the reason when it cannot be."""
        config = self._platform.repositories.find(key)
        if config is None or config["rclass"] != "federated":
            return f"Repo {key} is not a federated repository"
        if self.members.others(config):
            return f"Repo {key} contains remote members"
        if config["packageType"] == "buildinfo":
            return f"Repo {key} is a build-info repository"
        local = {name: value for name, value in config.items() if name not in {"members", "proxy", "disableProxy"}}
        with self._platform.database.transaction():
            self.state.forget(key)
            self._platform.repositories.replace({**local, "rclass": "local"})
        return None

    def remove_member(self, url: str) -> int:
        """Takes a dead member out wherever it is; how many repositories lost it."""
        rows = [row for row in self.state.remote() if row["url"] == url]
        for row in rows:
            config = self.get(row["repo"])
            self._store({**config, "members": [member for member in config["members"] if member["url"] != url]})
        return len(rows)

    def replace_url(self, old: str, new: str) -> None:
        """Rewrites the members' addresses after a platform changed its own (3.4)."""
        for key in self._platform.repositories.state.keys("federated"):
            config = self.get(key)
            with self._platform.database.transaction():
                for member in config["members"]:
                    if member["url"].startswith(old + "/"):
                        row = next(row for row in self.state.members(key) if row["url"] == member["url"])
                        member["url"] = new + member["url"][len(old) :]
                        self.state.rename(row["id"], member["url"])
                self._platform.repositories.replace(config)

    def get(self, key: str) -> dict[str, Any]:
        """A federated repository; 404 for anything else."""
        config = self._platform.repositories.find(key)
        if config is None or config["rclass"] != "federated":
            raise Refused(404, f"No federated repository '{key}' was found.")
        return config

    def full_sync(self, key: str, mirror: str, force: bool = False) -> None:
        """Asks for a full sync to one member or to all; one that runs is ended and begun anew with `force`."""
        listed = self.get(key)["members"]
        rows = [row for row in self.state.remote(key) if not mirror or row["url"] == mirror]
        if mirror and not any(same_address(member["url"], mirror) for member in listed):
            raise Refused(404, f"No member '{mirror}' of '{key}' was found.")
        for row in rows:
            self.state.ask_full_sync(row["id"], FRESH, force)
        self._platform.wake()

    def changed(self, change: Change) -> None:
        """Queues a change for every member elsewhere, unless a member sent it or this site only receives."""
        if change.federated or self.receives_only(change.repo):
            return
        if self.state.queue(change.repo, change.kind, change.path, change.folder, change.at):
            self._platform.metrics.add("jfrtfs_events_received_from_artifactory_total")
            self._platform.database.after_commit(self._platform.wake)

    def receives_only(self, repo: str) -> bool:
        """Whether the own member of a repository is a receiver."""
        return any(row["own"] and row["mode"] == "receiver" for row in self.state.members(repo))

    def paused(self, repo: str) -> bool:
        """Whether the own member of a repository is switched off."""
        return any(row["own"] and not row["enabled"] for row in self.state.members(repo))

    def recover(self, key: str) -> None:
        """Ends the pauses of members that failed."""
        self.state.retry_now(key)
        self.binaries.state.replay(key, "")
        self._platform.wake()

    def trust_changed(self, base_url: str) -> None:
        """Trust was made anew: try again at once."""
        del base_url
        self.recover("")

    def purge(self, repo: str | None) -> None:
        """Fault: a queue loses its events, as when they had grown too old."""
        self._purge(repo or "", self._platform.clock.now() + 1)

    def forget_repository(self, key: str) -> None:
        """The repository goes; the other members keep theirs and a stale entry (2.5)."""
        self.state.forget(key)
        self.binaries.state.forget(key)

    def demand_licence(self) -> None:
        """A 403 without a licence that has federation (3)."""
        if not self._platform.replication.enterprise:
            raise Refused(403, "Federated repositories are only available with an Enterprise X or Enterprise+ license.")

    def stop(self) -> None:
        """Waits for the steps that run."""
        self.delivery.stop()

    def has_remote_members(self) -> bool:
        """Whether any federation reaches beyond this platform."""
        return bool(self.state.remote())

    def tick(self) -> None:
        """Delivers what is due; drops what grew too old."""
        if time.monotonic() >= self._next_purge:
            self._next_purge = time.monotonic() + _PURGE_EVERY_S
            days = self._platform.system_property("artifactory.events.log.cleanup.age.of.entries.to.discard.days", 3)
            self._purge("", self._platform.clock.now() - int(days * _DAY_MS))
        self.migration.tick()
        self._platform.trust.access.tick(self.delivery.jobs)
        self.delivery.tick()

    def _purge(self, repo: str, before: int) -> None:
        for member in self.state.purge(repo, before):
            self.state.result(member, "ERROR_OUT_OF_SYNC", "events were purged: only a full sync repairs that")

    def _demand_reachable(self, before: Mapping[str, Row]) -> None:
        silent = [url for url, row in before.items() if row["enabled"] and not self.members.reachable(url)]
        if silent:
            raise Refused(400, f"Members cannot be removed while others are offline: [{', '.join(silent)}]")

    def _store(self, config: dict[str, Any]) -> None:
        repositories = self._platform.repositories
        with self._platform.database.transaction():
            if repositories.find(config["key"]) is None:
                repositories.insert(config)
            else:
                repositories.replace(config)
                self.store_members(config)
