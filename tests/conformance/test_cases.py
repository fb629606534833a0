"""Every case, played against a cluster."""

import re

import pytest

from tests.conformance.case import Case
from tests.conformance.cases import gathered
from tests.conformance.runner import Cluster, play

ROWS = gathered()


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{room}-{case.section}-{case.name}") for room, case in ROWS])
def test_the_server_answers_as_the_reference_says(cluster: Cluster, case: Case) -> None:
    wrong = play(cluster, case)
    assert wrong is None, wrong


def test_there_are_enough_cases_and_each_names_its_section() -> None:
    assert len(ROWS) >= 400
    assert not [case.name for _, case in ROWS if not re.fullmatch(r"\d{1,2}(\.\d{1,2}){0,2}", case.section)]
