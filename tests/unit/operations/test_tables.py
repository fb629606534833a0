"""Nodes in the status: where they are, and how far from each other."""

import io

from rich.console import Console

from artifactory_estate.cli.tables import print_status
from artifactory_estate.operations.status import EstateStatus, NodeStatus, SiteStatus


def test_nodes_have_a_table_of_their_own() -> None:
    nodes = (
        NodeStatus(name="us-east-1", serving=True, state="RUNNING", zone="us-east-1a"),
        NodeStatus(
            name="us-east-2",
            serving=True,
            state="RUNNING",
            zone="us-east-1b",
            latency_ms={"us-east-1": 7.3, "us-east-3": None},
        ),
    )
    slow = "node us-east-2 is 7.3 ms from node us-east-1: nodes belong on one LAN, within 5 ms (seed 004)"
    site = SiteStatus(name="us-east", platform="managed", url="u", state="serving", nodes=nodes, warnings=(slow,))
    out = io.StringIO()
    console = Console(file=out, width=160)
    print_status(console, EstateStatus(estate="acme", sites=(site,), federations=(), pairs=()))
    text = out.getvalue()
    assert "2 of 2 in 2 zones" in text
    assert "7.3 ms to us-east-1" in text
    assert f"us-east: {slow}" in text
