"""A run that is cut off after any number of writes is finished by the next one."""

import pytest

from artifactory_estate.repositories.lifecycle import (
    RepositoriesDeclaration,
    RepositoriesLifecycle,
    RepositoriesObservation,
)
from artifactory_estate.repositories.rest_form import Form, differences, kind_of
from artifactory_estate.rest import Unreachable
from tests.support.fake_artifactory import FakeArtifactory
from tests.support.wire import Wire
from tests.unit.repositories.declare import OWNER, SMALL, changed, declare

EMPTY = RepositoriesObservation()
AFTER = changed(
    SMALL,
    local={"libs-local": {"package_type": "maven"}, "pypi-local": None, "new-local": {"package_type": "maven"}},
    virtual={"libs": {"package_type": "maven", "repositories": ["new-local"]}, "all": {"package_type": "maven", "repositories": ["libs"]}},
)  # fmt: skip
lifecycle = RepositoriesLifecycle()


@pytest.fixture(autouse=True)
def _no_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("artifactory_estate.rest.transport.tenacity.nap.sleep", lambda _: None)


def standing(fake: FakeArtifactory, declared: RepositoriesDeclaration) -> bool:
    forms = {key: Form.parse(text) for key, text in declared.repositories.items()}
    return forms.keys() == fake.repositories.keys() and all(
        form.is_of_kind(fake.repositories[key]) and not differences(form, form, fake.repositories[key], OWNER)
        for key, form in forms.items()
    )


@pytest.mark.parametrize("version", ["7.111.4", "7.77.0"])
@pytest.mark.parametrize("writes", range(6))
def test_create(server: Wire, fake: FakeArtifactory, version: str, writes: int) -> None:
    fake.version = version
    fake.dies_after = writes
    declared = declare(server, SMALL)
    try:
        lifecycle.create(declared)
        finished = True
    except Unreachable:
        finished = False
    assert finished is (writes >= (2 if version == "7.111.4" else 5))
    fake.dies_after = None
    lifecycle.create(declared)
    assert standing(fake, declared)
    assert len(fake.made) == 5


@pytest.mark.parametrize("writes", range(3))
def test_update(server: Wire, fake: FakeArtifactory, writes: int) -> None:
    old, new = declare(server, SMALL), declare(server, AFTER)
    lifecycle.create(old)
    fake.dies_after = writes
    with pytest.raises(Unreachable):
        lifecycle.update(old, new, EMPTY)
    fake.dies_after = None
    lifecycle.update(old, new, EMPTY)
    assert standing(fake, new)
    assert len(fake.made) == len(set(fake.made)) == 7


def test_delete(server: Wire, fake: FakeArtifactory) -> None:
    declared = declare(server, SMALL)
    for writes in range(5):
        lifecycle.create(declared)
        fake.dies_after = writes
        with pytest.raises(Unreachable):
            lifecycle.delete(declared, EMPTY)
        assert len(fake.repositories) == 5 - writes
        fake.dies_after = None
        lifecycle.delete(declared, EMPTY)
        assert fake.repositories == {}


@pytest.mark.parametrize("version", ["7.111.4", "7.77.0"])
def test_a_lost_answer_is_not_a_foreign_repository(server: Wire, fake: FakeArtifactory, version: str) -> None:
    fake.version = version
    fake.forgets_answer = True
    declared = declare(server, SMALL)
    lifecycle.create(declared)
    assert standing(fake, declared)
    assert len(fake.made) == 5


def test_somebody_else_was_faster(server: Wire, fake: FakeArtifactory) -> None:
    """Between our reading and our writing: the server refuses, and what it has is not ours."""
    plain = fake._route

    def route(seen: object) -> object:
        if seen.method == "PUT":  # type: ignore[attr-defined]
            fake.repositories.setdefault("pypi-local", {"key": "pypi-local", "rclass": "local", "packageType": "pypi"})
        return plain(seen)  # type: ignore[arg-type]

    fake._route = route  # type: ignore[assignment,method-assign]
    with pytest.raises(Exception, match=r"sites.us-east.repositories.local.pypi-local: us-east says: .*already exists"):
        lifecycle.create(declare(server, SMALL))
    assert kind_of(fake.repositories["pypi-local"]) == ("local", "pypi")
    assert "notes" not in fake.repositories["pypi-local"]
