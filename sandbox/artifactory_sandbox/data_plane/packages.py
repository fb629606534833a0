"""dnf and rpm: a package is installed by making the directories that say so."""

import re
from collections.abc import Sequence
from pathlib import Path

from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.units import Answer

_PROVIDES = {
    "artifactory": ("opt/jfrog/artifactory/app/bin", "opt/jfrog/artifactory/var/etc"),
    "nginx": ("etc/nginx/conf.d", "var/log/nginx"),
    "httpd": ("etc/httpd/conf.d", "var/log/httpd"),
}
_FIRST_VERSIONED = "-"
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def dnf(machine: Machine, arguments: Sequence[str]) -> Answer:
    """`dnf install -y <name or file>...`; other verbs are accepted. A file that is not there is refused, as dnf does."""
    words = [word for word in arguments if not word.startswith("-")]
    if not words or words[0] not in {"install", "localinstall", "reinstall", "update", "upgrade"}:
        return Answer(0)
    for package in words[1:]:
        if "/" in package and not package.startswith(("http://", "https://")) and not Path(package).is_file():
            return Answer(1, f"Error: Can not load RPM file: {package}")
        _install(machine, package)
    return Answer(0, "\n".join(f"Installed: {package}" for package in words[1:]))


def rpm(machine: Machine, arguments: Sequence[str]) -> Answer:
    """`rpm -q <name>` answers whether it is installed; `rpm -i|-U <file>` installs."""
    words = [word for word in arguments if not word.startswith("-")]
    flags = "".join(word.lstrip("-") for word in arguments if word.startswith("-"))
    if "q" in flags:
        missing = [word for word in words if word not in machine.packages]
        return Answer(len(missing), "\n".join(f"package {word} is not installed" for word in missing))
    return dnf(machine, ["install", *words])


def _install(machine: Machine, package: str) -> None:
    name = Path(package).name
    kind = next((kind for kind in _PROVIDES if kind in name), name.split(_FIRST_VERSIONED)[0])
    machine.packages |= {kind, name, name.removesuffix(".rpm")}
    if "artifactory" in name:
        machine.packages.add("jfrog-artifactory-pro")
    for directory in _PROVIDES.get(kind, ()):
        (machine.root / directory).mkdir(parents=True, exist_ok=True)
    if kind == "artifactory" and (version := _VERSION.search(name)):
        (machine.root / "opt/jfrog/artifactory/app/version.txt").write_text(f"{version[0]}\n")
