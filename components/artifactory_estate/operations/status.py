"""What is true now, with its evidence. A site that does not answer is a line, not an error. Writes nothing but the proof of
a pair's protection into its journals, when it sees it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError, Model
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.cloud.session import client
from artifactory_estate.estate.model import Estate
from artifactory_estate.operations import pairs
from artifactory_estate.operations.federations import FederationStatus, federation_status
from artifactory_estate.operations.project import Project
from artifactory_estate.rest import Platform, licences, repositories, system
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import ManagedSite, Site
from artifactory_estate.site.names import names_of

Result = TypeVar("Result")


class NodeStatus(Model):
    """A node that the platform knows, or an instance that did not become one."""

    name: str
    serving: bool
    state: str
    """`RUNNING`, `OFFLINE`, or why it did not start."""
    version: str = ""


class LicenceStatus(Model):
    """One licence of the pool."""

    hash: str
    type: str
    valid_through: str
    expired: bool
    node: str


class SiteStatus(Model):
    """One site."""

    name: str
    platform: str
    url: str
    state: str
    """`serving`, `left alone`, or why it does not answer."""
    version: str = ""
    nodes: tuple[NodeStatus, ...] = ()
    licences: tuple[LicenceStatus, ...] = ()
    repositories: dict[str, int] = {}
    """Class to count."""


class EstateStatus(Model):
    """The whole estate."""

    estate: str
    sites: tuple[SiteStatus, ...]
    federations: tuple[FederationStatus, ...]
    pairs: tuple[pairs.PairStatus, ...]


def status(project: Project) -> EstateStatus:
    """Ask every site, federation and pair, side by side."""
    estate = project.estate
    with ThreadPoolExecutor(max_workers=16) as pool:
        sites = pool.map(lambda name: site_status(estate, name, estate.sites[name]), estate.sites)
        federations = pool.map(lambda name: federation_status(estate, name), estate.federations)
        recoveries = pool.map(lambda name: pairs.pair_status(estate, name), estate.disaster_recovery)
        return EstateStatus(
            estate=estate.estate, sites=tuple(sites), federations=tuple(federations), pairs=tuple(recoveries)
        )


def site_status(estate: Estate, name: str, site: Site) -> SiteStatus:
    """One site: 5 requests, and for a managed one a look at what its instances reported of their start."""
    about = partial(SiteStatus, name=name, platform=site.platform, url=site.url)
    if not site.available:
        return about(state="left alone: the document says available: false")
    platform = Platform(connection_to(estate.estate, name, site), resolve)
    failed = boot_failures(estate, name, site)
    try:
        system.ping(platform)
    except EstateError as error:
        return about(state=str(error), nodes=failed)
    return about(
        state="serving",
        version=_or_nothing(lambda: str(system.version(platform))) or "",
        nodes=(*(_or_nothing(lambda: _nodes(platform)) or ()), *failed),
        licences=_or_nothing(lambda: _licences(platform)) or (),
        repositories=_or_nothing(lambda: _repositories(platform)) or {},
    )


def boot_failures(estate: Estate, name: str, site: Site) -> tuple[NodeStatus, ...]:
    """Why instances did not become nodes: each leaves its last word in the site's bucket under `nodes/`."""
    if not isinstance(site, ManagedSite):
        return ()
    names = names_of(estate.estate, name, site.aws)
    try:
        s3 = client("s3", region=site.aws.region, role=site.aws.assume_role, quick=True)
        found = s3.list_objects_v2(Bucket=names.site_bucket, Prefix="nodes/").get("Contents", [])
        words = [json.loads(s3.get_object(Bucket=names.site_bucket, Key=item["Key"])["Body"].read()) for item in found]
    except (BotoCoreError, ClientError, EstateError, ValueError):
        return ()
    return tuple(
        NodeStatus(name=str(word.get("instance")), serving=False, state=f"did not start: {word.get('reason')}")
        for word in words
        if word.get("status") == "failed"
    )


def _nodes(platform: Platform) -> tuple[NodeStatus, ...]:
    return tuple(
        NodeStatus(name=node.id, serving=node.state == "RUNNING", state=node.state, version=node.version)
        for node in system.nodes(platform)
    )


def _licences(platform: Platform) -> tuple[LicenceStatus, ...]:
    return tuple(
        LicenceStatus(
            hash=found.hash[:8],
            type=found.type,
            valid_through=found.valid_through,
            expired=found.expired,
            node=found.node,
        )
        for found in licences.installed(platform)
    )


def _repositories(platform: Platform) -> dict[str, int]:
    counts: dict[str, int] = {}
    for configuration in repositories.all_configurations(platform).values():
        kind = str(configuration.get("rclass"))
        counts[kind] = counts.get(kind, 0) + 1
    return dict(sorted(counts.items()))


def _or_nothing(ask: Callable[[], Result]) -> Result | None:
    try:
        return ask()
    except EstateError:
        return None
