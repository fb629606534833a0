"""A pair survives the loss of either region, so nothing that it needs then may live in one of them alone (design 8)."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from artifactory_estate.base import DocumentPath, ParsedReference, Refusal
from artifactory_estate.disaster_recovery.model import DisasterRecovery
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.model import ManagedSite, Site

_ARN_REGION = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):")


def refusals(estate: Estate, name: str, pair: DisasterRecovery) -> Iterator[Refusal]:
    """State, its key, packages; and what one side reads from the other's region."""
    regions = {site.aws.region: side for side in pair.sides if (site := estate.sites[side]).aws}
    shared: list[tuple[DocumentPath, str]] = [
        (("state", "backend"), estate.state.backend),
        (("state", "secrets_provider"), estate.state.secrets_provider),
        *_packages(estate, pair),
    ]
    for path, url in shared:
        if (region := region_of_url(url)) in regions:
            yield _lost(path, region, f"the pair {name} has to survive the loss of {region}")
    for side in pair.sides:
        other = {region: owner for region, owner in regions.items() if owner != side}
        for path, reference in _references(side, estate.sites[side]):
            if (region := _region_of_reference(reference)) in other:
                yield _lost(path, region, f"{side} has to survive the loss of {other[region]}, in the pair {name}")


def region_of_url(url: str) -> str | None:
    """The region that an `s3://` or `awskms://` URL names; None when it does not say, or is of another kind.

    >>> region_of_url("s3://state?region=us-east-1"), region_of_url("file://state"), region_of_url("s3://state")
    ('us-east-1', None, None)
    """
    if not url.startswith(("s3://", "awskms://")):
        return None
    if match := _ARN_REGION.search(url):
        return match[1]
    return parse_qs(urlsplit(url).query).get("region", [None])[-1]


def _lost(path: DocumentPath, region: str | None, why: str) -> Refusal:
    return Refusal(path, f"kept in {region} only", why, "Keep it in a third region, or where no region matters.")


def _packages(estate: Estate, pair: DisasterRecovery) -> Iterator[tuple[DocumentPath, str]]:
    for side in pair.sides:
        site, chosen = estate.sites[side], estate.artifactory_of(side)
        if isinstance(site, ManagedSite) and chosen and chosen.package:
            holder: DocumentPath = ("sites", side, "artifactory") if site.artifactory else ("artifactory",)
            yield (*holder, "package", "source"), chosen.package.source


def _references(name: str, site: Site) -> Iterator[tuple[DocumentPath, str]]:
    path = ("sites", name)
    if not isinstance(site, ManagedSite):
        given = {"token": site.credentials.token, "password": site.credentials.password}
        yield from (((*path, "credentials", key), value) for key, value in given.items() if value)
        return
    yield from (((*path, "licences"), reference) for reference in site.licence_references)
    keys = {"master": site.keys.master, "join": site.keys.join}
    yield from (((*path, "keys", key), value) for key, value in keys.items() if value)
    if site.database.external:
        yield (*path, "database", "external", "password"), site.database.external.password


def _region_of_reference(reference: str) -> str | None:
    parsed = ParsedReference(reference)
    if parsed.scheme != "aws-secretsmanager":
        return None
    match = _ARN_REGION.match(parsed.name)
    return match[1] if match else parsed.option("region")
