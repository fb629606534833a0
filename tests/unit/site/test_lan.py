"""Seed 004's one LAN, held against what nodes measured."""

from typing import Any

import pytest

from artifactory_estate.cloud.node_reports import NodeReport
from artifactory_estate.site.lan import warnings


def report(slot: int, zone: str, **latency: Any) -> NodeReport:
    return NodeReport(
        instance=f"i-{slot}", status="ready", bundle="d", reason="", node=f"n{slot}", zone=zone, latency_ms=latency
    )


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([report(1, "a"), report(2, "b", n1=1.4)], []),
        ([report(1, "a"), report(2, "b", n1=5.0)], []),
        (
            [report(1, "a"), report(2, "b", n1=7.3)],
            ["node n2 is 7.3 ms from node n1: nodes belong on one LAN, within 5 ms"],
        ),
        ([report(1, "a"), report(2, "b", n1=None)], ["node n2 could not reach node n1 at port 8082"]),
        ([report(1, "a"), report(2, "b", gone=None)], []),
        ([report(1, "a"), report(2, "a", n1=0.4)], ["all 2 nodes are in a: its failure takes the site"]),
        ([report(1, "a")], []),
        ([], []),
    ],
)
def test_warnings(reports: list[NodeReport], words: list[str]) -> None:
    found = list(warnings(reports))
    assert len(found) == len(words)
    assert all(said.startswith(begin) for said, begin in zip(found, words, strict=True))
