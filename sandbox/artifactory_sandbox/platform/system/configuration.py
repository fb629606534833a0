"""The configuration of the cluster: the descriptor, as a tree whose keys mirror its XML elements (1.3)."""

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.system import descriptor_rules, descriptor_values
from artifactory_sandbox.platform.system.descriptor_table import LEFT_TO_THEIR_CALLS, TABLE
from artifactory_sandbox.platform.system.encryption import Encryption
from artifactory_sandbox.platform.system.state import SystemState
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Tree = dict[str, Any]


class Configuration:
    """Reads and changes the descriptor; `revision` grows with every change. Both nodes of a cluster see it at once."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = SystemState(platform.database)
        self.encryption = Encryption(platform)
        self._seen: tuple[str, Tree] | None = None

    @property
    def shown(self) -> Tree:
        """The whole descriptor, secrets readable. It is shared: not to be changed."""
        seen, stamp = self._seen, self.state.stamp()
        if seen is None or seen[0] != stamp:
            self._seen = seen = self._loaded()
        return seen[1]

    def tree(self) -> Tree:
        """A copy of the whole descriptor."""
        return copy.deepcopy(self.shown)

    @property
    def revision(self) -> int:
        """How often the descriptor was changed."""
        return self.state.revision()

    def value(self, path: str) -> Any:
        """What stands at `trashcanConfig.enabled`; None when it is not set."""
        at: Any = self.shown
        for name in path.split("."):
            at = at.get(name) if isinstance(at, dict) else None
        return at

    def encrypted(self) -> Tree:
        """The whole descriptor as it is shown and exported: secrets encrypted while the key encryption is on."""
        made: Tree = descriptor_values.with_secrets(TABLE, self.shown, self.encryption.encrypt)
        return made

    def store(self, tree: Tree) -> None:
        """Keeps a complete tree under the next revision."""
        kept = descriptor_values.with_secrets(TABLE, tree, self.encryption.encrypt)
        self.state.put_descriptor(self.revision + 1, json.dumps(kept))

    def rewrite(self) -> None:
        """Keeps what is there, encrypted with the key of now."""
        self.store(self._loaded()[1])

    def patch(self, changes: Mapping[Any, Any]) -> int:
        """Merges what a YAML text says (1.3); the number of values that changed."""
        sent = {str(name): value for name, value in changes.items() if str(name) not in LEFT_TO_THEIR_CALLS}
        if unknown := sorted(sent.keys() - TABLE.fields.keys()):
            raise descriptor_values.refused("", f"Unknown configuration section: {', '.join(unknown)[:300]}")
        read = descriptor_values.read(TABLE, sent, "", strict=False)
        with self._platform.database.transaction():
            before = self.shown
            after = self._checked(descriptor_values.merged(TABLE, before, read), before)
            self._check_used(before, after)
            count = descriptor_values.differences(before, after)
            if count:
                self.store(after)
        return count

    def replace(self, sent: Tree, revision: int | None) -> None:
        """Puts a whole descriptor in place of the one that is there; refused when that has been changed since."""
        with self._platform.database.transaction():
            if revision is not None and revision < self.revision:
                raise descriptor_values.refused(
                    "",
                    f"Could not merge and save new descriptor: revision {revision} is older than {self.revision}",
                )
            after = self.whole(sent)
            self._check_used(self.shown, after)
            self.store(after)

    def whole(self, sent: Tree) -> Tree:
        """What a whole descriptor says, complete and checked; a 400 when it is not valid."""
        read = _without_none(descriptor_values.read(TABLE, sent, "", strict=True))
        return self._checked(read, self.shown)

    def forget_repository(self, key: str) -> None:
        """A repository that is gone is excluded from no backup any more (1.4)."""
        changes = {
            name: {"excludedRepositories": [one for one in backup["excludedRepositories"] if one != key]}
            for name, backup in self.shown["backups"].items()
            if key in backup["excludedRepositories"]
        }
        if changes:
            self.patch({"backups": changes})

    def repository_made(self, key: str) -> None:
        """A new repository is added to the exclusions of the backups that want that (1.4)."""
        changes = {
            name: {"excludedRepositories": [*backup["excludedRepositories"], key]}
            for name, backup in self.shown["backups"].items()
            if backup["excludeNewRepositories"] and key not in backup["excludedRepositories"]
        }
        if changes:
            self.patch({"backups": changes})

    @property
    def base_url(self) -> str:
        """`urlBase`, without a trailing slash; empty when it is not set."""
        return str(self.shown.get("urlBase") or "").rstrip("/")

    @base_url.setter
    def base_url(self, url: str) -> None:
        if url and not url.startswith(("http://", "https://")):
            raise Refused(400, f"Invalid URL base: {url}")
        self.patch({"urlBase": url.strip().rstrip("/") or None})

    @property
    def federation_url(self) -> str:
        """The address that members of federations get, with `/artifactory`; empty when no base URL is set (1.6)."""
        own = str(self.shown.get("federatedRepoUrlBase") or "").rstrip("/")
        base = self.base_url
        return own or (f"{base}/artifactory" if base else "")

    @property
    def anonymous(self) -> bool:
        """Whether callers may come without credentials."""
        return bool(self.value("security.anonAccessEnabled"))

    @property
    def offline(self) -> bool:
        """Whether no remote repository may fetch."""
        return bool(self.value("offlineMode"))

    @property
    def layouts(self) -> frozenset[str]:
        """Names of the repository layouts."""
        return frozenset(self.shown["repoLayouts"])

    def blocked(self, direction: str) -> bool:
        """Whether `Push` or `Pull` replication is blocked globally (1.5)."""
        return bool(self.value(f"replicationsConfig.block{direction}Replications"))

    def block(self, push: bool, pull: bool, on: bool) -> None:
        """Touches only the directions that are named."""
        wanted = {
            name: on for name, named in (("blockPushReplications", push), ("blockPullReplications", pull)) if named
        }
        if wanted:
            self.patch({"replicationsConfig": wanted})

    def _loaded(self) -> tuple[str, Tree]:
        row = self.state.descriptor()
        if row is None:
            return "", descriptor_values.completed(TABLE, descriptor_values.fresh(TABLE), "", self._now)
        tree = descriptor_values.with_secrets(TABLE, json.loads(row["tree"]), self.encryption.decrypt)
        return row["stamp"], tree

    def _checked(self, tree: Tree, before: Tree) -> Tree:
        decrypted = descriptor_values.with_secrets(TABLE, tree, self.encryption.decrypt)
        made: Tree = descriptor_values.completed(TABLE, decrypted, "", self._now)
        descriptor_rules.check(made)
        descriptor_rules.one_default_proxy(made, before)
        return made

    def _check_used(self, before: Tree, after: Tree) -> None:
        for section, field, what in (("proxies", "proxy", "proxy"), ("repoLayouts", "repoLayoutRef", "layout")):
            lost = set(descriptor_rules.gone(before, after, section))
            if not lost:
                continue
            for config in map(json.loads, (row["config"] for row in self._platform.repositories.state.texts())):
                if config.get(field) in lost:
                    raise descriptor_values.refused(
                        section, f"{what} '{config[field]}' cannot be removed: repository '{config['key']}' uses it"
                    )

    @property
    def _now(self) -> int:
        return self._platform.clock.now()


def _without_none(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: _without_none(inner) for name, inner in value.items() if inner is not None}
