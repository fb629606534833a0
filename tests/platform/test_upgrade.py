"""A node of another version: what it does to the database, and who may start on it afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from artifactory_sandbox import licence
from artifactory_sandbox.data_plane import packages
from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.platform import node
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from artifactory_sandbox.platform.platform import Platform
from tests.platform import machine

OLD, NEW = "7.111.4", "7.117.5"
LICENCES = licence.make(3)


def installed(root: Path, version: str, broken: tuple[str, ...] = ()) -> Files:
    """A node's files, with that version installed by the package manager."""
    files = Files(root) if root.exists() else machine.write(root, root.name, LICENCES)
    where = Machine("i-1", "1", "us-east-1", "us-east-1a", "10.0.0.1", "127.0.0.1", root, {})
    answer = packages.dnf(where, ["install", "-y", f"jfrog-artifactory-pro-{version}"], broken)
    assert answer.code == 0
    return files


@contextmanager
def running(files: Files, database: Path) -> Iterator[Platform]:
    with machine.control(database) as url:
        platform = node.start(files, "127.90.0.1", url, 1)
    try:
        yield platform
    finally:
        platform.stop()


def test_what_is_installed_is_what_runs(tmp_path: Path) -> None:
    with running(installed(tmp_path / "n1", NEW), tmp_path / "db.sqlite") as platform:
        assert platform.version == NEW
        assert platform.settings.get("schema-version") == NEW


def test_a_newer_node_converts_and_an_older_one_that_runs_goes_on_but_cannot_start_again(tmp_path: Path) -> None:
    database = tmp_path / "db.sqlite"
    old, new = installed(tmp_path / "n1", OLD), installed(tmp_path / "n2", NEW)
    with running(old, database) as before:
        before.settings.set("written", "before")
        with running(new, database) as after:
            assert after.settings.get("written") == "before"
            before.settings.set("written", "by the older one")
            assert after.settings.get("written") == "by the older one"
    with pytest.raises(CannotStart, match=rf"converted by Artifactory {NEW}: {OLD} is older and cannot use it"):
        running(old, database).__enter__()
    with running(new, database) as again:
        assert again.settings.get("written") == "by the older one"


def test_a_bad_version_does_not_start_and_converts_nothing(tmp_path: Path) -> None:
    database, root = tmp_path / "db.sqlite", tmp_path / "n1"
    with running(installed(root, OLD), database):
        pass
    with pytest.raises(CannotStart, match=f"Artifactory {NEW}: application initialization failed"):
        running(installed(root, NEW, broken=(NEW,)), database).__enter__()
    with running(installed(root, "7.120.2", broken=(NEW,)), database) as mended:
        assert mended.version == "7.120.2"


def test_an_older_package_is_taken_by_downgrade_only(tmp_path: Path) -> None:
    root = tmp_path / "n1"
    files = installed(root, NEW)
    installed(root, OLD)
    assert files.version() == NEW
    where = Machine("i-1", "1", "us-east-1", "us-east-1a", "10.0.0.1", "127.0.0.1", root, {})
    packages.dnf(where, ["downgrade", "-y", f"jfrog-artifactory-pro-{OLD}"])
    assert files.version() == OLD
