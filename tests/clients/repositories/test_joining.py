"""A virtual repository that waits for its federated member, against the simulated platform."""

from typing import Any

import pytest

from artifactory_estate.base import Refused
from artifactory_estate.repositories.lifecycle import RepositoriesLifecycle
from tests.clients.repositories.conftest import Declare
from tests.clients.running import Running

LIBS = {
    "package_type": "generic",
    "repositories": ["shared-federated", "libs-local"],
    "deploy_to": "shared-federated",
}
DOCUMENT: dict[str, Any] = {"local": {"libs-local": {"package_type": "generic"}}, "virtual": {"libs": LIBS}}
lifecycle = RepositoriesLifecycle()


def _libs(site: Running) -> tuple[list[str], str]:
    found = site.repository("libs")
    assert found is not None
    return found["repositories"], found["defaultDeploymentRepo"]


def test_first_without_its_federated_member_then_with_it(site: Running, declare: Declare) -> None:
    declared = declare(DOCUMENT).model_copy(update={"made_elsewhere": {"shared-federated": "shared"}})
    waiting = lifecycle.create(declared)
    assert waiting.pending == ("libs: shared-federated joins when federation shared has made it",)
    assert _libs(site) == (["libs-local"], "")
    assert lifecycle.read(declared, waiting) == (declared, waiting)

    body = {"key": "shared-federated", "rclass": "federated", "packageType": "generic", "members": []}
    site.platform.request("PUT", "/artifactory/api/repositories/shared-federated", body=body)
    done = lifecycle.update(declared, declared, waiting)
    assert done.pending == ()
    assert _libs(site) == (["shared-federated", "libs-local"], "shared-federated")
    before = site.writes
    assert lifecycle.read(declared, done) == (declared, done)
    assert lifecycle.update(declared, declared, done) == done
    assert site.writes == before
    site.upload("libs", "a.bin", b"one")
    assert site.digest("shared-federated", "a.bin") == site.digest("libs", "a.bin") is not None


def test_without_other_members_it_is_made_empty_and_filled(site: Running, declare: Declare) -> None:
    alone = {"libs": {"package_type": "generic", "repositories": ["shared-federated"]}}
    declared = declare({"virtual": alone}).model_copy(update={"made_elsewhere": {"shared-federated": "shared"}})
    waiting = lifecycle.create(declared)
    assert _libs(site)[0] == []
    assert lifecycle.read(declared, waiting) == (declared, waiting)
    site.make_local("shared-federated", rclass="federated")
    assert lifecycle.update(declared, declared, waiting).pending == ()
    assert _libs(site)[0] == ["shared-federated"]


def test_a_member_that_nobody_makes_is_refused(site: Running, declare: Declare) -> None:
    before = site.writes
    with pytest.raises(Refused, match="libs: shared-federated is neither declared nor at us-east"):
        lifecycle.create(declare(DOCUMENT))
    assert site.writes == before
