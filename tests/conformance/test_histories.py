"""Random histories of repositories, artifacts and permissions."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.histories.artifacts import Artifacts
from tests.conformance.histories.machine import History
from tests.conformance.histories.permissions import Permissions
from tests.conformance.histories.repositories import Repositories
from tests.conformance.runner import Cluster
from tests.support.evidence import Evidence

EXAMPLES = 12
HISTORIES = [Repositories, Artifacts, Permissions]


def play(cluster: Cluster, history: type[History], examples: int, derandomize: bool) -> None:
    machine = type(history.__name__, (history,), {"cluster": cluster})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        derandomize=derandomize,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(machine, settings=chosen)


@pytest.mark.parametrize("history", HISTORIES, ids=lambda one: one.__name__.lower())
def test_a_model_and_the_server_agree(cluster: Cluster, history: type[History]) -> None:
    play(cluster, history, EXAMPLES, derandomize=True)


@pytest.mark.long(part="histories")
@pytest.mark.parametrize("history", HISTORIES, ids=lambda one: one.__name__.lower())
def test_twenty_times_as_many_histories(cluster: Cluster, history: type[History], evidence: Evidence) -> None:
    play(cluster, history, 20 * EXAMPLES, derandomize=False)
    evidence.figure(f"histories of {history.__name__.lower()}, 25 steps each at most", 20 * EXAMPLES)
