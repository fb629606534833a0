"""twine uploads, pip and uv install: through a local, a virtual and a remote repository."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.packages import sdist, wheel
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]
TOOL = wheel("Acme.Tool", "1.2.0", requires_python=">=3.8", summary="made here")
OLD = sdist("Acme.Tool", "1.1.0")
APP = wheel("acme-app", "2.0", requires_dist="acme-tool>=1.0")
ENVIRON = {"PIP_CONFIG_FILE": "/dev/null", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Platforms to which twine uploaded three files, one of them by way of the virtual repository."""
    folder = tmp_path_factory.mktemp("pypi")
    with sites(folder, "pypi", "api/pypi/") as made:
        for number, (name, data) in enumerate((TOOL, OLD, APP)):
            (folder / name).write_bytes(data)
            done = upload(made.places["virtual" if number else "local"], folder / name)
            assert done.returncode == 0, done.stdout + done.stderr
        yield made


def upload(repository: str, file: Path, login: tuple[str, str] = ADMIN) -> subprocess.CompletedProcess[str]:
    environ = {"TWINE_USERNAME": login[0], "TWINE_PASSWORD": login[1], "TWINE_NON_INTERACTIVE": "1"}
    command = [program("client twine"), "upload", "--disable-progress-bar", "--repository-url", repository, file]
    return run(command, file.parent, environ=environ)


def simple(made: Sites, place: str, login: tuple[str, str] = ADMIN) -> str:
    scheme, _, rest = made.places[place].partition("://")
    return f"{scheme}://{login[0]}:{login[1]}@{rest}/simple"


@pytest.mark.parametrize("place", PLACES)
def test_pip_downloads_what_was_uploaded(index: Sites, tmp_path: Path, place: str) -> None:
    command = [program("client pip"), "download", "--no-deps", "-d", tmp_path, "--index-url", simple(index, place)]
    done = run([*command, "acme.tool==1.2.0"], tmp_path, environ=ENVIRON)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sha256((tmp_path / TOOL[0]).read_bytes()) == sha256(TOOL[1])


@pytest.mark.parametrize("place", PLACES)
def test_pip_installs_a_package_with_what_it_needs(index: Sites, tmp_path: Path, place: str) -> None:
    command = [program("client pip"), "install", "--target", tmp_path / "lib", "--index-url", simple(index, place)]
    done = run([*command, "acme-app"], tmp_path, environ=ENVIRON)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1.2.0" in (tmp_path / "lib/acme_tool/__init__.py").read_text()
    assert ".whl.metadata" in done.stdout  # dependencies were read without downloading the wheel (PEP 658)


@pytest.mark.parametrize("place", PLACES)
def test_uv_installs_a_package_with_what_it_needs(index: Sites, tmp_path: Path, place: str) -> None:
    command = [program("client uv"), "pip", "install", "--no-config", "--cache-dir", tmp_path / "cache", "--target"]
    python = ["--python", program("client python")]
    done = run([*command, tmp_path / "lib", *python, "--index-url", simple(index, place), "acme-app"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lib/acme_tool/__init__.py").is_file()


def test_uv_publishes(index: Sites, tmp_path: Path) -> None:
    name, data = wheel("acme-other", "3.0")
    (tmp_path / name).write_bytes(data)
    login = ["--username", ADMIN[0], "--password", ADMIN[1]]
    command = [program("client uv"), "publish", "--no-config", "--publish-url", index.places["virtual"], *login]
    done = run([*command, tmp_path / name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert index.near.digest("lib-local", f"acme-other/3.0/{name}") == sha256(data)


def test_nobody_without_permission_uploads_or_installs(index: Sites, tmp_path: Path) -> None:
    name, data = wheel("acme-refused", "1.0")
    (tmp_path / name).write_bytes(data)
    done = upload(index.places["local"], tmp_path / name, GUEST)
    assert done.returncode != 0
    assert "403" in done.stdout + done.stderr
    assert index.near.digest("lib-local", f"acme-refused/1.0/{name}") is None
    command = [program("client pip"), "download", "-d", tmp_path, "--index-url", simple(index, "local", GUEST)]
    refused = run([*command, "acme-app"], tmp_path, environ=ENVIRON)
    assert refused.returncode != 0
    assert "from versions: none" in refused.stderr  # what pip makes of a 403


def test_another_file_under_a_name_that_is_taken_is_refused_for_who_may_not_delete(
    index: Sites, tmp_path: Path
) -> None:
    deployer = ("deployer", "Deploy-1234")
    index.make_user(index.near, deployer, "READ", "WRITE", "ANNOTATE")
    name, data = wheel("acme-own", "1.0")
    (tmp_path / name).write_bytes(data)
    assert upload(index.places["local"], tmp_path / name, deployer).returncode == 0
    (tmp_path / name).write_bytes(wheel("acme-own", "1.0", summary="another")[1])
    again = upload(index.places["local"], tmp_path / name, deployer)
    assert again.returncode != 0
    assert "403" in again.stdout + again.stderr
    assert index.near.digest("lib-local", f"acme-own/1.0/{name}") == sha256(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
