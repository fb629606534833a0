"""Seed 004: all nodes of a cluster are on one fast LAN. What the nodes measured, held against it."""

from collections.abc import Iterator, Sequence

from artifactory_estate.cloud.node_reports import NodeReport

SLOW_MS = 5.0
"""A TCP connection between zones of one region takes 1 to 2 ms; more is no LAN."""


def warnings(reports: Sequence[NodeReport]) -> Iterator[str]:
    """One sentence for each way that is too long, and one when a zone's failure would take all nodes."""
    there = {report.node for report in reports}
    for report in reports:
        for other, milliseconds in report.latency_ms.items():
            if other not in there:
                continue
            if milliseconds is None:
                yield f"node {report.node} could not reach node {other} at port 8082 (files reference 4.4)"
            elif milliseconds > SLOW_MS:
                yield (
                    f"node {report.node} is {milliseconds} ms from node {other}: nodes belong on one LAN, "
                    f"within {SLOW_MS:g} ms (seed 004)"
                )
    zones = {report.zone for report in reports if report.zone}
    if len(reports) > 1 and len(zones) == 1:
        yield f"all {len(reports)} nodes are in {zones.pop()}: its failure takes the site"
