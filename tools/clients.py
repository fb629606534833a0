"""Third-party clients that `tests/clients` runs against the simulated platform, in `.clients` of the checkout.

Python and npm packages are locked by hash. Other programs are used where PATH has them, and else come from Debian's
packages, for which root is needed; what is missing without root is listed, and its tests are skipped by name. Helm is in
no Debian package: it is built from its Go module, where that can be had.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workshop import Progress, Stop, appearing_whole, locked, run_logged

FOLDER = ".clients"
REPORT = "programs.json"
POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True)
class Program:
    """A program by the name of its file; `unpacked` packages are not installed, as theirs would start a server."""

    name: str
    package: str
    version: str = "--version"
    unpacked: bool = False
    folders: tuple[str, ...] = ()


PROGRAMS = (
    # The package has the program and its modules; the one that starts it as a service is another.
    Program("apache2", "apache2-bin", version="-v", folders=("/usr/sbin",)),
    Program("apt-get", "apt"),
    Program("cloud-init", "cloud-init"),
    Program("dpkg-deb", "dpkg"),
    Program("go", "golang-go", version="version"),
    Program("gpg", "gnupg"),
    Program("mvn", "maven"),
    Program("nginx", "nginx", version="-v", unpacked=True, folders=("/usr/sbin",)),
    Program("node", "nodejs"),
    Program("npm", "npm"),
    Program("postgres", "postgresql", folders=tuple(f"/usr/lib/postgresql/{n}/bin" for n in range(20, 12, -1))),
    Program("promtool", "prometheus", unpacked=True),
    Program("skopeo", "skopeo"),
)
HELM = "helm.sh/helm/v3/cmd/helm@v3.17.4"
PYTHON = ("artifactory-cleanup", "conan", "pip", "python", "twine", "uv")
ENVIRONMENTS = {"clients": "python", "scanner": "scanner"}
"""Locked requirements, and the folder of `.clients` that holds them. The rule scanner pins what others need newer."""


def install(checkout: Path, cache: Path, progress: Progress) -> None:
    """Make `.clients`, or leave it when nothing that decides about it has changed; print every program's version."""
    folder = checkout / FOLDER
    lock = cache / f"clients-{hashlib.sha256(os.fsencode(checkout)).hexdigest()[:16]}.lock"
    with locked(lock, progress):
        for name, environment in ENVIRONMENTS.items():
            _python(checkout, folder / environment, name, progress)
        _debian(folder / "debian", progress)
        _node(checkout, folder / "node", progress)
        helm = _helm(cache, progress)
        report = {**_found(folder), "helm": helm, **_found_python(folder)}
        (folder / REPORT).write_text(json.dumps(report, indent=2))
    for name, row in report.items():
        progress.say(f"{name}: {row.get('version') or 'MISSING, ' + row['missing']}")


def _python(checkout: Path, folder: Path, name: str, progress: Progress) -> None:
    requirements = checkout / "requirements" / f"{name}.txt"
    if _stamped(folder, requirements):
        return
    shutil.rmtree(folder, ignore_errors=True)
    run_logged(f"clients: a Python environment ({name})", [sys.executable, "-m", "venv", str(folder)], progress)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    hashed = ["--quiet", "--require-hashes", f"--requirement={requirements}"]
    run_logged(f"clients: hashed Python packages ({name})", [*pip, *hashed], progress)
    _stamp(folder, requirements)


def _node(checkout: Path, folder: Path, progress: Progress) -> None:
    source = checkout / "tests" / "clients" / "npm_packages"
    lock = source / "package-lock.json"
    if _stamped(folder, lock) or shutil.which("npm") is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in (lock, source / "package.json"):
        shutil.copy(file, folder)
    run_logged(
        "clients: hashed npm packages", ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], progress, folder
    )
    _stamp(folder, lock)


def _helm(cache: Path, progress: Progress) -> dict[str, str]:
    if found := shutil.which("helm"):
        return {"path": found, "version": _version(found, "version")}
    folder = cache / f"helm-{HELM.rpartition('@')[2]}"
    if not folder.exists():
        try:
            with appearing_whole(folder) as draft:
                environ = {**os.environ, "GOBIN": str(draft), "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
                command = ["go", "install", "-ldflags", "-s -w", HELM]
                run_logged("clients: helm from its Go module (about a minute)", command, progress, environ=environ)
        except (Stop, OSError) as failure:
            return {"missing": f"it could not be built: {str(failure)[:200]}", "optional": "yes"}
    path = str(folder / "helm")
    return {"path": path, "version": _version(path, "version")}


def _debian(folder: Path, progress: Progress) -> None:
    missing = [one for one in PROGRAMS if _path(one, folder) is None]
    if not missing:
        return
    root = os.geteuid() == 0
    if root:
        run_logged("clients: list of Debian packages", ["apt-get", "update", "-q"], progress)
    installed = [one.package for one in missing if not one.unpacked]
    if installed and root:
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *installed]
        with _no_servers_started():
            run_logged(f"clients: Debian packages {', '.join(installed)}", command, progress, environ=_quiet())
    for one in missing:
        if one.unpacked:
            _unpack(one, folder / one.package, root, progress)


def _unpack(one: Program, folder: Path, needed: bool, progress: Progress) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        run_logged(
            f"clients: {one.name} out of {one.package}", ["apt-get", "download", "-q", one.package], progress, folder
        )
        archive = next(folder.glob("*.deb"))
        run_logged(f"clients: unpacking {archive.name}", ["dpkg", "-x", str(archive), str(folder)], progress)
        archive.unlink()
    except Stop:
        if needed:
            raise


@contextmanager
def _no_servers_started() -> Iterator[None]:
    """Debian's own means against servers that start when they are installed."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _quiet() -> Mapping[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def _path(one: Program, debian: Path) -> str | None:
    unpacked = [str(debian / one.package / "usr" / folder) for folder in ("bin", "sbin")]
    return shutil.which(one.name, path=os.pathsep.join([os.environ.get("PATH", ""), *one.folders, *unpacked]))


def _found(folder: Path) -> dict[str, dict[str, str]]:
    found = {}
    for one in PROGRAMS:
        path = _path(one, folder / "debian")
        why = f"install Debian's package {one.package} (root is needed)"
        found[one.name] = {"path": path, "version": _version(path, one.version)} if path else {"missing": why}
    return found


def _found_python(folder: Path) -> dict[str, dict[str, str]]:
    binaries = folder / "python" / "bin"
    paths = {name: str(binaries / name) for name in PYTHON}
    paths["checkov"] = str(folder / ENVIRONMENTS["scanner"] / "bin" / "checkov")
    return {f"client {name}": {"path": path, "version": _version(path, "--version")} for name, path in paths.items()}


def _version(path: str, option: str) -> str:
    try:
        answer = subprocess.run([path, option], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not start: {error}"
    lines = (answer.stdout or answer.stderr).strip().splitlines()
    return lines[0] if lines else f"status {answer.returncode}"


def _stamped(folder: Path, source: Path) -> bool:
    try:
        return (folder / "stamp").read_text() == _digest(source)
    except OSError:
        return False


def _stamp(folder: Path, source: Path) -> None:
    (folder / "stamp").write_text(_digest(source))


def _digest(source: Path) -> str:
    return hashlib.sha256(sys.version.encode() + source.read_bytes()).hexdigest()
