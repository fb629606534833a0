"""Which alarms a site has: a table of what is looked at, and when it is too much."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.observability_files import mounts_of, namespace

_DAY_S = 86400
_GIB = 1 << 30
_MINUTE, _FIVE, _HOUR = 60, 300, 3600
_MORE, _LESS = "GreaterThanThreshold", "LessThanThreshold"
_QUIET = "notBreaching"
"""Nothing counted is nothing wrong."""


@dataclass(frozen=True)
class Watched:
    """What there is to watch. Names, or parts of ARNs that CloudWatch has as dimensions."""

    group: str
    """Auto Scaling group."""
    balancer: Any
    """Text or output: `app/…` or `net/…`, the end of its ARN."""
    target_groups: Sequence[Any]
    """Texts or outputs: `targetgroup/…`, the ends of their ARNs."""
    database: Mapping[str, str] = field(default_factory=dict)
    """Dimension of the instance or cluster; empty: not ours."""
    max_connections: int = 0
    storage_gib: int | None = None
    """Of the database; None where it grows by itself without an end."""
    copies: Sequence[Mapping[str, Any]] = ()
    """`SourceBucket`, `DestinationBucket` and `RuleId` of each copy of the bucket."""


@dataclass(frozen=True)
class Metric:
    """What CloudWatch counts."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Alarm:
    """One line of the table: `threshold` crossed in each of `periods`."""

    key: str
    title: str
    metric: Metric
    comparison: str
    threshold: float
    period: int
    """Seconds."""
    periods: int
    missing: str = "missing"


def alarms_of(names: SiteNames, site: ManagedSite, watched: Watched) -> Iterator[Alarm]:
    """All of them. What a node more or less changes is the first one alone."""
    nodes = site.nodes.count
    group = {"AutoScalingGroupName": watched.group}
    in_service = Metric("AWS/AutoScaling", "GroupInServiceInstances", "Minimum", group)
    yield Alarm("nodes", f"fewer than {nodes} nodes in service", in_service, _LESS, nodes, _MINUTE, 15, "breaching")
    yield from _of_balancer(names, site, watched)
    yield from _of_nodes(names, site)
    yield from _of_database(site, watched)
    yield from _of_copies(site, watched)
    yield from _of_certificate(names, site)


def _of_balancer(names: SiteNames, site: ManagedSite, watched: Watched) -> Iterator[Alarm]:
    """An ALB counts answers itself; behind any other, the nodes' request logs and their own question do."""
    alarms, application = site.observability.alarms, site.load_balancer.kind == "alb"
    space, of = "AWS/ApplicationELB" if application else "AWS/NetworkELB", {"LoadBalancer": watched.balancer}
    for number, group in enumerate(watched.target_groups):
        hosts = Metric(space, "UnHealthyHostCount", "Maximum", {**of, "TargetGroup": group})
        yield Alarm(f"hosts-{number}", "a node is not healthy", hosts, _MORE, 0, _MINUTE, 15, _QUIET)
    if application:
        errors = Metric(space, "HTTPCode_Target_5XX_Count", "Sum", of)
        own = Metric(space, "HTTPCode_ELB_5XX_Count", "Sum", of)
        yield _errors("balancer-errors", "answers of the load balancer", own, alarms.server_errors)
        answer = Metric(space, "TargetResponseTime", "p95", of)
    else:
        errors = Metric(namespace(names), "ServerErrors", "Sum")
        answer = Metric(namespace(names), "AnswerSeconds", "p95")
    yield _errors("errors", "answers", errors, alarms.server_errors)
    yield Alarm("latency", "answers begin late", answer, _MORE, alarms.latency, _FIVE, 3)


def _errors(key: str, what: str, metric: Metric, most: int) -> Alarm:
    return Alarm(key, f"more than {most} {what} 5xx in five minutes", metric, _MORE, most, _FIVE, 1, _QUIET)


def _of_nodes(names: SiteNames, site: ManagedSite) -> Iterator[Alarm]:
    alarms, own = site.observability.alarms, namespace(names)
    for number, mount in enumerate(mounts_of(site)):
        free = Metric(own, "FreeStoragePercent", "Minimum", {"Mount": mount})
        title = f"less than {alarms.free_storage} % free at {mount} of a node"
        yield Alarm(f"storage-{number}", title, free, _LESS, alarms.free_storage, _FIVE, 2)
    left, ends = Metric(own, "LicenceDaysLeft", "Minimum"), alarms.licence_expiry // _DAY_S
    yield Alarm("licences", f"a licence ends within {ends} days", left, _LESS, ends, _HOUR, 1)


def _of_database(site: ManagedSite, watched: Watched) -> Iterator[Alarm]:
    if not watched.database:
        return
    alarms, where = site.observability.alarms, dict(watched.database)
    connections = Metric("AWS/RDS", "DatabaseConnections", "Maximum", where)
    limit = watched.max_connections * alarms.database_connections // 100
    title = f"more than {alarms.database_connections} % of {watched.max_connections} connections"
    yield Alarm("connections", title, connections, _MORE, limit, _FIVE, 2)
    cpu = Metric("AWS/RDS", "CPUUtilization", "Average", where)
    yield Alarm("database-cpu", "the database is busy", cpu, _MORE, alarms.database_cpu, _FIVE, 3)
    if watched.storage_gib:
        free = Metric("AWS/RDS", "FreeStorageSpace", "Minimum", where)
        least = watched.storage_gib * _GIB * alarms.database_storage // 100
        title = f"less than {alarms.database_storage} % of the database's {watched.storage_gib} GiB free"
        yield Alarm("database-storage", title, free, _LESS, least, _FIVE, 3)


def _of_copies(site: ManagedSite, watched: Watched) -> Iterator[Alarm]:
    lag = site.observability.alarms.replication_lag
    for number, copy in enumerate(watched.copies):
        behind = Metric("AWS/S3", "ReplicationLatency", "Maximum", dict(copy))
        yield Alarm(f"copy-{number}", "the bucket's copy is behind", behind, _MORE, lag, _FIVE, 3)
        failed = Metric("AWS/S3", "OperationsFailedReplication", "Sum", dict(copy))
        yield Alarm(f"copy-{number}-failed", "objects were not copied", failed, _MORE, 0, _FIVE, 1, _QUIET)


def _of_certificate(names: SiteNames, site: ManagedSite) -> Iterator[Alarm]:
    """One that we make is renewed by ACM itself."""
    ends = site.observability.alarms.certificate_expiry // _DAY_S
    if arn := site.load_balancer.certificate:
        left = Metric("AWS/CertificateManager", "DaysToExpiry", "Minimum", {"CertificateArn": arn})
        title = f"the load balancer's certificate ends within {ends} days"
        yield Alarm("certificate", title, left, _LESS, ends, _DAY_S, 1)
    elif site.load_balancer.own_certificate:
        seen = Metric(namespace(names), "CertificateDaysLeft", "Minimum")
        yield Alarm("certificate", f"the site's own certificate ends within {ends} days", seen, _LESS, ends, _HOUR, 1)


def dashboard(names: SiteNames, site: ManagedSite, watched: Watched) -> dict[str, Any]:
    """A graph for each thing that has an alarm, three a row; holds nothing that a node more or less would change."""
    graphs: dict[str, list[Metric]] = {}
    for alarm in alarms_of(names, site, watched):
        graphs.setdefault(alarm.metric.name, []).append(alarm.metric)
    widgets = [
        {
            "type": "metric",
            "x": 8 * (number % 3),
            "y": 6 * (number // 3),
            "width": 8,
            "height": 6,
            "properties": {
                "title": _TITLES[name],
                "region": names.region,
                "view": "timeSeries",
                "period": _FIVE,
                "metrics": [_line(metric) for metric in metrics],
            },
        }
        for number, (name, metrics) in enumerate(graphs.items())
    ]
    return {"widgets": widgets}


def _line(metric: Metric) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic}]


_TITLES = {
    "GroupInServiceInstances": "Nodes in service",
    "UnHealthyHostCount": "Nodes that are not healthy",
    "HTTPCode_ELB_5XX_Count": "Server errors of the load balancer",
    "HTTPCode_Target_5XX_Count": "Server errors",
    "ServerErrors": "Server errors",
    "TargetResponseTime": "Seconds to the answer",
    "AnswerSeconds": "Seconds to the answer",
    "FreeStoragePercent": "Free storage of the nodes, %",
    "LicenceDaysLeft": "Days until a licence ends",
    "DatabaseConnections": "Connections of the database",
    "CPUUtilization": "CPU of the database, %",
    "FreeStorageSpace": "Free storage of the database, bytes",
    "ReplicationLatency": "Lag of the bucket's copy, s",
    "OperationsFailedReplication": "Objects not copied",
    "DaysToExpiry": "Days until the certificate ends",
    "CertificateDaysLeft": "Days until the certificate ends",
}
