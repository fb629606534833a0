"""One sandbox for all examples: an AWS with a zone and a network, and two platforms that run already."""

from collections.abc import Iterator

import pytest

from tests.engine.examples.example import Sandbox, running_sandbox

DOCUMENT = """\
estate: acme
state: {backend: "file://state"}
sites:
  us-east:
    platform: managed
    url: http://us-east.repo.acme.example
    aws: {account: "123456789012", region: us-east-1}
    nodes: {count: 1, max: 2}
    licences: "file:licences.txt"
  berlin:
    platform: external
    url: http://berlin.repo.acme.example
    credentials: {token: "file:berlin.token"}
  tokyo:
    platform: external
    url: http://tokyo.repo.acme.example
    credentials: {token: "file:tokyo.token"}
"""
"""What the sandbox prepares for: the examples bring their own declarations."""


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), DOCUMENT) as sandbox:
        yield sandbox
