"""What is true now, with its evidence. A site that does not answer is a line, not an error. Writes nothing but the proof of
a pair's protection into its journals, when it sees it."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.base import EstateError, Model
from artifactory_estate.cloud.node_reports import NodeReport, list_reports
from artifactory_estate.cloud.secrets import resolve
from artifactory_estate.cloud.session import client
from artifactory_estate.estate.model import Estate
from artifactory_estate.operations import pairs
from artifactory_estate.operations.federations import FederationStatus, federation_status
from artifactory_estate.operations.project import Project
from artifactory_estate.rest import Platform, licences, repositories, system
from artifactory_estate.site import lan
from artifactory_estate.site.connection import connection_to
from artifactory_estate.site.model import ManagedSite, Site
from artifactory_estate.site.names import names_of

Result = TypeVar("Result")
_LATELY = timedelta(minutes=10)


class NodeStatus(Model):
    """A node that the platform knows, or an instance that did not become one."""

    name: str
    serving: bool
    state: str
    """`RUNNING`, `OFFLINE`, or why it did not start."""
    version: str = ""
    zone: str = ""
    """Availability zone; of a managed site."""
    latency_ms: dict[str, float | None] = {}
    """Milliseconds of a TCP connection to the other nodes, as the node measured at its start; None: no answer."""


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
    warnings: tuple[str, ...] = ()
    """What is not as it should be, although it serves: nodes too far from each other, or all in one zone."""
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
    reports = node_reports(estate, name, site)
    failed = tuple(map(_boot_failure, (report for report in reports if report.status == "failed")))
    try:
        system.ping(platform)
    except EstateError as error:
        return about(state=str(error), nodes=failed)
    running = _or_nothing(lambda: _nodes(platform, reports)) or ()
    names = {node.name for node in running if node.serving}
    return about(
        state="serving",
        version=_or_nothing(lambda: str(system.version(platform))) or "",
        nodes=(*running, *failed),
        warnings=tuple(lan.warnings([report for report in reports if report.node in names])),
        licences=_or_nothing(lambda: _licences(platform)) or (),
        repositories=_or_nothing(lambda: _repositories(platform)) or {},
    )


def node_reports(estate: Estate, name: str, site: Site) -> tuple[NodeReport, ...]:
    """The last word of each instance, in the site's bucket under `nodes/`; of a node's former instances none. Of fronts,
    under `fronts/`, what was said in the last minutes: one that fails says so again and again."""
    if not isinstance(site, ManagedSite):
        return ()
    names = names_of(estate.estate, name, site.aws)
    try:
        s3 = client("s3", region=site.aws.region, role=site.aws.assume_role, quick=True)
        found = list_reports(s3, names.site_bucket, "nodes")
        if site.load_balancer.on_fronts:
            fronts = list_reports(s3, names.site_bucket, "fronts")
            found += [item for item in fronts if datetime.now(UTC) - item["LastModified"] < _LATELY]
        found.sort(key=lambda item: item["LastModified"])
        words = [json.loads(s3.get_object(Bucket=names.site_bucket, Key=item["Key"])["Body"].read()) for item in found]
        reports = [NodeReport.from_data(word) for word in words]
    except (BotoCoreError, ClientError, EstateError, ValueError):
        return ()
    return tuple({report.node or report.instance: report for report in reports}.values())


def _boot_failure(report: NodeReport) -> NodeStatus:
    return NodeStatus(name=report.instance, serving=False, state=f"did not start: {report.reason}", zone=report.zone)


def _nodes(platform: Platform, reports: Sequence[NodeReport]) -> tuple[NodeStatus, ...]:
    said = {report.node: report for report in reports}
    return tuple(
        NodeStatus(
            name=node.id,
            serving=node.state == "RUNNING",
            state=node.state,
            version=node.version,
            zone=said[node.id].zone if node.id in said else "",
            latency_ms=said[node.id].latency_ms if node.id in said else {},
        )
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
