from collections.abc import Iterator

import pytest

from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire, wire
from tests.unit.repositories.declare import TOKEN_REF


@pytest.fixture
def fake() -> FakeArtifactory:
    return FakeArtifactory()


@pytest.fixture
def server(fake: FakeArtifactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setenv(TOKEN_REF.removeprefix("env:"), "the-token")
    with wire(fake) as running:
        yield running
