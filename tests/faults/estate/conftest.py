"""One estate for all tests of this folder: two managed sites, an external one, a federation, a pair."""

from collections.abc import Iterator

import pytest

from tests.support.documents import WHOLE
from tests.support.processes import ArgumentWatch
from tests.support.sandbox import SandboxProject


@pytest.fixture(scope="package")
def arguments() -> Iterator[ArgumentWatch]:
    """Every argument list of every process that ran while the estate was made."""
    with ArgumentWatch() as watch:
        yield watch


@pytest.fixture(scope="package")
def estate(tmp_path_factory: pytest.TempPathFactory, arguments: ArgumentWatch) -> Iterator[SandboxProject]:
    project = SandboxProject(tmp_path_factory.mktemp("estate") / "project", WHOLE)
    with project.running():
        project.said = project.estate("up")
        project.said += project.estate("watch", "--timeout", "120")
        yield project
