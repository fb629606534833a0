"""Conan 2 creates, uploads, finds, installs and removes packages: through a virtual and a remote repository."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]
RECIPE = """
import os, shutil
from conan import ConanFile

class Hello(ConanFile):
    name = "hello"
    version = "1.0"
    settings = "os", "arch"
    options = {"shared": [True, False]}
    default_options = {"shared": False}
    exports_sources = "data.bin"

    def package(self):
        shutil.copy(os.path.join(self.source_folder, "data.bin"), self.package_folder)
"""
DATA = bytes(range(256)) * 400
PROFILE = "[settings]\nos=Linux\narch=x86_64\n"


@dataclass(frozen=True)
class Client:
    """Conan with a home of its own, which knows a remote for each place and one user."""

    home: Path
    user: tuple[str, str] = ADMIN

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        login = {"CONAN_LOGIN_USERNAME": self.user[0], "CONAN_PASSWORD": self.user[1]}
        return run([program("client conan"), *arguments], self.home, environ={"CONAN_HOME": str(self.conan), **login})

    @property
    def conan(self) -> Path:
        return self.home / "conan"

    def must(self, *arguments: str) -> str:
        done = self(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout


def client(home: Path, made: Sites, user: tuple[str, str] = ADMIN) -> Client:
    """A client that knows nothing but where to ask."""
    fresh = Client(home, user)
    fresh.conan.mkdir()
    listed = [{"name": place.replace(" ", "-"), "url": url, "verify_ssl": True} for place, url in made.places.items()]
    (fresh.conan / "remotes.json").write_text(json.dumps({"remotes": listed}))
    (fresh.conan / "global.conf").write_text("core:non_interactive=True\n")
    (home / "profile").write_text(PROFILE)
    return fresh


@pytest.fixture(scope="module")
def remotes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    with sites(tmp_path_factory.mktemp("conan"), "conan", "api/conan/") as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def author(tmp_path_factory: pytest.TempPathFactory, remotes: Sites) -> Client:
    """Who made the package and uploaded it by way of the virtual repository."""
    made = client(tmp_path_factory.mktemp("author"), remotes)
    (made.home / "conanfile.py").write_text(RECIPE)
    (made.home / "data.bin").write_bytes(DATA)
    made.must("create", ".", "-pr:a", "profile")
    made.must("upload", "hello/*", "-r", "virtual", "--confirm")
    return made


@pytest.mark.parametrize("place", PLACES)
def test_a_package_is_installed(remotes: Sites, tmp_path: Path, place: str) -> None:
    fresh, name = client(tmp_path, remotes), place.replace(" ", "-")
    shown = fresh.must(
        "install", "--requires=hello/1.0", "-pr:a", "profile", "-r", name, "--format=json", "--deployer=full_deploy"
    )
    (node,) = (one for one in json.loads(shown)["graph"]["nodes"].values() if one["name"] == "hello")
    assert (node["binary"], node["binary_remote"]) == ("Download", name)
    (found,) = tmp_path.rglob("full_deploy/**/data.bin")
    assert hashlib.sha256(found.read_bytes()).digest() == hashlib.sha256(DATA).digest()


@pytest.mark.parametrize("place", ["virtual", "remote"])
def test_a_package_is_found_with_its_settings(remotes: Sites, tmp_path: Path, place: str) -> None:
    fresh = client(tmp_path, remotes)
    shown = json.loads(fresh.must("list", "hello/*#*:*#*", "-p", "arch=x86_64", "-r", place, "--format=json"))[place]
    ((_, revision),) = shown["hello/1.0"]["revisions"].items()
    ((_, package),) = revision["packages"].items()
    assert package["info"]["settings"] == {"os": "Linux", "arch": "x86_64"}
    assert len(package["revisions"]) == 1
    assert "hello/1.0" in fresh.must("search", "hel*", "-r", place)


def test_the_same_package_is_not_uploaded_twice(author: Client) -> None:
    done = author("upload", "hello/*", "-r", "virtual", "--confirm")
    assert "already in server, skipping upload" in done.stderr + done.stdout


def test_a_package_is_removed(author: Client) -> None:
    (author.home / "gone.py").write_text(RECIPE.replace('"hello"', '"gone"'))
    author.must("create", "gone.py", "-pr:a", "profile")
    author.must("upload", "gone/*", "-r", "local", "--confirm")
    author.must("remove", "gone/1.0:*", "-r", "local", "--confirm")
    shown = json.loads(author.must("list", "gone/1.0:*", "-r", "local", "--format=json"))["local"]
    ((_, revision),) = shown["gone/1.0"]["revisions"].items()
    assert not revision.get("packages")
    author.must("remove", "gone/1.0", "-r", "local", "--confirm")
    assert "gone/1.0" not in author.must("list", "gone/*", "-r", "local")


def test_nobody_without_permission_uploads_or_installs(remotes: Sites, author: Client, tmp_path: Path) -> None:
    fresh = client(tmp_path, remotes, GUEST)
    shutil.copytree(author.conan / "p", fresh.conan / "p")
    upload = fresh("upload", "hello/*", "-r", "virtual", "--confirm")
    assert upload.returncode != 0
    assert "Permission denied" in upload.stderr or "403" in upload.stderr, upload.stderr
    shutil.rmtree(fresh.conan / "p")
    install = fresh("install", "--requires=hello/1.0", "-pr:a", "profile", "-r", "virtual")
    assert install.returncode != 0
    assert "Permission denied" in install.stderr or "403" in install.stderr, install.stderr
