"""Creating, reading, changing and deleting repositories (2)."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories.definition import CACHE_SUFFIX, SECRETS, Definitions
from artifactory_sandbox.platform.repositories.reading import Reading
from artifactory_sandbox.platform.repositories.state import RepositoryState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

__all__ = ["BATCH_LIMIT", "BUILD_INFO", "CACHE_SUFFIX", "Repositories"]

BATCH_LIMIT = 100
BUILD_INFO = "artifactory-build-info"
Sent = Mapping[str, Any]


class _TakenBack(Exception):
    """Ends a transaction that was only a trial."""


class Repositories:
    """Definitions; what they hold is the matter of `artifacts`. Each change is checked and stored in one transaction."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = RepositoryState(platform.database)
        self.definitions = Definitions(platform, self.state)
        self.reading = Reading(platform, self.state)

    def first_repositories(self) -> None:
        """What a fresh server has (12.12, 4)."""
        if not self.state.taken(BUILD_INFO):
            self.make_build_info(BUILD_INFO)

    def make_build_info(self, key: str, project: str = "") -> None:
        """A build-info repository: the global one, or `<project>-build-info`."""
        sent = {"rclass": "local", "packageType": "buildinfo", "description": "Build Info repository"}
        with self._platform.database.transaction():
            if not self.state.taken(key):
                self._insert(self.definitions.new(key, {**sent, "projectKey": project}))

    def get(self, key: str) -> dict[str, Any]:
        """One configuration; raises the 400 of a missing repository."""
        found = self.state.get(key)
        if found is None:
            raise Refused(400, "Bad Request")
        return found

    def find(self, key: str) -> dict[str, Any] | None:
        """One configuration, None when there is none."""
        return self.state.get(key)

    def class_of(self, key: str) -> str | None:
        """Class of a repository; a remote's cache counts as remote."""
        found = self.state.class_of(key)
        if (
            found is None
            and key.endswith(CACHE_SUFFIX)
            and self.state.class_of(key.removesuffix(CACHE_SUFFIX)) == "remote"
        ):
            return "remote"
        return found

    def create(self, key: str, sent: Sent) -> None:
        """Create Repository; federated ones also reach their members, before anything is stored here."""
        with self._platform.database.transaction():
            config = self.definitions.new(key, sent)
            if config["rclass"] != "federated":
                self._insert(config)
                return
        federation = self._platform.federation
        config = federation.prepared(config)
        federation.announce(_public(config))
        with self._platform.database.transaction():
            self.definitions.new(key, sent)  # nobody took the key meanwhile
            self._insert(config)
        self._platform.wake()

    def create_many(self, wanted: list[Sent]) -> list[str]:
        """All or none; the keys in order."""
        _check_batch(wanted)
        federation = self._platform.federation
        for config in self._tried(wanted):
            if config["rclass"] == "federated":
                federation.announce(_public(config))
        with self._platform.database.transaction():
            made = self._made(wanted)
        self._platform.wake()
        return [config["key"] for config in made]

    def _tried(self, wanted: list[Sent]) -> list[dict[str, Any]]:
        """What would be made, with every check, and nothing of it done."""
        if not any(str(sent.get("rclass")).lower() == "federated" for sent in wanted):
            return []
        with contextlib.suppress(_TakenBack), self._platform.database.transaction():
            made = self._made(wanted)
            raise _TakenBack
        return made

    def _made(self, wanted: list[Sent]) -> list[dict[str, Any]]:
        def make(sent: Sent) -> dict[str, Any]:
            config = self.definitions.new(str(sent.get("key") or ""), sent)
            if config["rclass"] == "federated":
                config = self._platform.federation.prepared(config)
            self._insert(dict(config))
            return config

        return _each(wanted, make)

    def insert(self, config: dict[str, Any]) -> None:
        """Stores a definition that has been checked, with its root folder."""
        self._insert(config)

    def replace(self, config: dict[str, Any]) -> None:
        """Stores a definition over the one of its key, its secrets kept."""
        config = _public(config)
        self.state.put(config, self.state.secrets(config["key"]))

    def update(self, key: str, sent: Sent) -> None:
        """Update Repository: merges (2.4)."""
        with self._platform.database.transaction():
            config = self.definitions.changed(key, sent)
            if config["rclass"] != "federated":
                self._store(config)
                return
        self._platform.federation.update(_public(config), members_sent=bool(sent.get("members")))

    def update_many(self, wanted: list[Sent]) -> int:
        """Updates those that exist, all or none; the number of them."""
        _check_batch(wanted)
        known = [sent for sent in wanted if self.state.class_of(str(sent.get("key", "")))]

        def change(sent: Sent) -> dict[str, Any]:
            config = self.definitions.changed(str(sent["key"]), sent)
            if config["rclass"] != "federated":
                self._store(config)
            return {**config, "_sent": sent}

        with self._platform.database.transaction():
            changed = _each(known, change)
        for config in changed:
            if config["rclass"] == "federated":
                self.update(config["key"], config["_sent"])
        return len(known)

    def delete(self, key: str) -> int:
        """Removes a repository with all that it holds; the number of its artifacts, -1 when there is no such repository."""
        platform = self._platform
        with platform.database.transaction():
            rclass = self.state.class_of(key)
            if rclass is None:
                return -1
            files = platform.artifacts.forget_repository(key + CACHE_SUFFIX if rclass == "remote" else key)
            platform.replication.forget_repository(key)
            platform.federation.forget_repository(key)
            platform.builds.forget_repository(key)
            platform.configuration.forget_repository(key)
            platform.security.forget_repository(key)
            self.state.delete(key)
            for virtual in self.state.virtuals(naming=key):
                self._leave(virtual, key)
        return files

    def _leave(self, virtual: dict[str, Any], key: str) -> None:
        virtual["repositories"] = [member for member in virtual["repositories"] if member != key]
        if virtual["defaultDeploymentRepo"] == key:
            virtual["defaultDeploymentRepo"] = ""
        self.replace(virtual)

    def listed(self, rclass: str, package_type: str, project: str, base: str) -> list[dict[str, Any]]:
        """The answer of Get Repositories."""
        return self.reading.listed(rclass, package_type, project, base)

    def shown(self, config: Mapping[str, Any], whole: bool = True) -> dict[str, Any]:
        """A configuration as the read calls print it."""
        return self.reading.shown(config, whole)

    def upstream(self, key: str) -> tuple[str, tuple[str, str] | None]:
        """Address and credentials of a remote repository; a 404 when it is none any more."""
        config = self.get(key)
        if "url" not in config:
            raise Refused(404, f"'{key}' is not a remote repository")
        password = self.state.secrets(key).get("password", "")
        user = config.get("username", "")
        return config["url"].rstrip("/"), (user, password) if user or password else None

    def upstream_headers(self, key: str) -> dict[str, str]:
        """Headers that a remote repository adds to its requests (12.3.4)."""
        secrets = self.state.secrets(key)
        return {
            header["name"]: secrets.get(f"header:{header['name']}", "") if header["sensitive"] else header["value"]
            for header in self.get(key).get("customHttpHeaders", ())
        }

    def members_of(self, key: str) -> list[str]:
        """The stores behind a repository, in order of resolution; virtual ones are opened, loops left out."""
        found: list[str] = []
        seen: set[str] = set()

        def visit(name: str) -> None:
            config = None if name in seen else self.state.get(name)
            seen.add(name)
            if config is None:
                return
            if config["rclass"] != "virtual":
                found.append(name)
                return
            for member in config["repositories"]:
                visit(member)

        visit(key)
        remote = [name for name in found if self.state.class_of(name) == "remote"]
        return [name for name in found if name not in remote] + remote

    def _insert(self, config: dict[str, Any]) -> None:
        with self._platform.database.transaction():
            self._store(config)
            if config["rclass"] != "virtual":
                suffix = CACHE_SUFFIX if config["rclass"] == "remote" else ""
                self._platform.artifacts.make_root(config["key"] + suffix)
            if config["rclass"] == "federated":
                self._platform.federation.store_members(config)
            self._platform.configuration.repository_made(config["key"])

    def _store(self, config: dict[str, Any]) -> None:
        secrets = {name: value for name, value in config.get(SECRETS, {}).items() if value}
        self.state.put(_public(config), secrets)


def _public(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name != SECRETS}


def _each(wanted: Iterable[Sent], make: Callable[[Sent], dict[str, Any]]) -> list[dict[str, Any]]:
    """Makes each; one refusal for all that were refused, in their order."""
    made: list[dict[str, Any]] = []
    refusals: list[Refused] = []
    for sent in wanted:
        try:
            made.append(make(sent))
        except Refused as refused:
            refusals.append(refused)
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        errors = [{"status": one.status, "message": one.message} for one in refusals]
        raise Refused(400, refusals[0].message, "json", {"errors": errors})
    return made


def _check_batch(wanted: list[Sent]) -> None:
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise Refused(400, "Error parsing json body: an array of repository configurations is expected")
    if not wanted:
        raise Refused(400, "Request is empty")
    if len(wanted) > BATCH_LIMIT:
        raise Refused(400, f"The number of repositories in one request is limited to {BATCH_LIMIT}")
