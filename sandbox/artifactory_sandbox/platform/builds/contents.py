"""Which stored files a run made and used: by checksum, the ones that bear the run's properties first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.builds.state import info_of
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_HIDDEN = ("auto-trashcan", "release-bundles-v2", "release-bundles")
_HIDDEN_ENDS = ("-build-info", "-release-bundles-v2", "-release-bundles")


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a build-info; `item` is None when no repository has such a file."""

    name: str
    sha1: str
    dependency: bool
    item: Row | None


def visible(repo: str) -> bool:
    """Whether a repository is one that builds deploy to and fetch from."""
    return repo not in _HIDDEN and not repo.endswith(_HIDDEN_ENDS)


def found(
    platform: "Platform",
    run: Row,
    *,
    artifacts: bool = True,
    dependencies: bool = False,
    repos: Iterable[str] = (),
    scopes: Iterable[str] = (),
) -> list[Found]:
    """Every entry of a run once; `repos` narrows where files may be, `scopes` which dependencies count."""
    wanted_repos, seen, made = set(repos), set(), []
    bearing = {item["id"] for item in platform.builds.state.items_of(run["name"], run["number"])}
    for entry, is_dependency in _entries(info_of(run), artifacts, dependencies, set(scopes)):
        name = str(entry.get("name") or entry.get("id") or "")
        sha1 = str(entry.get("sha1") or "").lower()
        candidates = [
            item
            for item in (platform.builds.state.items_with(sha1) if sha1 else ())
            if visible(item["repo"]) and (not wanted_repos or item["repo"] in wanted_repos)
        ]
        item = max(candidates, key=lambda one: _rank(one, entry, name, bearing, is_dependency), default=None)
        place = (item["repo"], item["path"]) if item else (name, sha1)
        if place not in seen:
            seen.add(place)
            made.append(Found(name, sha1, is_dependency, item))
    return made


def _rank(item: Row, entry: Mapping[str, Any], name: str, bearing: set[int], dependency: bool) -> tuple[bool, ...]:
    path = str(entry.get("path") or "")
    repo = str(entry.get("originalDeploymentRepo") or "")
    return (
        not dependency and item["id"] in bearing,
        bool(path) and item["path"] == path,
        item["name"] == name,
        bool(repo) and item["repo"] == repo,
    )


def _entries(
    info: Mapping[str, Any], artifacts: bool, dependencies: bool, scopes: set[str]
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    for module in info.get("modules") or []:
        if not isinstance(module, dict):
            continue
        for entry in (module.get("artifacts") or []) if artifacts else []:
            if isinstance(entry, dict):
                yield entry, False
        for entry in (module.get("dependencies") or []) if dependencies else []:
            if isinstance(entry, dict) and (not scopes or scopes & set(entry.get("scopes") or ())):
                yield entry, True
