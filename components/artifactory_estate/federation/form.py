"""What one federated repository is to be at every member, and how far a member is from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from artifactory_estate.base import Owner
from artifactory_estate.federation.model import FederatedRepository, Member
from artifactory_estate.repositories import rest_form
from artifactory_estate.repositories.rest_form import Form
from artifactory_estate.rest.repositories import Configuration

SITE_LOCAL = frozenset(
    {
        "blackedOut", "cdnRedirect", "downloadRedirect", "primaryKeyPairRef", "propertySets", "proxy", "repoLayoutRef",
        "secondaryKeyPairRef", "xrayIndex",
    }
)  # fmt: skip
"""Settings that the servers never propagate (REST reference 2.9, seed 003): they are written at each member."""


def compact_all(repositories: Mapping[str, FederatedRepository]) -> dict[str, str]:
    """The declaration's texts by key, sorted."""
    return {key: rest_form.compact(key, found, "federated") for key, found in sorted(repositories.items())}


@dataclass(frozen=True)
class Wanted:
    """One repository as declared, with the members that it can have now."""

    key: str
    form: Form
    before: Form | None
    """The last declaration: what it named and this one does not goes back to its default."""
    owner: Owner
    members: Sequence[Configuration]

    @property
    def identity(self) -> dict[str, Any]:
        """What every change carries; a list of members is always sent whole (2.4)."""
        return {
            "key": self.key,
            "rclass": "federated",
            "packageType": self.form.package_type,
            "members": list(self.members),
        }

    def created(self) -> dict[str, Any]:
        """The configuration that makes it."""
        return {**rest_form.to_create(self.key, self.form, self.owner, None), "members": list(self.members)}

    def changes(self, found: Configuration) -> dict[str, Any]:
        """Fields that are otherwise there, without the members."""
        return rest_form.differences(self.form, self.before, found, self.owner)

    def site_local(self, found: Configuration) -> dict[str, Any]:
        """Those of them that only this site can be told."""
        return {name: value for name, value in self.changes(found).items() if name in SITE_LOCAL}

    def shown_by(self, found: Configuration | None) -> bool:
        """Whether a member has everything that the servers propagate."""
        if found is None or found.get("rclass") != "federated":
            return False
        return self.changes(found).keys() <= SITE_LOCAL and self.same_members(found)

    def same_members(self, found: Configuration) -> bool:
        """Order does not matter, `enabled` may be a text, and an absent `mode` is bidirectional (2.9)."""
        return _member_set(self.members) == _member_set(found.get("members") or ())


def member_url(platform_url: str, key: str) -> str:
    """`https://a.example.com/artifactory/docker-fed`, never with a trailing slash."""
    return f"{platform_url}/artifactory/{key}"


def member_list(urls: Mapping[str, str], members: Mapping[str, Member]) -> list[dict[str, Any]]:
    """`members` of the configuration, for the sites of `urls`. `mode` is left out where it is the default, which
    servers without the federation service do not know."""
    return [
        {"url": url, "enabled": members[site].enabled}
        | ({} if members[site].mode == "bidirectional" else {"mode": members[site].mode})
        for site, url in sorted(urls.items())
    ]


def _member_set(members: Sequence[Configuration]) -> set[tuple[str, bool, str]]:
    return {
        (
            str(member.get("url", "")).rstrip("/"),
            str(member.get("enabled", True)).lower() == "true",
            str(member.get("mode") or "bidirectional"),
        )
        for member in members
    }
