"""The go command gets modules through a local, a virtual and a remote repository as its only proxy."""

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.clients.package_sites import ADMIN, Sites, sites
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]
NAME, ESCAPED = "acme.example/Tools/greet", "acme.example/!tools/greet"
VERSIONS = ("v1.0.0", "v1.1.0", "v1.2.0-rc.1")
APP = 'package main\n\nimport "acme.example/Tools/greet"\n\nfunc main() { println(greet.Hello()) }\n'


def packed(version: str) -> bytes:
    """A module's archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        source = f'package greet\n\nfunc Hello() string {{ return "{version}" }}\n'
        for name, content in (("go.mod", f"module {NAME}\n\ngo 1.20\n"), ("greet.go", source)):
            archive.writestr(zipfile.ZipInfo(f"{NAME}@{version}/{name}"), content)
    return data.getvalue()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Platforms that anybody may read, as the go command sends no credentials over plain HTTP."""
    with sites(tmp_path_factory.mktemp("go"), "go", "api/go/") as made:
        for site in (made.near, made.far):
            yaml = {"data": "security: {anonAccessEnabled: true}", "headers": {"Content-Type": "application/yaml"}}
            made.call(site, "PATCH", "api/system/configuration", **yaml)
            targets = {key: {"include_patterns": ["**"]} for key in ("lib-local", "lib-remote")}
            grant = {"artifact": {"actions": {"users": {"anonymous": ["READ"]}}, "targets": targets}}
            permission = {"name": "all", "resources": grant}
            answer = requests.post(f"{site.url}/access/api/v2/permissions", json=permission, auth=ADMIN, timeout=30)
            assert answer.status_code == 201, answer.text
        for version in VERSIONS:
            properties = f";go.name={NAME.replace('/', '%2F')};go.version={version}"
            info = json.dumps({"Version": version, "Time": "2026-01-31T12:00:00Z"}).encode()
            mod = f"module {NAME}\n\ngo 1.20\n".encode()
            for ending, data in (("zip", packed(version)), ("mod", mod), ("info", info)):
                made.call(made.near, "PUT", f"api/go/lib/{ESCAPED}/@v/{version}.{ending}{properties}", data=data)
        yield made


def go(home: Path, proxy: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The go command in a project of its own, with no proxy but the one named, and no configuration of the user's."""
    environ = {
        "GOPROXY": proxy,
        "GOFLAGS": "-mod=mod -modcacherw",
        "GONOSUMDB": "*",
        "GONOSUMCHECK": "1",
        "GOTOOLCHAIN": "local",
        "GOENV": "off",
        "GOTELEMETRY": "off",
        "GOPATH": str(home / "path"),
        "GOMODCACHE": str(home / "modules"),
        "GOCACHE": str(home / "cache"),
    }
    if not (home / "go.mod").exists():
        (home / "go.mod").write_text("module app\n\ngo 1.20\n")
        (home / "main.go").write_text(APP)
    return run([program("go"), *arguments], home, environ=environ)


@pytest.mark.parametrize("place", PLACES)
def test_the_latest_release_is_got(proxy: Sites, tmp_path: Path, place: str) -> None:
    done = go(tmp_path, proxy.places[place], "get", f"{NAME}@latest")
    assert done.returncode == 0, done.stderr
    assert f"require {NAME} v1.1.0" in (tmp_path / "go.mod").read_text()
    cached = (tmp_path / f"modules/cache/download/{ESCAPED}/@v/v1.1.0.zip").read_bytes()
    assert hashlib.sha256(cached).digest() == hashlib.sha256(packed("v1.1.0")).digest()


@pytest.mark.parametrize("place", PLACES)
def test_versions_are_listed(proxy: Sites, tmp_path: Path, place: str) -> None:
    done = go(tmp_path, proxy.places[place], "list", "-m", "-versions", NAME)
    assert done.stdout.split() == [NAME, *VERSIONS], done.stderr


def test_a_version_is_downloaded_and_verified(proxy: Sites, tmp_path: Path) -> None:
    place = proxy.places["remote"]
    done = go(tmp_path, place, "mod", "download", "-json", f"{NAME}@v1.2.0-rc.1")
    assert json.loads(done.stdout)["Version"] == "v1.2.0-rc.1", done.stderr
    assert go(tmp_path, place, "get", f"{NAME}@v1.0.0").returncode == 0
    assert "all modules verified" in go(tmp_path, place, "mod", "verify").stdout


def test_what_is_not_there_is_not_found(proxy: Sites, tmp_path: Path) -> None:
    done = go(tmp_path, proxy.places["virtual over the remote"], "get", f"{NAME}@v9.0.0")
    assert done.returncode != 0
    assert "404" in done.stderr, done.stderr


def test_nobody_gets_what_he_may_not_read(proxy: Sites, tmp_path: Path) -> None:
    proxy.call(proxy.near, "PUT", "api/repositories/closed", json={"rclass": "local", "packageType": "go"})
    proxy.call(proxy.near, "PUT", f"api/go/closed/{ESCAPED}/@v/v1.0.0.zip", data=packed("v1.0.0"))
    done = go(tmp_path, proxy.address(proxy.near, "closed"), "get", f"{NAME}@v1.0.0")
    assert done.returncode != 0
    assert "401" in done.stderr, done.stderr
