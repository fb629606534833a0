"""helm adds repositories, searches and pulls charts: from a local, a virtual and a remote repository."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.packages import chart
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]
OLD, NEW = chart("acme-app", "1.9.0", appVersion="1.10"), chart("acme-app", "1.10.0")


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Platforms with two versions of a chart, one of them deployed by way of the virtual repository."""
    program("helm")
    with sites(tmp_path_factory.mktemp("helm"), "helm", "api/helm/") as made:
        made.call(made.near, "PUT", "lib-local/acme-app-1.9.0.tgz", data=OLD)
        made.call(made.near, "PUT", "api/helm/lib/nested/acme-app-1.10.0.tgz", data=NEW)
        yield made


def helm(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    homes = {f"HELM_{kind}_HOME": str(folder / kind) for kind in ("CACHE", "CONFIG", "DATA")}
    return run([program("helm"), *arguments], folder, environ=homes)


def added(folder: Path, address: str, login: tuple[str, str] = ADMIN) -> subprocess.CompletedProcess[str]:
    return helm(folder, "repo", "add", "acme", address, "--username", login[0], "--password", login[1])


@pytest.mark.parametrize("place", PLACES)
def test_helm_finds_and_pulls_charts(charts: Sites, tmp_path: Path, place: str) -> None:
    done = added(tmp_path, charts.places[place])
    assert done.returncode == 0, done.stderr
    lines = helm(tmp_path, "search", "repo", "acme/", "--versions").stdout.splitlines()[1:]
    assert [line.split("\t")[1].strip() for line in lines] == ["1.10.0", "1.9.0"]
    for version, data in (("1.10.0", NEW), ("1.9.0", OLD)):
        pulled = helm(tmp_path, "pull", "acme/acme-app", "--version", version)
        assert pulled.returncode == 0, pulled.stderr
        file = tmp_path / f"acme-app-{version}.tgz"
        assert hashlib.sha256(file.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_the_plain_path_of_a_repository_is_a_chart_repository_as_well(charts: Sites, tmp_path: Path) -> None:
    assert added(tmp_path, f"{charts.near.url}/artifactory/lib-local").returncode == 0
    pulled = helm(tmp_path, "pull", "acme/acme-app")
    assert pulled.returncode == 0, pulled.stderr
    assert (tmp_path / "acme-app-1.10.0.tgz").read_bytes() == NEW


def test_nobody_without_permission_adds_a_repository(charts: Sites, tmp_path: Path) -> None:
    done = added(tmp_path, charts.places["local"], GUEST)
    assert (done.returncode, "403 Forbidden" in done.stderr) == (1, True)
