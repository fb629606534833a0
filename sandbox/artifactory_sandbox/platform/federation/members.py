"""Who is in a federation: reading the list, recognising the own entry, telling the others (2.9)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import requests

from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.web import Refused
from artifactory_sandbox.platform.web.url import is_web_address, same_address

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

MOST = 10
MODES = ("bidirectional", "receiver")
SITE_LOCAL = frozenset(
    {
        *("key", "proxy", "disableProxy", "blackedOut", "repoLayoutRef", "primaryKeyPairRef", "secondaryKeyPairRef"),
        *(
            "xrayIndex",
            "cdnRedirect",
            "propertySets",
            "downloadRedirect",
            "members",
            "rclass",
            "packageType",
            "environments",
        ),
    }
)
"""Fields that a member keeps for itself when another one changes (seed 003); `members` travels beside them."""

NO_TRUST = (
    "Failed to add federated repository. Make sure that cross-instance authentication is established between this instance"
    " and the remote JFrog Platform Deployments."
)
NO_RECEIVER = "The receiver mode of a member needs the Artifactory Federation Service"
NO_BASE_URL = "The Base URL is mandatory and is not configured."
WIRE = "/artifactory/api/internal/federation"

Member = dict[str, Any]


class Unpaired(Exception):
    """There is no trust with the platform of a member."""


class Members:
    """Speaks to the platforms of the other members."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform

    def own_url(self, key: str) -> str:
        """The address of a repository here, as members know it; a 400 without a base URL."""
        base = self._platform.configuration.federation_url
        if not base:
            raise Refused(400, NO_BASE_URL)
        return f"{base}/{key}"

    def complete(self, config: Mapping[str, Any], declared: bool = True) -> list[Member]:
        """The members, checked, with the own one added when it is missing; `declared` here, not at another member."""
        key = config["key"]
        own = self.own_url(key)
        listed = [_read(entry, key) for entry in config["members"]]
        urls = [member["url"] for member in listed]
        if len(set(urls)) != len(urls):
            raise Refused(400, f"Failed to update federated repository: {key}, a member is listed twice")
        if declared and not self._platform.federation.service and any(one.get("mode") == "receiver" for one in listed):
            raise Refused(400, NO_RECEIVER)
        if not any(same_address(url, own) for url in urls):
            listed.insert(0, {"url": own, "enabled": True})
        if len(listed) > MOST:
            raise Refused(400, f"A federation has at most {MOST} members, {len(listed)} are listed")
        return listed

    def others(self, config: Mapping[str, Any]) -> list[Member]:
        """Members elsewhere."""
        own = self.own_url(config["key"])
        return [member for member in config["members"] if not same_address(member["url"], own)]

    def demand_trust(self, members: Iterable[Member]) -> None:
        """A 400 when a member's platform is not trusted."""
        if any(self._platform.trust.with_member(member["url"]) is None for member in members):
            raise Refused(400, NO_TRUST)

    def announce(self, config: Mapping[str, Any], members: Iterable[Member]) -> list[str]:
        """Gives the definition to members; the addresses of those that did not take it."""
        shared = {name: value for name, value in config.items() if name not in SITE_LOCAL}
        body = {"packageType": config["packageType"], "config": shared, "members": config["members"]}
        return [member["url"] for member in members if not self._told(member["url"], "definition", body)]

    def dismiss(self, key: str, removed: Iterable[Member]) -> None:
        """Tells members that they are out; who cannot be reached stays stale (2.9)."""
        for member in removed:
            self._told(member["url"], "dismissal", {"by": self.own_url(key)})

    def reachable(self, url: str) -> bool:
        """Whether a member's platform answers."""
        return self.ping(url) is not None

    def ping(self, url: str) -> dict[str, Any] | None:
        """What a member's platform says of itself; None when it does not answer."""
        try:
            return dict(self.call("GET", url, "ping").json())
        except (PeerFailed, Unpaired, ValueError, TypeError):
            return None

    def call(self, method: str, url: str, what: str, **options: Any) -> requests.Response:
        """A call to the platform of a member with the token of trust; raises `PeerFailed` or `Unpaired`."""
        trust = self._platform.trust.with_member(url)
        if trust is None:
            raise Unpaired(url)
        base, _, repo = url.rpartition("/")
        address = f"{base.removesuffix('/artifactory')}{WIRE}/{quote(repo)}/{what}"
        return self._platform.peers.call(method, address, auth=str(trust["token"]), **options)

    def _told(self, url: str, what: str, body: dict[str, Any]) -> bool:
        try:
            self.call("PUT", url, what, json=body)
        except (PeerFailed, Unpaired):
            return False
        return True


def failed(key: str, urls: Iterable[str]) -> Refused:
    """The 400 for members that could not be updated."""
    return Refused(
        400, f"Failed to update remote members for federated repository: {key}, failed members: [{', '.join(urls)}]"
    )


def _read(entry: Any, key: str) -> Member:
    url = entry.get("url") if isinstance(entry, dict) else None
    if not is_web_address(str(url or "")) or urlsplit(str(url)).path.count("/") < 2:
        raise Refused(400, f"Invalid member url: {url}")
    if str(url).endswith("/"):
        raise failed(key, [str(url)])
    member: Member = {"url": str(url), "enabled": str(entry.get("enabled", True)).lower() == "true"}
    mode = entry.get("mode")
    if mode:
        if mode not in MODES:
            raise Refused(400, f"Invalid member mode: {mode}")
        member["mode"] = mode
    return member
