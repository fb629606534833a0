"""The stores behind a repository in the order of resolution, and what a folder holds across them (2.8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.security import patterns
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Config = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A repository that holds items, or a remote one with its cache."""

    key: str
    config: Config

    @property
    def remote(self) -> bool:
        """Whether it has an upstream."""
        return bool(self.config["rclass"] == "remote")

    @property
    def store(self) -> str:
        """Where its items are."""
        return self.key + CACHE_SUFFIX if self.remote else self.key


@dataclass(frozen=True, slots=True)
class Child:
    """Something right below a folder."""

    name: str
    folder: bool
    modified: int | None = None
    size: int | None = None


def allowed(config: Config, path: str) -> bool:
    """Whether a repository's include and exclude patterns let a path through; folders on the way always pass."""
    includes, excludes = config.get("includesPattern") or "", config.get("excludesPattern") or ""
    if not path or (includes in {"", "**/*", "**"} and not excludes):
        return True
    return patterns.matches(path, _split(includes), _split(excludes))


def serves(config: Config, path: str) -> bool:
    """Whether a repository may answer for a path at all."""
    return not config.get("blackedOut") and allowed(config, path)


def of(platform: "Platform", virtual: Config, path: str) -> list[Member]:
    """Members of a virtual repository that may answer for a path: those with priority first, then local before remote.

    Nested virtual repositories are opened, loops and repetitions left out; each one's patterns count.
    """
    found: dict[str, Member] = {}
    seen: set[str] = set()

    def visit(config: Config) -> None:
        if config["key"] in seen or not allowed(config, path):
            return
        seen.add(config["key"])
        for key in config["repositories"]:
            member = platform.repositories.find(key)
            if member is None:
                continue
            if member["rclass"] == "virtual":
                visit(member)
            elif serves(member, path):
                found.setdefault(key, Member(key, member))

    visit(virtual)
    return sorted(found.values(), key=lambda one: (not one.config.get("priorityResolution"), one.remote))


def merged(rows: Iterable[Iterable[Row]]) -> list[Row]:
    """Children of one folder in several stores: each name once, the first store's."""
    found: dict[str, Row] = {}
    for children in rows:
        for child in children:
            found.setdefault(child["name"], child)
    return [found[name] for name in sorted(found)]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
