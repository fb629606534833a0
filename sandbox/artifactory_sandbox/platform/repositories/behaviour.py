"""Creating, reading, changing and deleting repositories (2)."""

import contextlib
import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories import fields, rules
from artifactory_sandbox.platform.repositories.defaults import (
    CLASSES,
    PACKAGE_TYPES,
    WRITE_ONLY,
    defaults,
    printed_anyway,
)
from artifactory_sandbox.platform.repositories.state import RepositoryState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

BATCH_LIMIT = 100
CACHE_SUFFIX = "-cache"
BUILD_INFO = "artifactory-build-info"
_MASK = "********"


class _TakenBack(Exception):
    """Ends a transaction that was only a trial."""


class Repositories:
    """Definitions; what they hold is the matter of `artifacts`."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = RepositoryState(platform.database)

    def first_repositories(self) -> None:
        """What a fresh server has (12.12, 4)."""
        if not self.state.taken(BUILD_INFO):
            self._insert(
                self._new(
                    BUILD_INFO, {"rclass": "local", "packageType": "buildinfo", "description": "Build Info repository"}
                )
            )

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

    def create(self, key: str, sent: Mapping[str, Any]) -> None:
        """Create Repository; federated ones also reach their members."""
        config = self._new(key, sent)
        if config["rclass"] == "federated":
            config = self._platform.federation.prepared(config)
            self._platform.federation.announce(config)
        self._insert(config)
        self._platform.wake()

    def create_many(self, wanted: list[Mapping[str, Any]]) -> list[str]:
        """All or none; the keys in order."""
        _check_batch(wanted)
        federation = self._platform.federation
        for config in self._tried(wanted):
            if config["rclass"] == "federated":
                federation.announce(federation.prepared(config))
        with self._platform.database.transaction():
            made = self._made(wanted)
        self._platform.wake()
        return [config["key"] for config in made]

    def _tried(self, wanted: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """What would be made, with every check, and nothing of it done."""
        if not any(sent.get("rclass") == "federated" for sent in wanted):
            return []
        with contextlib.suppress(_TakenBack), self._platform.database.transaction():
            made = self._made(wanted)
            raise _TakenBack
        return made

    def _made(self, wanted: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        made = []
        for sent in wanted:
            config = self._new(str(sent.get("key", "")), sent)
            if config["rclass"] == "federated":
                config = self._platform.federation.prepared(config)
            self._insert(config)
            made.append(config)
        return made

    def insert(self, config: dict[str, Any]) -> None:
        """Stores a definition that has been checked, with its root folder."""
        self._insert(config)

    def replace(self, config: dict[str, Any]) -> None:
        """Stores a definition over the one of its key, its secrets kept."""
        self.state.put(config, self.state.secrets(config["key"]))

    def update(self, key: str, sent: Mapping[str, Any]) -> None:
        """Update Repository: merges (2.4)."""
        config = self._changed(key, sent)
        if config["rclass"] == "federated":
            self._platform.federation.update(config, members_sent=bool(sent.get("members")))
        else:
            self._store(config, sent)

    def update_many(self, wanted: list[Mapping[str, Any]]) -> int:
        """Updates those that exist, in one go; the number of them."""
        _check_batch(wanted)
        known = [sent for sent in wanted if self.state.class_of(str(sent.get("key", "")))]
        federated = [sent for sent in known if self.state.class_of(str(sent["key"])) == "federated"]
        with self._platform.database.transaction():
            for sent in known:
                if sent not in federated:
                    self._store(self._changed(str(sent["key"]), sent), sent)
        for sent in federated:
            self.update(str(sent["key"]), sent)
        return len(known)

    def delete(self, key: str) -> int:
        """Removes a repository with all that it holds; the number of its artifacts, -1 when there is no such repository."""
        rclass = self.state.class_of(key)
        if rclass is None:
            return -1
        platform = self._platform
        with platform.database.transaction():
            files = platform.artifacts.forget_repository(key + CACHE_SUFFIX if rclass == "remote" else key)
            platform.replication.forget_repository(key)
            platform.federation.forget_repository(key)
            self.state.delete(key)
            for virtual in self.state.virtuals():
                if key in virtual["repositories"]:
                    virtual["repositories"].remove(key)
                    self.replace(virtual)
        return files

    def listed(self, rclass: str, package_type: str, project: str, base: str) -> list[dict[str, Any]]:
        """The answer of Get Repositories."""
        rows = self.state.listed(rclass.lower(), package_type.lower(), project)
        return [
            {
                "key": row["key"],
                "description": row["description"],
                "type": row["rclass"].upper(),
                "url": row["url"] if row["rclass"] == "remote" else f"{base}/{row['key']}",
                "packageType": rules.display_name(row["package_type"]),
            }
            for row in rows
        ]

    def configurations(self, rclasses: set[str], package_type: str) -> bytes:
        """The answer of Get All Repository Configurations, put together from the stored texts."""
        by_class: dict[str, list[str]] = {rclass: [] for rclass in CLASSES}
        for row in self.state.texts():
            if (not rclasses or row["rclass"] in rclasses) and package_type in {"", row["package_type"]}:
                by_class[row["rclass"]].append(row["config"])
        listed = (f"{json.dumps(rclass.upper())}:[{','.join(texts)}]" for rclass, texts in by_class.items() if texts)
        return f"{{{','.join(listed)}}}".encode()

    def shown(self, config: Mapping[str, Any], whole: bool = True) -> dict[str, Any]:
        """A configuration as the read calls print it; `whole` adds the fields of other package types."""
        shown = {**(printed_anyway(config["rclass"]) if whole else {}), **copy.deepcopy(dict(config))}
        if shown.get("disableProxy"):
            shown.pop("proxy", None)
        return shown

    def upstream(self, key: str) -> tuple[str, tuple[str, str] | None]:
        """Address and credentials of a remote repository."""
        config = self.get(key)
        password = self.state.secrets(key).get("password", "")
        user = config.get("username", "")
        return config["url"].rstrip("/"), (user, password) if user or password else None

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

    def _new(self, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        rclass = sent.get("rclass") or sent.get("type")
        if not rclass:
            raise Refused(400, "Missing repository type")
        if rclass not in CLASSES:
            raise Refused(400, f"Unsupported repository type: {rclass}")
        package_type = str(sent.get("packageType") or "generic").lower()
        if package_type not in PACKAGE_TYPES:
            raise Refused(400, f"Unsupported package type: {package_type}")
        if sent.get("key", key) != key:
            raise Refused(400, f"The repository key in the body, '{sent['key']}', differs from '{key}'")
        rules.check_key(key, package_type)
        if self.state.taken(key) or self._is_a_cache(key, rclass):
            raise Refused(400, f"error when validating repository name: {key} : Repository key already exists")
        blank = defaults(rclass, package_type, self._platform.version)
        config = {"key": key, "rclass": rclass, "packageType": package_type, **fields.merged(blank, sent, blank)}
        self._check_class(config, sent)
        return self._without_secrets(config, sent)

    def _is_a_cache(self, key: str, rclass: str) -> bool:
        """Whether the key is that of a remote's cache, or the cache would have the key of another repository."""
        if rclass == "remote":
            return self.state.taken(key + CACHE_SUFFIX)
        owner = key.removesuffix(CACHE_SUFFIX)
        return owner != key and self.state.class_of(owner) == "remote"

    def _changed(self, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        config = self.state.get(key)
        if config is None:
            raise Refused(404, f"No repository '{key}' was found.")
        for name, label in (("rclass", "class"), ("packageType", "package type")):
            value = sent.get(name)
            if value and str(value).lower() != config[name]:
                raise Refused(400, f"Repository {label} of '{key}' can't be changed from {config[name]} to {value}")
        blank = defaults(config["rclass"], config["packageType"], self._platform.version)
        changed = fields.merged(config, sent, blank)
        self._check_class(changed, sent)
        return self._without_secrets(changed, sent)

    def _check_class(self, config: dict[str, Any], sent: Mapping[str, Any]) -> None:
        if config["rclass"] == "remote" and not str(config["url"]).startswith(("http://", "https://")):
            raise Refused(400, "Invalid url: a remote repository needs an http or https URL")
        if config["rclass"] != "virtual":
            return
        for member in config["repositories"]:
            found = self.state.get(str(member))
            if found is None:
                raise Refused(400, f"Repository '{member}' does not exist")
            if found["packageType"] != config["packageType"]:
                raise Refused(
                    400, f"Repository '{member}' is of type {found['packageType']}, not {config['packageType']}"
                )
        wanted = config["defaultDeploymentRepo"]
        if wanted and self.state.class_of(wanted) not in {"local", "federated"}:
            config["defaultDeploymentRepo"] = ""  # an unknown name is how clients unset it (12.3.5)

    @staticmethod
    def _without_secrets(config: dict[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
        for name in WRITE_ONLY & config.keys():
            config[name] = _MASK if config[name] and name == "password" else ""
        if config["rclass"] == "remote" and "password" in sent:
            config["password"] = _MASK if sent["password"] else ""
            config["_secret"] = str(sent["password"] or "")
        return config

    def _insert(self, config: dict[str, Any]) -> None:
        secret = config.pop("_secret", "")
        with self._platform.database.transaction():
            self.state.put(config, {"password": secret} if secret else {})
            if config["rclass"] != "virtual":
                suffix = CACHE_SUFFIX if config["rclass"] == "remote" else ""
                self._platform.artifacts.make_root(config["key"] + suffix)
            if config["rclass"] == "federated":
                self._platform.federation.store_members(config)

    def _store(self, config: dict[str, Any], sent: Mapping[str, Any]) -> None:
        secrets = self.state.secrets(config["key"])
        if "_secret" in config:
            secrets["password"] = config.pop("_secret")
        self.state.put(config, secrets)


def _check_batch(wanted: list[Mapping[str, Any]]) -> None:
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise Refused(400, "Error parsing json body: an array of repository configurations is expected")
    if not wanted:
        raise Refused(400, "Request is empty")
    if len(wanted) > BATCH_LIMIT:
        raise Refused(400, f"The number of repositories in one request is limited to {BATCH_LIMIT}")
