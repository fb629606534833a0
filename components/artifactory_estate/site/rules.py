"""What a site may not be."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from artifactory_estate.base import Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site import (
    cluster_rules,
    licence_rules,
    network_rules,
    observability_rules,
    outward,
    package_rules,
    security_rules,
    size_rules,
    tag_rules,
)
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.model import Aws, ExternalSite, ManagedSite, Site
from artifactory_estate.site.names import host_of, zone_of
from artifactory_estate.site.properties import rules as properties

AnySite = TypeVar("AnySite", ManagedSite, Site)
_PREFIXES = ("federation-", "dr-")
_KEPT_BY_AWS = {
    "internal-": "a load balancer",
    "sg-": "a security group",
    **dict.fromkeys(("xn--", "sthree-", "amzn-s3-demo-"), "a bucket"),
}
"""How no name of such a thing may begin."""


def refusals(estate: Estate) -> Iterator[Refusal]:
    """Every contradiction of every site."""
    yield from _estate(estate)
    for name, site in estate.sites.items():
        yield from _name(name)
        yield from _url(name, site)
        yield from _reach(name, site)
        if site.aws:
            yield from _accounts(name, site.aws)
        if isinstance(site, ManagedSite):
            yield from _artifactory(estate, name, site)
            yield from cluster_rules.refusals(name, site, estate.artifactory_of(name))
            yield from network_rules.refusals(name, site)
            yield from outward.refusals(name, site)
            yield from security_rules.refusals(name, site)
            yield from observability_rules.refusals(name, site)
            yield from properties.refusals(estate, name, site)
            yield from size_rules.refusals(estate, name, site)
        else:
            yield from _credentials(name, site)
    yield from tag_rules.refusals(estate)
    yield from _same(
        estate.sites, "url", _place_of, "one site, one URL: clients, members and DNS find a site by its host"
    )
    yield from licence_rules.refusals(estate)


def _estate(estate: Estate) -> Iterator[Refusal]:
    """Its name begins the names of everything on AWS."""
    for prefix, what in _KEPT_BY_AWS.items():
        if estate.managed_sites and f"{estate.estate}-".startswith(prefix):
            why = f"AWS: no name of {what} begins with {prefix}, and ours begin with the estate's"
            yield Refusal(("estate",), estate.estate, why, "Take another name.")


def _name(name: str) -> Iterator[Refusal]:
    """A site's stack has the site's name; federations and pairs have theirs with a prefix (design 3)."""
    if name == "trust":
        yield Refusal(("sites", name), "the name is trust", "the stack of the document's trust is called so")
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            yield Refusal(
                ("sites", name), f"the name begins with {prefix}", "stacks of federations and pairs are called so"
            )


def _url(name: str, site: Site) -> Iterator[Refusal]:
    path = ("sites", name, "url")
    tail = re.sub(r"^https?://[^/]+", "", site.url)
    if re.search(r"/artifactory$", tail):
        yield Refusal(
            path, f"{site.url} ends with /artifactory", "the platform's URL is wanted", "Leave /artifactory out."
        )
    if not isinstance(site, ManagedSite):
        return
    if tail and not tail.endswith("/artifactory"):
        yield Refusal(path, f"{site.url} has a path", "a site that we build answers at its host's root")
    if _port(site):
        yield Refusal(path, f"{site.url} has a port", "the load balancer listens at 80 or 443", "Leave the port out.")
    host = host_of(site)
    if re.fullmatch(r"[0-9.]+", host) or "." not in host:
        yield Refusal(path, f"{host} is no name in a domain", "a record is made for it in a hosted zone")
    elif (zone := zone_of(host, site.zone)) and host != zone and not host.endswith(f".{zone}"):
        yield Refusal(
            ("sites", name, "zone"), f"{host} is not in the zone {zone}", "the site's record is made in its zone"
        )


def _reach(name: str, site: Site) -> Iterator[Refusal]:
    """design 3: `reach` says how a laptop or CI gets to a private site."""
    if site.reach == "proxy" and site.proxy is None:
        yield Refusal(("sites", name, "proxy"), "missing", "reach: proxy goes through one")
    if site.reach != "proxy" and site.proxy is not None:
        yield Refusal(("sites", name, "proxy"), f"a proxy, with reach: {site.reach}", "only reach: proxy uses it")
    if site.reach == "ssm" and isinstance(site, ExternalSite):
        why = "Session Manager reaches the nodes that we make"
        yield Refusal(("sites", name, "reach"), "ssm, at an external site", why, "Use direct or proxy.")


def _credentials(name: str, site: ExternalSite) -> Iterator[Refusal]:
    """A token, or user and password; never both, or nobody knows which was used."""
    given, path = site.credentials, ("sites", name, "credentials")
    pair = given.username is not None or given.password is not None
    if given.token is not None and pair:
        yield Refusal(
            path, "a token, and user and password", "one of the two", "Keep the token: it can be revoked alone."
        )
    elif given.token is None and not (given.username and given.password):
        yield Refusal(path, "no token, no complete user and password", "an administrator is needed", "Give `token`.")


def _artifactory(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    chosen = estate.artifactory_of(name)
    path = ("sites", name, "artifactory") if site.artifactory else ("artifactory",)
    if chosen is None:
        yield Refusal(
            ("sites", name, "artifactory"), "missing", "a managed site needs a version and a package or an image"
        )
        return
    yield from _installer(chosen, path)
    yield from package_rules.refusals(chosen, site, path)
    if chosen.release < (7, 0, 0):
        why = "files reference 2.1: nodes are configured by system.yaml, which begins with 7.0"
        yield Refusal((*path, "version"), f"{chosen.version} is too old for a site that we build", why)


def _installer(chosen: Artifactory, path: tuple[str, ...]) -> Iterator[Refusal]:
    if chosen.package and chosen.ami:
        yield Refusal((*path, "ami"), "an image, and a package", "one of the two: an image has Artifactory installed")
    if not chosen.package and not chosen.ami:
        yield Refusal((*path, "package"), "missing", "a node installs a package or starts from an `ami`")


def _accounts(name: str, aws: Aws) -> Iterator[Refusal]:
    """A role and a boundary are of the account that they are used in."""
    for key in ("assume_role", "permissions_boundary"):
        arn = getattr(aws, key)
        account = arn.split(":")[4] if arn else "aws"
        if account not in ("aws", aws.account):
            yield Refusal(
                ("sites", name, "aws", key), f"of the account {account}", f"the site's account is {aws.account}"
            )


def _same(sites: Mapping[str, AnySite], key: str, value_of: Callable[[AnySite], str], why: str) -> Iterator[Refusal]:
    first: dict[str, str] = {}
    for name, site in sites.items():
        other = first.setdefault(value_of(site), name)
        if other != name:
            yield Refusal(("sites", name, key), f"the same as {other}'s", why)


def _place_of(site: Site) -> str:
    """Host and port: two platforms on one machine are two sites."""
    return f"{host_of(site)}:{_port(site)}"


def _port(site: Site) -> str:
    match = re.match(r"https?://[^/:]+:([0-9]+)", site.url)
    return match[1] if match else ""
