"""One sandbox for the folder, with a stand-in node, and one group of two instances in it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.sandbox_cloud.running import NODE, Fleet, Running

DOCUMENT = """
estate: acme
defaults: {aws: {account: "123456789012"}}
sites:
  east:
    url: http://east.repo.acme.example
    aws: {region: us-east-1}
    nodes: {count: 2, max: 3}
    licences: "file:secrets/east.txt"
  west:
    platform: managed
    url: http://west.repo.acme.example
    aws: {region: us-west-2}
    nodes: {count: 1}
    load_balancer: {certificate: "arn:aws:acm:us-west-2:123456789012:certificate/west"}
  lab: {platform: external, url: http://lab.repo.acme.example, credentials: {token: "file:secrets/lab.token"}}
"""


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory: Path = tmp_path_factory.mktemp("sandbox")
    document = directory / "estate.yaml"
    document.write_text(DOCUMENT)
    running = Running(directory, document, "--node", f"{sys.executable} {NODE}")
    yield running
    running.run("stop")


@pytest.fixture(scope="package")
def east(sandbox: Running) -> Fleet:
    fleet = Fleet(sandbox, "east", "us-east-1", "east.repo.acme.example")
    fleet.wait_healthy(2)
    return fleet
