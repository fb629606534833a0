"""Readiness, licences and base URL against the simulated platform."""

from pathlib import Path

import pytest

from artifactory_estate.base import Observation
from artifactory_estate.site.base_url import BaseUrlDeclaration, BaseUrlLifecycle
from artifactory_estate.site.lifecycle import (
    LicencesDeclaration,
    LicencesLifecycle,
    ReadinessDeclaration,
    ReadinessLifecycle,
    ReadinessObservation,
)
from artifactory_estate.site.readiness import NotReady
from artifactory_sandbox import licence
from tests.clients.running import Running


def test_ready_in_the_declared_version_only(recent: Running) -> None:
    declared = ReadinessDeclaration(connection=recent.connection, version="7.111.4")
    observed = ReadinessLifecycle().create(declared)
    assert (observed.version, len(observed.nodes)) == ("7.111.4", 1)
    before = recent.writes
    assert ReadinessLifecycle().read(declared, observed) == (declared, observed)
    later = declared.model_copy(update={"version": "7.112.0", "deadline": 1})
    with pytest.raises(NotReady, match=r"Artifactory 7\.111\.4 answers, 7\.112\.0 is declared"):
        ReadinessLifecycle().create(later)
    two = declared.model_copy(update={"nodes": 2})
    assert "1 of 2 nodes run" in ReadinessLifecycle().read(two, ReadinessObservation())[1].pending[0]
    assert recent.writes == before


def test_licences_are_installed_renewed_and_put_back(recent: Running, tmp_path: Path) -> None:
    file, lifecycle = tmp_path / "licences.txt", LicencesLifecycle()
    first, second, third = licence.make(3)
    file.write_text(licence.file_text([first, second]))
    declared = LicencesDeclaration(connection=recent.connection, pool=f"file:{file}", nodes=2)
    observed = lifecycle.create(declared)
    assert set(observed.ours) == {first.hash, second.hash}
    before = recent.writes
    assert lifecycle.create(declared) == observed
    assert recent.writes == before
    file.write_text(licence.file_text([second, third]))
    _, seen = lifecycle.read(declared, observed)
    assert seen.pending == (f"the licences behind file:{file} have changed",)
    observed = lifecycle.update(declared, declared, seen)
    assert observed.pending == ()
    assert {second.hash, third.hash} <= {one.hash for one in observed.licences}
    assert first.hash not in {one.hash for one in observed.licences}
    assert first.text.split("\n")[0] not in str(observed.to_data())


def test_base_url(recent: Running) -> None:
    lifecycle = BaseUrlLifecycle()
    declared = BaseUrlDeclaration(connection=recent.connection, url="http://repo.acme.example")
    before = recent.writes
    observed = lifecycle.create(declared)
    lifecycle.create(declared)
    assert recent.writes == before + 1
    assert lifecycle.read(declared, observed) == (declared, Observation())
    lifecycle.create(BaseUrlDeclaration(connection=recent.connection, url=recent.url))
    assert lifecycle.read(declared, observed)[0].url == recent.url
