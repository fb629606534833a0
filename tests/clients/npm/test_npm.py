"""npm publishes, installs, tags, deprecates and unpublishes: through a local, a virtual and a remote repository."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Platforms to which npm published two versions of a package and a scoped one that needs it."""
    folder = tmp_path_factory.mktemp("npm")
    with sites(folder, "npm", "api/npm/") as made:
        for number, (name, version, tag) in enumerate(
            (("acme-lib", "1.0.0", "latest"), ("acme-lib", "1.1.0-rc.1", "next"), ("@acme/app", "2.0.0", "latest"))
        ):
            needs = {"dependencies": {"acme-lib": "^1.0.0"}} if name == "@acme/app" else {}
            place = made.places["virtual" if number == 1 else "local"]
            done = npm(package(folder / str(number), name, version, **needs), place, "publish", "--tag", tag)
            assert done.returncode == 0, done.stderr
        yield made


def package(folder: Path, name: str, version: str, **fields: Any) -> Path:
    """A package to publish."""
    folder.mkdir(parents=True)
    said = {"name": name, "version": version, "description": "made here", "main": "index.js", **fields}
    (folder / "package.json").write_text(json.dumps(said))
    (folder / "index.js").write_text(f"module.exports = {json.dumps(version)}\n")
    (folder / "README.md").write_text(f"# {name}\n")
    return folder


def npm(
    folder: Path, registry: str, *arguments: str, login: tuple[str, str] | None = ADMIN
) -> subprocess.CompletedProcess[str]:
    """Runs npm with a configuration of the folder's own."""
    lines = [f"registry={registry}/", "audit=false", "fund=false", "update-notifier=false"]
    if login:
        given = base64.b64encode(":".join(login).encode()).decode()
        lines.append(f"{registry.partition(':')[2]}/:_auth={given}")
    (folder / "rc").write_text("\n".join([*lines, ""]))
    environ = {
        "NPM_CONFIG_USERCONFIG": str(folder / "rc"),
        "NPM_CONFIG_GLOBALCONFIG": str(folder / "no-such-file"),
        "NPM_CONFIG_CACHE": str(folder / "cache"),
    }
    return run([program("npm"), *arguments], folder, environ=environ)


def project(folder: Path) -> Path:
    """A project that has nothing yet."""
    (folder / "package.json").write_text('{"name": "project", "version": "1.0.0"}')
    return folder


@pytest.mark.parametrize("place", PLACES)
def test_npm_installs_a_package_with_what_it_needs(registry: Sites, tmp_path: Path, place: str) -> None:
    done = npm(project(tmp_path), registry.places[place], "install", "@acme/app")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "node_modules/acme-lib/package.json").read_text())["version"] == "1.0.0"
    locked = json.loads((tmp_path / "package-lock.json").read_text())["packages"]
    assert locked["node_modules/@acme/app"]["resolved"].startswith(registry.places[place])
    again = npm(tmp_path, registry.places[place], "ci")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize("place", PLACES)
def test_the_tarball_is_the_one_that_was_published(registry: Sites, tmp_path: Path, place: str) -> None:
    done = npm(tmp_path, registry.places[place], "pack", "acme-lib@next", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)[0]
    data = (tmp_path / said["filename"]).read_bytes()
    kept = registry.near.digest("lib-local", "acme-lib/-/acme-lib-1.1.0-rc.1.tgz")
    assert (said["version"], hashlib.sha256(data).hexdigest()) == ("1.1.0-rc.1", kept)
    assert said["integrity"] == f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


def test_tags_are_listed_added_and_removed(registry: Sites, tmp_path: Path) -> None:
    local = registry.places["local"]
    assert npm(tmp_path, local, "dist-tag", "add", "acme-lib@1.0.0", "stable").returncode == 0
    listed = npm(tmp_path, registry.places["virtual"], "dist-tag", "ls", "acme-lib").stdout.split("\n")
    assert listed[:3] == ["latest: 1.0.0", "next: 1.1.0-rc.1", "stable: 1.0.0"]
    assert npm(tmp_path, local, "view", "acme-lib@stable", "version").stdout.strip() == "1.0.0"
    assert npm(tmp_path, local, "dist-tag", "rm", "acme-lib", "stable").returncode == 0
    assert "stable" not in npm(tmp_path, local, "dist-tag", "ls", "acme-lib").stdout


def test_a_version_is_deprecated_and_unpublished(registry: Sites, tmp_path: Path) -> None:
    local = registry.places["local"]
    for version in ("1.0.0", "2.0.0"):
        assert npm(package(tmp_path / version, "acme-old", version), local, "publish").returncode == 0
    assert npm(tmp_path, local, "deprecate", "acme-old@1.0.0", "use 2").returncode == 0
    assert npm(tmp_path, local, "view", "acme-old@1.0.0", "deprecated").stdout.strip() == "use 2"
    assert npm(tmp_path, local, "view", "acme-old@2.0.0", "deprecated").stdout.strip() == ""
    assert npm(tmp_path, local, "unpublish", "acme-old@1.0.0").returncode == 0
    assert json.loads(npm(tmp_path, local, "view", "acme-old", "versions", "--json").stdout) == ["2.0.0"]
    assert npm(tmp_path, local, "unpublish", "acme-old", "--force").returncode == 0
    gone = npm(tmp_path, local, "view", "acme-old")
    assert (gone.returncode, "E404" in gone.stderr) == (1, True)


def test_who_am_i_ping_and_search(registry: Sites, tmp_path: Path) -> None:
    virtual = registry.places["virtual"]
    assert npm(tmp_path, virtual, "whoami").stdout.strip() == "admin"
    assert "PONG" in npm(tmp_path, virtual, "ping").stderr
    assert [hit["name"] for hit in json.loads(npm(tmp_path, virtual, "search", "made", "--json").stdout)] == [
        "@acme/app",
        "acme-lib",
    ]


def test_an_audit_says_that_there_is_none(registry: Sites, tmp_path: Path) -> None:
    assert npm(project(tmp_path), registry.places["local"], "install", "acme-lib").returncode == 0
    done = npm(tmp_path, registry.places["local"], "audit", "--audit=true")
    assert done.returncode != 0
    assert "audit endpoint returned an error" in done.stderr


def test_nobody_without_permission_publishes_or_installs(registry: Sites, tmp_path: Path) -> None:
    folder = package(tmp_path / "refused", "acme-refused", "1.0.0")
    local = registry.places["local"]
    done = npm(folder, local, "publish", login=GUEST)
    assert (done.returncode, "E403" in done.stderr) == (1, True)
    assert registry.near.digest("lib-local", "acme-refused/-/acme-refused-1.0.0.tgz") is None
    refused = npm(project(tmp_path), local, "install", "acme-lib", login=GUEST)
    assert (refused.returncode, "E403" in refused.stderr) == (1, True)
    unknown = npm(tmp_path, local, "install", "acme-lib", login=None)
    assert (unknown.returncode, "E401" in unknown.stderr) == (1, True)
    tagged = npm(tmp_path, local, "dist-tag", "add", "acme-lib@1.0.0", "mine", login=GUEST)
    assert tagged.returncode != 0
