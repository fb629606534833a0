"""Making a definition out of a request: a new one, or a changed one, checked against everything but the other sites."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.repositories import fields, references, rules
from artifactory_sandbox.platform.repositories.defaults import PATTERNS, defaults, optional
from artifactory_sandbox.platform.repositories.package_types import (
    CLASSES,
    CLASSES_OF,
    class_of,
    package_type_of,
)
from artifactory_sandbox.platform.repositories.state import RepositoryState
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.url import is_web_address

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

MASK = "********"
CACHE_SUFFIX = "-cache"
SECRETS = "_secrets"
"""Where a definition on its way to the database carries what no answer shows."""

_FORCED_HEADS = frozenset({"terraform", "opentofu"})
_IMMUTABLE = ("forceNonDuplicateChart", "forceMetadataNameVersion")


class Definitions:
    """Checks and completes; stores nothing."""

    def __init__(self, platform: "Platform", state: RepositoryState) -> None:
        self._platform = platform
        self._state = state

    def new(self, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The whole definition that a create request asks for (2.3)."""
        rclass, package_type = self._kind(sent)
        if sent.get("key", key) not in (key, None):  # it may be what has no hash
            raise Refused(400, f"The repository key in the body, '{str(sent['key'])[:70]}', differs from '{key}'")
        rules.check_key(key, package_type)
        if self._state.taken(key) or self._is_a_cache(key, rclass):
            raise Refused(400, f"error when validating repository name: {key} : Repository key already exists")
        blank, extra = self._blank(rclass, package_type)
        config = {"key": key, "rclass": rclass, "packageType": package_type, **fields.merged(blank, sent, blank, extra)}
        references.check(self._platform, config, {})
        self._check_class(config, {})
        return _with_secrets(config, sent, {})

    def changed(self, key: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The definition after an update request (2.4)."""
        config = self._state.get(key)
        if config is None:
            raise Refused(404, f"No repository '{key}' was found.")
        for name, label, read in (("rclass", "class", class_of), ("packageType", "package type", package_type_of)):
            value = sent.get(name)
            if value and read(str(value)) != config[name]:
                raise Refused(400, f"Repository {label} of '{key}' can't be changed from {config[name]} to {value}")
        blank, extra = self._blank(config["rclass"], config["packageType"])
        changed = fields.merged(config, sent, blank, extra)
        for name in _IMMUTABLE:
            if name in config and changed.get(name) != config[name]:
                raise Refused(400, f"The field '{name}' of '{key}' cannot be changed once it is set")
        references.check(self._platform, changed, config)
        self._check_class(changed, config)
        return _with_secrets(changed, sent, self._state.secrets(key))

    def _kind(self, sent: Mapping[str, Any]) -> tuple[str, str]:
        given = sent.get("rclass") or sent.get("type")
        if not given:
            raise Refused(400, "Missing repository type")
        rclass = class_of(str(given))
        if rclass not in CLASSES:
            raise Refused(400, f"Unsupported repository type: {str(given)[:70]}")
        unsaid = "releasebundles" if rclass == "releaseBundles" else "generic"
        package_type = package_type_of(str(sent.get("packageType") or unsaid))
        if package_type not in CLASSES_OF:
            raise Refused(400, f"Unsupported package type: {str(sent.get('packageType'))[:70]}")
        if rclass not in CLASSES_OF[package_type]:
            raise Refused(400, f"Package type {package_type} is not supported for {rclass} repositories")
        return rclass, package_type

    def _blank(self, rclass: str, package_type: str) -> tuple[dict[str, Any], Mapping[str, Any]]:
        version = self._platform.version
        return defaults(rclass, package_type, version), optional(rclass, package_type, version)

    def _is_a_cache(self, key: str, rclass: str) -> bool:
        """Whether the key is that of a remote's cache, or the cache would have the key of another repository."""
        if rclass == "remote":
            return self._state.taken(key + CACHE_SUFFIX)
        owner = key.removesuffix(CACHE_SUFFIX)
        return owner != key and self._state.class_of(owner) == "remote"

    def _check_class(self, config: dict[str, Any], before: Mapping[str, Any]) -> None:
        if config["rclass"] == "remote":
            self._check_remote(config)
        if config["rclass"] == "virtual":
            self._check_virtual(config, before)
        if config.get("externalDependenciesEnabled") and not config.get(PATTERNS):
            config[PATTERNS] = ["**"]

    def _check_remote(self, config: dict[str, Any]) -> None:
        try:
            parts = urlsplit(str(config["url"]))
            host = parts.hostname or ""
            _ = parts.port
        except ValueError:
            raise Refused(400, f"Invalid url: {str(config['url'])[:200]}") from None
        if (
            parts.scheme.lower() not in {"http", "https"}
            or not host
            or any(letter.isspace() for letter in config["url"])
        ):
            raise Refused(400, "Invalid url: a remote repository needs an http or https URL")
        if config["packageType"] == "terraform" and forces_heads(
            str(config["terraformRegistryUrl"]), self._platform.version.at_least("7.122.0")
        ):
            config["bypassHeadRequests"] = True

    def _check_virtual(self, config: dict[str, Any], before: Mapping[str, Any]) -> None:
        if config["repositories"] != before.get("repositories"):
            for member in config["repositories"]:
                self._check_member(config, str(member))
        wanted = config["defaultDeploymentRepo"]
        if wanted and self._state.class_of(wanted) not in {"local", "federated"}:
            config["defaultDeploymentRepo"] = ""  # an unknown name is how clients unset it (12.3.5)

    def _check_member(self, config: Mapping[str, Any], member: str) -> None:
        found = self._state.get(member)
        if found is None:
            raise Refused(400, f"Repository '{member}' does not exist")
        if member == config["key"]:
            raise Refused(400, f"The virtual repository '{member}' cannot include itself")
        if config["packageType"] != "generic" and found["packageType"] not in {"generic", config["packageType"]}:
            said = f"Repository '{member}' is of type {found['packageType']}, not {config['packageType']}"
            raise Refused(400, said)


def forces_heads(registry: str, third: bool) -> bool:
    """Whether a Terraform registry is one of the public ones, for which HEAD requests are always left out (12.3.4)."""
    host = (urlsplit(registry).hostname or "").split(".") if is_web_address(registry) else []
    return (len(host) == 3 and host[0] == "registry" and host[1] in _FORCED_HEADS) or (third and "wiz" in host)


def _with_secrets(config: dict[str, Any], sent: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Masks what no answer shows and carries it apart."""
    secrets = dict(known)
    if "password" in config:
        if "password" in sent:
            secrets["password"] = str(sent["password"] or "")
        config["password"] = MASK if secrets.get("password") else ""
    for header in config.get("customHttpHeaders", ()):
        slot = f"header:{header['name']}"
        if header["sensitive"]:
            if header["value"] != MASK:
                secrets[slot] = header["value"]
            header["value"] = MASK
    return {**config, SECRETS: secrets}
