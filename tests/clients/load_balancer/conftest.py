"""Three nodes of one cluster, and the authority of their site's certificate."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.network.authority import Authority
from tests.clients.platform.machines import Node, cluster, until
from tests.platform import machine

HOST = "us-east.repo.acme.example"


@dataclass
class Site:
    """Running nodes; a test that kills one starts it again."""

    nodes: list[Node]
    start: Callable[..., Node]

    def start_again(self, node: Node) -> None:
        """One that was killed; at its address."""
        place = self.nodes.index(node)
        again = self.start(node.files.root.name, place + 1, address=node.address)
        until(again.answers, "the node to come back")
        self.nodes[place] = again

    @property
    def addresses(self) -> list[str]:
        return [node.address for node in self.nodes]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One that has a repository of files and two of images."""
    folder: Path = tmp_path_factory.mktemp("site")
    with machine.control(folder / "db.sqlite") as url, cluster(folder, url, {}) as start:
        nodes = [start("n1", 1, licence.make(3))]
        until(nodes[0].answers, "the first node")
        nodes += [start(f"n{number}", number) for number in (2, 3)]
        for node in nodes:
            until(node.answers, "the other nodes")
        for key, kind in (("files", "generic"), ("images", "docker"), ("npm", "npm")):
            body = {"rclass": "local", "packageType": kind}
            assert nodes[0].call("PUT", f"/artifactory/api/repositories/{key}", json=body).status_code == 200
        yield Site(nodes, start)
