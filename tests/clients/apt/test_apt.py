"""apt updates, resolves and downloads, in a root of its own: from a local, a virtual and a remote repository."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.package_sites import ADMIN, GUEST, Sites, sites
from tests.support.programs import program, run

PLACES = ["local", "virtual", "remote", "virtual over the remote"]
FOLDERS = ("apt.conf.d", "preferences.d", "trusted.gpg.d", "state/lists/partial", "cache/archives/partial", "log")
CONTROL = """Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: Here <here@acme.example>
{more}Description: made here
 A sentence about it.
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sites, dict[str, Path]]]:
    """Platforms with a package in every compression that dpkg knows, one of them for all architectures."""
    folder = tmp_path_factory.mktemp("debian")
    files = {
        "acme-lib": built(folder, "acme-lib", "1.0-1", "amd64", "xz"),
        "acme-data": built(folder, "acme-data", "2.0", "all", "gzip"),
        "acme-app": built(folder, "acme-app", "3.0", "amd64", "zstd", "Depends: acme-lib (>= 1.0), acme-data\n"),
    }
    with sites(folder, "debian", "", optionalIndexCompressionFormats=["bz2", "xz"]) as made:
        for name, file in files.items():
            architecture = "all" if name == "acme-data" else "amd64"
            place = f";deb.distribution=stable;deb.component=main;deb.architecture={architecture}"
            repository = "lib" if name == "acme-app" else "lib-local"
            made.call(made.near, "PUT", f"{repository}/pool/{file.name}{place}", data=file.read_bytes())
        yield made, files


def built(folder: Path, name: str, version: str, architecture: str, compression: str, more: str = "") -> Path:
    """A package made by dpkg-deb."""
    tree = folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "usr/share" / name).mkdir(parents=True)
    said = CONTROL.format(name=name, version=version, architecture=architecture, more=more)
    (tree / "DEBIAN/control").write_text(said)
    (tree / "usr/share" / name / "about").write_text("made here\n" * 50)
    made = folder / f"{name}_{version}_{architecture}.deb"
    done = run([program("dpkg-deb"), f"-Z{compression}", "--root-owner-group", "--build", tree, made], folder)
    assert done.returncode == 0, done.stderr
    return made


def root(folder: Path, address: str, line: str) -> Path:
    """A root for apt, in which nothing is installed."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").write_text("")
    (folder / "sources.list").write_text(f"deb [{line.partition('|')[0]}] {address} {line.partition('|')[2]}\n")
    settings = {
        "Dir": folder,
        "Dir::Etc": folder,
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder / "cache",
        "Dir::Log": folder / "log",
        "APT::Architecture": "amd64",
        "APT::Architectures": "amd64",
        "APT::Sandbox::User": "",
        "Acquire::http::Proxy": "DIRECT",
        "Acquire::Retries": "0",
        "Debug::NoLocking": "1",
    }
    (folder / "apt.conf").write_text("".join(f'{name} "{value}";\n' for name, value in settings.items()))
    return folder


def apt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"APT_CONFIG": str(folder / "apt.conf")}
    return run([program("apt-get"), *arguments], folder, environ=environ)


def with_login(address: str, login: tuple[str, str] = ADMIN) -> str:
    return address.replace("://", f"://{login[0]}:{login[1]}@")


@pytest.mark.parametrize("place", PLACES)
def test_apt_downloads_a_package_with_what_it_needs(
    archive: tuple[Sites, dict[str, Path]], tmp_path: Path, place: str
) -> None:
    made, files = archive
    folder = root(tmp_path, with_login(made.places[place]), "trusted=yes|stable main")
    updated = apt(folder, "update")
    assert (updated.returncode, "W:" in updated.stderr) == (0, False), updated.stderr
    done = apt(folder, "install", "-y", "-d", "acme-app")
    assert done.returncode == 0, done.stderr
    for name, file in files.items():
        got = next((folder / "cache/archives").glob(f"{name}_*.deb"))
        assert hashlib.sha256(got.read_bytes()).digest() == hashlib.sha256(file.read_bytes()).digest()


def test_apt_takes_a_flat_repository(archive: tuple[Sites, dict[str, Path]], tmp_path: Path) -> None:
    made, files = archive
    flat = {"key": "flat-local", "rclass": "local", "packageType": "debian", "debianTrivialLayout": True}
    made.call(made.near, "PUT", "api/repositories/flat-local", json=flat)
    made.call(made.near, "PUT", "flat-local/deep/acme-lib.deb", data=files["acme-lib"].read_bytes())
    address = with_login(made.address(made.near, "flat-local"))
    folder = root(tmp_path, address, "trusted=yes|./")
    updated = apt(folder, "update")
    assert updated.returncode == 0, updated.stderr
    assert apt(folder, "download", "acme-lib").returncode == 0
    assert next(folder.glob("acme-lib*.deb")).read_bytes() == files["acme-lib"].read_bytes()


def test_what_is_deleted_is_gone_after_an_update(archive: tuple[Sites, dict[str, Path]], tmp_path: Path) -> None:
    made, files = archive
    coordinates = "deb.distribution=short;deb.component=main;deb.architecture=amd64"
    made.call(made.near, "PUT", f"lib-local/pool/short.deb;{coordinates}", data=files["acme-lib"].read_bytes())
    made.call(made.near, "PUT", f"lib-local/pool/kept.deb;{coordinates}", data=files["acme-app"].read_bytes())
    folder = root(tmp_path, with_login(made.places["local"]), "trusted=yes|short main")
    assert apt(folder, "update").returncode == 0
    assert apt(folder, "download", "acme-lib").returncode == 0
    made.call(made.near, "DELETE", "lib-local/pool/short.deb")
    assert apt(folder, "update").returncode == 0
    gone = apt(folder, "download", "acme-lib")
    assert (gone.returncode, "acme-lib" in gone.stderr) == (100, True)


def test_nobody_without_permission_updates(archive: tuple[Sites, dict[str, Path]], tmp_path: Path) -> None:
    made, _ = archive
    folder = root(tmp_path, with_login(made.places["local"], GUEST), "trusted=yes|stable main")
    refused = apt(folder, "update")
    assert (refused.returncode, "403" in refused.stdout + refused.stderr) == (100, True)


@pytest.mark.parametrize("kind", ["rsa2048", "ed25519"])
def test_apt_checks_the_signature_of_a_key_pair(
    archive: tuple[Sites, dict[str, Path]], tmp_path: Path, kind: str
) -> None:
    made, files = archive
    ring = signing_key(tmp_path / "own", made, kind)
    other = signing_key(tmp_path / "other", made, f"{kind}-other")
    key = f"signed-{kind}"
    signed = {"key": key, "rclass": "local", "packageType": "debian", "primaryKeyPairRef": kind}
    made.call(made.near, "PUT", f"api/repositories/{key}", json=signed)
    place = ";deb.distribution=stable;deb.component=main;deb.architecture=amd64"
    made.call(made.near, "PUT", f"{key}/acme-lib.deb{place}", data=files["acme-lib"].read_bytes())
    address = with_login(made.address(made.near, key))
    folder = root(tmp_path / "good", address, f"signed-by={ring}|stable main")
    updated = apt(folder, "update")
    assert (updated.returncode, "W:" in updated.stderr) == (0, False), updated.stderr
    assert "InRelease" in updated.stdout
    assert "Release.gpg" not in updated.stdout
    assert apt(folder, "download", "acme-lib").returncode == 0
    refused = apt(root(tmp_path / "bad", address, f"signed-by={other}|stable main"), "update")
    assert (refused.returncode, "NO_PUBKEY" in refused.stderr) == (100, True)


def signing_key(home: Path, made: Sites, name: str) -> Path:
    """A key pair of this name at the platform; the file with its public half."""
    home.mkdir(mode=0o700)
    gpg = [program("gpg"), "--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", "secret"]
    user = f"{name}@acme.example"
    try:
        done = run([*gpg, "--quick-gen-key", user, name.removesuffix("-other"), "sign", "never"], home)
        assert done.returncode == 0, done.stderr
        public = run([*gpg, "--armor", "--export"], home).stdout
        private = run([*gpg, "--armor", "--export-secret-keys"], home).stdout
    finally:
        run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], home)
    pair = {"pairName": name, "pairType": "GPG", "alias": name, "privateKey": private, "publicKey": public}
    made.call(made.near, "POST", "api/security/keypair/", json={**pair, "passphrase": "secret"})
    (home / "ring.asc").write_text(public)
    return home / "ring.asc"
