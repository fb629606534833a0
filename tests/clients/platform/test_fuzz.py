"""Junk over every route: never an error of the server's own, never a file outside, never a dead node."""

import os
import secrets
from pathlib import Path

import pytest

from tests.clients.platform.fuzzing.campaign import campaign, once, rows
from tests.support.evidence import Evidence
from tests.support.postgres import Server

MINUTES = 25
MEMORY_MIB = 400


def test_every_row_takes_junk(tmp_path: Path) -> None:
    report = once(tmp_path, seed=7, per_row=2, cases=150)
    assert report.findings == {}, report.text
    assert {row.name for row in rows()} <= report.rows
    assert report.most_memory_mib < MEMORY_MIB


@pytest.mark.timeout(MINUTES * 60 + 240)
@pytest.mark.long(part="fuzz")
def test_minutes_of_junk(
    tmp_path: Path, evidence: Evidence, capsys: pytest.CaptureFixture[str], postgres_server: Server
) -> None:
    """Junk from four clients at once, a fresh node every twenty seconds, every other one on PostgreSQL."""
    seed = int(os.environ.get("FUZZ_SEED", secrets.randbelow(10**9)))
    seconds = float(os.environ.get("FUZZ_SECONDS", MINUTES * 60))
    with capsys.disabled():
        print(f"\nFUZZ_SEED={seed}, {seconds:g} s")
    report = campaign(tmp_path, seed, seconds, server=postgres_server)
    evidence.note(f"Seed {seed}, {seconds:g} seconds, {report.rounds} nodes, each fresh.")
    evidence.figure("requests", report.requests)
    evidence.figure("rows of the route table that were reached for", len({row.name for row in rows()} & report.rows))
    evidence.figure("rows of the route table", len(rows()))
    for status, times in sorted(report.statuses.items()):
        evidence.figure(f"answered {status}" if status else "ended without an answer, cut short on purpose", times)
    evidence.figure("most memory of a node", report.most_memory_mib, "MiB", most=MEMORY_MIB)
    assert report.findings == {}, report.text
    evidence.figure("findings", len(report.findings), most=0)
