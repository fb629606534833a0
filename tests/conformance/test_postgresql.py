"""The same answers with PostgreSQL as the cluster's database: a sample in every run, all of it in the long part."""

from collections.abc import Iterator

import pytest

from tests.conformance.case import Case
from tests.conformance.clusters import cluster_over
from tests.conformance.histories.machine import History
from tests.conformance.runner import Cluster, play
from tests.conformance.test_cases import ROWS
from tests.conformance.test_histories import EXAMPLES, HISTORIES
from tests.conformance.test_histories import play as play_history
from tests.support import postgres
from tests.support.evidence import Evidence

SAMPLE = ROWS[::8]


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    with postgres.server() as server, cluster_over(folder, server.new()) as made:
        yield made


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{room}-{case.section}-{case.name}") for room, case in SAMPLE])
def test_a_sample_of_the_cases(on_postgresql: Cluster, case: Case) -> None:
    wrong = play(on_postgresql, case)
    assert wrong is None, wrong


@pytest.mark.parametrize("history", HISTORIES, ids=lambda one: one.__name__.lower())
def test_a_few_histories(on_postgresql: Cluster, history: type[History]) -> None:
    play_history(on_postgresql, history, 2, derandomize=True)


@pytest.mark.long(part="postgresql")
def test_all_cases(on_postgresql: Cluster, evidence: Evidence) -> None:
    wrong = {f"{room} {case.section} {case.name}": said for room, case in ROWS if (said := play(on_postgresql, case))}
    assert wrong == {}
    evidence.figure("cases", len(ROWS))


@pytest.mark.long(part="postgresql")
@pytest.mark.parametrize("history", HISTORIES, ids=lambda one: one.__name__.lower())
def test_twenty_times_as_many_histories(on_postgresql: Cluster, history: type[History], evidence: Evidence) -> None:
    play_history(on_postgresql, history, 20 * EXAMPLES, derandomize=False)
    evidence.figure(f"histories of {history.__name__.lower()}, 25 steps each at most", 20 * EXAMPLES)
