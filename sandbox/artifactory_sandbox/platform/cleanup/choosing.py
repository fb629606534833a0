"""What a policy chooses: packages by age, use, number of versions and properties; bundles by age and promotion (12.9)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.cleanup import packages
from artifactory_sandbox.platform.cleanup.packages import Package
from artifactory_sandbox.platform.search.patterns import glob
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_DAY_MS = 86_400_000
_MONTH_MS = 30 * _DAY_MS
_CLEANED = frozenset({"local", "federated"})


def chosen(platform: "Platform", kind: str, policy: Mapping[str, Any], now: int) -> Sequence[Package | Row]:
    """Everything that meets a policy at a moment."""
    if kind == "bundles":
        return list(_bundles(platform, policy, now))
    return [
        one for repo, of in _repositories(platform, policy) for one in _of_repository(platform, policy, repo, of, now)
    ]


def _repositories(platform: "Platform", policy: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys and package types of the repositories that a policy is about: local and federated ones."""
    criteria = policy["searchCriteria"]
    for row in platform.repositories.state.listed("", "", ""):
        key = str(row["key"])
        if row["rclass"] not in _CLEANED or row["package_type"] not in criteria["packageTypes"]:
            continue
        if not _among(key, criteria["repos"]) or _among(key, criteria.get("excludedRepos") or ()):
            continue
        config = platform.repositories.find(key) or {}
        if _in_projects(str(config.get("projectKey") or ""), policy):
            yield key, str(row["package_type"])


def _in_projects(project: str, policy: Mapping[str, Any]) -> bool:
    if policy["projectKey"]:
        return bool(project == policy["projectKey"])
    criteria = policy["searchCriteria"]
    if criteria["includeAllProjects"] or not project:
        return True
    return project in (criteria.get("includedProjects") or ())


def _of_repository(platform: "Platform", policy: Mapping[str, Any], repo: str, kind: str, now: int) -> list[Package]:
    criteria = policy["searchCriteria"]
    found = [
        one
        for one in packages.of(platform, repo, kind)
        if _among(one.name, criteria["includedPackages"])
        and not _among(one.name, criteria.get("excludedPackages") or ())
    ]
    if (kept := criteria.get("keepLastNVersions")) is not None:
        return _beyond(found, kept)
    return [one for one in found if _meets(platform, one, criteria, now)]


def _beyond(found: list[Package], kept: int) -> list[Package]:
    """All but the newest versions of each package."""
    by_name: dict[str, list[Package]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    return [
        one
        for versions in by_name.values()
        for one in sorted(versions, key=lambda package: package.newness, reverse=True)[kept:]
    ]


def _meets(platform: "Platform", one: Package, criteria: Mapping[str, Any], now: int) -> bool:
    for name, moment in (("createdBefore", one.created), ("lastDownloadedBefore", one.downloaded)):
        for unit, length in (("InDays", _DAY_MS), ("InMonths", _MONTH_MS)):
            wanted = criteria.get(f"{name}{unit}")
            if wanted is not None and moment > now - wanted * length:
                return False
    for name, included in (("includedProperties", True), ("excludedProperties", False)):
        wanted = criteria.get(name)
        if wanted is not None and _bears(platform, one, wanted) is not included:
            return False
    return True


def _bears(platform: "Platform", one: Package, wanted: Mapping[str, list[str]]) -> bool:
    ((name, (value,)),) = wanted.items()
    return any(value in platform.artifacts.state.properties(row["id"]).get(name, ()) for row in one.files)


def _bundles(platform: "Platform", policy: Mapping[str, Any], now: int) -> Iterator[Row]:
    criteria = policy["searchCriteria"]
    border = now - criteria["createdBeforeInMonths"] * _MONTH_MS
    for row in platform.lifecycle.state.in_repo(""):
        if row["created"] > border or row["status"] not in {"COMPLETED", "FAILED", "REJECTED"}:
            continue
        if not _in_projects(row["project"], policy):
            continue
        if not any(
            _among(row["name"], [one["name"]]) and one["projectKey"] in {"", "default", row["project"]}
            for one in criteria["releaseBundles"]
        ):
            continue
        promoted = platform.lifecycle.state.promotions(row["repo"], row["name"], row["version"])
        kept = criteria["excludePromotedEnvironments"]
        if any(_among(one["environment"], kept) for one in promoted if one["status"] == "COMPLETED"):
            continue
        yield row


def _among(name: str, wanted: Sequence[str]) -> bool:
    return any(glob(one).match(name) for one in wanted)
