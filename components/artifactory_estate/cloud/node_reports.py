"""What each machine said last of its start, from the site's bucket: how one sees from outside why a node, or a front, does
not start."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from botocore.exceptions import ClientError

from artifactory_estate.base import Model
from artifactory_estate.cloud.node_commands import Group, NodeFailed
from artifactory_estate.cloud.session import client

_AGAIN_WITHIN_S, _POLL_S = 60.0, 2.0


class NodeReport(Model):
    """One object `nodes/<instance>.json`, or `fronts/<instance>.json`."""

    instance: str
    status: Literal["ready", "failed"]
    bundle: str
    """Digest of the bundle that was applied."""
    reason: str
    """Why it failed; empty when it is ready."""
    node: str = ""
    """Id in the cluster: `us-east-1`; empty before it had one."""
    address: str = ""
    """Private address."""
    zone: str = ""
    """Availability zone."""
    latency_ms: dict[str, float | None] = {}
    """Milliseconds of a TCP connection to the nodes that ran then; None: no answer."""
    at: str = ""
    """When a front said it, by its own clock: it tries again every ten seconds."""


class MachinesOf(Model):
    """Where the machines of an Auto Scaling group say how they started."""

    bucket: str
    """The site's bucket."""
    group: str
    """Auto Scaling group."""
    region: str
    role: str | None = None


class FrontsOf(MachinesOf):
    """Where to look for the fronts of a site, which try again by themselves."""


class NodesOf(MachinesOf):
    """Where to look for the nodes of a site, and how to start one again."""

    script: str
    """Runs the bootstrap of the current bundle: the instances' user data."""


def failed_fronts(
    place: FrontsOf, sleep: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic
) -> Sequence[NodeReport]:
    """Of the fronts that are in service, those that have failed again since this was asked: what stopped them before may be
    mended. Waits a minute at most for one that failed to try again. 2 requests a look, and 1 for each report."""
    before = found = failed_nodes(place, "fronts")
    deadline = now() + _AGAIN_WITHIN_S
    while any(report in before for report in found) and now() < deadline:
        sleep(_POLL_S)
        found = failed_nodes(place, "fronts")
    return found


def await_fronts(
    place: FrontsOf,
    digest: str,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Waits until every front in service serves by that bundle, a minute at most: a front looks every ten seconds, and
    what stops it may pass. 2 requests a look, and 1 for each report. Raises `NodeFailed` with the reasons."""
    deadline = now() + _AGAIN_WITHIN_S
    while late := _late_fronts(place, digest):
        if now() > deadline:
            raise NodeFailed(f"{'; '.join(late)}. What it served by before, it goes on with; run `up` again.")
        sleep(_POLL_S)


def _late_fronts(place: FrontsOf, digest: str) -> Sequence[str]:
    living = Group(place.group, place.region, place.role).nodes()
    if not living:
        return ()
    reports = {report.instance: report for report in read_reports(place.bucket, place.region, place.role, "fronts")}
    late: list[str] = []
    for front in living:
        report = reports.get(front)
        if report is None or report.bundle != digest:
            late.append(f"the front {front} has not taken the bundle {digest[:12]}")
        elif report.status != "ready":
            late.append(f"the front {front} does not serve as declared: {report.reason}")
    return late


def failed_nodes(place: MachinesOf, folder: str = "nodes") -> Sequence[NodeReport]:
    """Of the nodes, or `fronts`, that are in service, those whose last start failed. 2 requests, and 1 for each report."""
    living = set(Group(place.group, place.region, place.role).nodes())
    found = read_reports(place.bucket, place.region, place.role, folder)
    return tuple(report for report in found if report.instance in living and report.status == "failed")


def start_again(place: NodesOf) -> None:
    """Run the bootstrap on every node whose last start failed, one after another: what stopped it may be mended.

    Raises `NodeFailed` with its last words when it fails again.
    """
    for report in failed_nodes(place):
        Group(place.group, place.region, place.role).run(report.instance, place.script)


def has_applied(bucket: str, node: str, digest: str, region: str, role: str | None) -> bool:
    """Whether that bundle was the last that the node applied, and it is ready since. 1 request."""
    try:
        body = client("s3", region=region, role=role).get_object(Bucket=bucket, Key=f"nodes/{node}.json")["Body"]
    except ClientError as error:
        if error.response["Error"]["Code"] in {"NoSuchKey", "NoSuchBucket"}:
            return False
        raise
    report = NodeReport.from_data(json.loads(body.read()))
    return report.status == "ready" and report.bundle == digest


def read_reports(bucket: str, region: str, role: str | None, folder: str = "nodes") -> Sequence[NodeReport]:
    """The reports of all nodes of the last 30 days, also of those that are gone; none when there is no bucket."""
    s3 = client("s3", region=region, role=role)
    try:
        listed = list_reports(s3, bucket, folder)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return ()
        raise
    bodies = (s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed)
    return tuple(NodeReport.from_data(json.loads(body)) for body in bodies)


def list_reports(s3: Any, bucket: str, folder: str) -> list[dict[str, Any]]:
    """Keys and times of the reports, however many. 1 request for each 1000."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{folder}/")
    return [item for page in pages for item in page.get("Contents", ())]
