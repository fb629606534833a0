"""Health, version, nodes and base URL of a platform (REST reference 1.1, 1.3, 1.6)."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree

from artifactory_estate.rest.errors import Answered, BadAnswer
from artifactory_estate.rest.transport import Platform


class Version(NamedTuple):
    """A comparable version.

    >>> Version.parse("7.111.4") > Version.parse("7.84.3-rev2")
    True
    """

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Raises `ValueError` when it does not begin with two numbers; a third is 0 when absent."""
        match = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text.strip())
        if not match:
            raise ValueError(f"{text!r} is not a version")
        return cls(int(match[1]), int(match[2]), int(match[3] or 0))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class Node(NamedTuple):
    """A node of the cluster as the platform sees it."""

    id: str
    state: str
    """`RUNNING`, `OFFLINE`, …"""
    version: str


class ServiceHealth(NamedTuple):
    """A service behind the router."""

    service_id: str
    node_id: str
    state: str
    """`HEALTHY`, `UNHEALTHY`, `UNHEALTHY_PEER`."""
    message: str


def version(platform: Platform) -> Version:
    """Artifactory's version; asked once a `Platform`, whose life is one operation."""
    return platform.once("artifactory version", lambda: _version(platform))


def _version(platform: Platform) -> Version:
    answer = platform.get_json("/artifactory/api/system/version")
    try:
        return Version.parse(answer["version"])
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise BadAnswer(platform.site, "GET /artifactory/api/system/version", "names no version: this is not Artifactory")


def ping(platform: Platform) -> None:
    """Raises a `RestError` unless Artifactory can serve; its text carries the reason."""
    answer = platform.request("GET", "/artifactory/api/system/ping").text.strip()
    if answer != "OK":
        raise BadAnswer(platform.site, "GET /artifactory/api/system/ping", "answered something other than OK")


def router_health(platform: Platform) -> Sequence[ServiceHealth]:
    """Every service and its state, whether the router says 200 or, while one of them is not healthy, 503."""
    body = platform.json_of(platform.request("GET", "/router/api/v1/system/health", accept=(503,)))
    services = body.get("services", ()) if isinstance(body, dict) else ()
    return tuple(
        ServiceHealth(
            str(service.get("service_id", "")),
            str(service.get("node_id", "")),
            str(service.get("state", "")),
            str(service.get("message", "")),
        )
        for service in services
    )


def service_id(platform: Platform) -> str:
    """`jfrt@01d8e…`: the platform's own identity, which a change of URL leaves alone."""
    return platform.request("GET", "/artifactory/api/system/service_id").text.strip()


def nodes(platform: Platform) -> Sequence[Node]:
    """The cluster's nodes. Empty where the server does not tell (not highly available)."""
    body = platform.get_json("/artifactory/api/system/status")
    found = body.get("nodes", ()) if isinstance(body, dict) else ()
    return tuple(
        Node(str(node.get("id", "")), str(node.get("state", "")), str(node.get("version", ""))) for node in found
    )


def base_url(platform: Platform) -> str:
    """`urlBase` of the descriptor, empty when it is not set. There is no call that reads it alone."""
    call = "GET /artifactory/api/system/configuration"
    xml = platform.request("GET", "/artifactory/api/system/configuration").text
    try:
        root: Any = ElementTree.fromstring(xml)  # noqa: S314 the administrator's own server
    except ElementTree.ParseError:
        root = None
    if root is None:
        raise BadAnswer(platform.site, call, "answered something that is not XML")
    return next(((child.text or "").strip() for child in root if child.tag.rpartition("}")[2] == "urlBase"), "")


def set_base_url(platform: Platform, url: str) -> None:
    """The platform URL, without `/artifactory`. Raises `Answered` when the server refuses it."""
    platform.request("PUT", "/artifactory/api/system/configuration/baseUrl", text=url, content_type="text/plain")


def is_alive(platform: Platform) -> bool:
    """Whether the ping succeeds; an unreachable platform raises."""
    try:
        ping(platform)
    except (Answered, BadAnswer):
        return False
    return True
