"""mvn deploys and resolves releases and snapshots: through a local, a virtual and a remote repository.

Its plug-ins come from Maven's central repository, about 10 MB, once: into a folder beside the other clients.
"""

import hashlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.programs import CLIENTS, program, run

PLACES = ["local", "virtual", "virtual over the remote"]
DEPLOY = "org.apache.maven.plugins:maven-deploy-plugin:3.1.1:deploy-file"
GET = "org.apache.maven.plugins:maven-dependency-plugin:2.8:get"
SETTINGS = """
<settings>
  <localRepository>{0}</localRepository>
  <servers><server><id>sim</id><username>{1}</username><password>{2}</password></server></servers>
</settings>
"""
GROUP = f"org.acme.run{time.time_ns()}"
"""Never seen before by the folder that the runs share."""


def mvn(home: Path, *arguments: str, user: tuple[str, str] = ADMIN) -> subprocess.CompletedProcess[str]:
    """mvn with settings of its own."""
    (home / "settings.xml").write_text(SETTINGS.format(CLIENTS / "maven", *user))
    (home / "none.xml").write_text("<settings/>")
    options = ["-B", "-q", "-s", home / "settings.xml", "-gs", home / "none.xml", f"-Duser.home={home}"]
    quick = {"MAVEN_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    return run([program("mvn"), *options, *arguments], home, environ=quick)


def deploy(home: Path, address: str, version: str, data: bytes, user: tuple[str, str] = ADMIN) -> None:
    done = try_deploy(home, address, version, data, user)
    assert done.returncode == 0, done.stdout + done.stderr


def try_deploy(
    home: Path, address: str, version: str, data: bytes, user: tuple[str, str] = ADMIN
) -> subprocess.CompletedProcess[str]:
    (home / "lib.jar").write_bytes(data)
    what = [f"-DgroupId={GROUP}", "-DartifactId=lib", f"-Dversion={version}", "-Dpackaging=jar"]
    where = [f"-Durl={address}", "-DrepositoryId=sim", "-DretryFailedDeploymentCount=1"]
    return mvn(home, DEPLOY, f"-Dfile={home / 'lib.jar'}", *what, *where, user=user)


def get(home: Path, address: str, version: str, user: tuple[str, str] = ADMIN) -> subprocess.CompletedProcess[str]:
    what = [f"-Dartifact={GROUP}:lib:{version}", "-Dtransitive=false", "-U"]
    return mvn(home, GET, *what, f"-DremoteRepositories=sim::default::{address}", user=user)


def resolved(version: str) -> Path:
    """Where mvn keeps what it resolved."""
    return CLIENTS / "maven" / GROUP.replace(".", "/") / "lib" / version / f"lib-{version}.jar"


def forget() -> None:
    run(["rm", "-rf", CLIENTS / "maven" / GROUP.replace(".", "/")], CLIENTS)


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Platforms to which a release and two builds of a snapshot were deployed."""
    folder = tmp_path_factory.mktemp("maven")
    with sites(folder, "maven", "") as made:
        deploy(folder, made.places["virtual"], "1.0", b"release")
        for n in range(2):
            deploy(folder, made.places["local"], "1.1-SNAPSHOT", b"snapshot %d" % n)
        yield made
    forget()


@pytest.mark.parametrize("place", PLACES)
def test_a_release_is_resolved(repositories: Sites, tmp_path: Path, place: str) -> None:
    forget()
    done = get(tmp_path, repositories.places[place], "1.0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert hashlib.sha256(resolved("1.0").read_bytes()).digest() == hashlib.sha256(b"release").digest()


def test_the_newest_snapshot_is_resolved(repositories: Sites, tmp_path: Path) -> None:
    forget()
    done = get(tmp_path, repositories.places["remote"], "1.1-SNAPSHOT")
    assert done.returncode == 0, done.stdout + done.stderr
    assert resolved("1.1-SNAPSHOT").read_bytes() == b"snapshot 1"


def test_metadata_says_what_was_deployed(repositories: Sites) -> None:
    path = f"lib/{GROUP.replace('.', '/')}/lib/maven-metadata.xml"
    found = repositories.call(repositories.far, "GET", path).text
    assert "<release>1.0</release>" in found
    assert "<latest>1.1-SNAPSHOT</latest>" in found
    folder = path.replace("maven-metadata.xml", "1.1-SNAPSHOT/maven-metadata.xml")
    assert "<buildNumber>2</buildNumber>" in repositories.call(repositories.near, "GET", folder).text


def test_nobody_without_permission_deploys_or_resolves(repositories: Sites, tmp_path: Path) -> None:
    forget()
    refused = try_deploy(tmp_path, repositories.places["virtual"], "2.0", b"mine", GUEST)
    assert refused.returncode != 0
    assert "403" in refused.stdout, refused.stdout
    assert get(tmp_path, repositories.places["virtual"], "1.0", GUEST).returncode != 0
    assert not resolved("1.0").exists()


def test_releases_are_refused_where_the_repository_takes_none(repositories: Sites, tmp_path: Path) -> None:
    fields = {"rclass": "local", "packageType": "maven", "handleReleases": False}
    repositories.call(repositories.near, "PUT", "api/repositories/snapshots", json=fields)
    refused = try_deploy(tmp_path, repositories.address(repositories.near, "snapshots"), "2.0", b"mine")
    assert "409" in refused.stdout, refused.stdout
