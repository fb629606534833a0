"""The cluster of two nodes that a run of the cases shares."""

from collections.abc import Iterator

import pytest

from tests.conformance.clusters import cluster_over
from tests.conformance.runner import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two nodes over SQLite."""
    with cluster_over(tmp_path_factory.mktemp("cluster")) as made:
        yield made
