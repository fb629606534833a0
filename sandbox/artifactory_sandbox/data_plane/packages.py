"""dnf and rpm: a package is installed by making the directories that say so."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from artifactory_sandbox.data_plane.machine import Machine
from artifactory_sandbox.data_plane.units import Answer

_PROVIDES = {
    "artifactory": ("opt/jfrog/artifactory/app/bin", "opt/jfrog/artifactory/var/etc"),
    "nginx": ("etc/nginx/conf.d", "var/log/nginx"),
    "httpd": ("etc/httpd/conf.d", "var/log/httpd"),
    "amazon-efs-utils": ("etc/amazon/efs",),
    "amazon-cloudwatch-agent": ("opt/aws/amazon-cloudwatch-agent/bin",),
}
_INSTALLED = "opt/jfrog/artifactory/app/version.txt"
BROKEN = "opt/jfrog/artifactory/app/broken"
"""Is there while the installed version is one that cannot start."""
_FIRST_VERSIONED = "-"
_VERSION = re.compile(r"\d+\.\d+\.\d+")


def dnf(machine: Machine, arguments: Sequence[str], broken: Collection[str] = ()) -> Answer:
    """`dnf install -y <name or file>...`; other verbs are accepted. A file that is not there is refused, as dnf does, and a
    name that no repository has which may be asked: `amazonlinux` has no Artifactory, `sandbox` nothing else. An
    older version than the installed one is taken by `downgrade` only. What is installed of `broken` versions cannot start."""
    words = [word for word in arguments if not word.startswith("-")]
    repositories = _repositories(arguments)
    if not words or words[0] not in {"install", "localinstall", "reinstall", "update", "upgrade", "downgrade"}:
        return Answer(0)
    for package in words[1:]:
        if "/" in package and not package.startswith(("http://", "https://")) and not Path(package).is_file():
            return Answer(1, f"Error: Can not load RPM file: {package}")
        if "/" not in package and ("sandbox" if "artifactory" in package else "amazonlinux") not in repositories:
            return Answer(1, f"No match for argument: {package}\nError: Unable to find a match: {package}")
        if words[0] != "downgrade" and _is_older(machine, package):
            return Answer(
                0, f"The same or higher version of {package} is already installed, cannot update it.\nNothing to do."
            )
        _install(machine, package, broken)
    return Answer(0, "\n".join(f"Installed: {package}" for package in words[1:]))


def rpm(machine: Machine, arguments: Sequence[str]) -> Answer:
    """`rpm -q <name>` answers whether it is installed; `rpm -i|-U <file>` installs."""
    words = [word for word in arguments if not word.startswith("-")]
    flags = "".join(word.lstrip("-") for word in arguments if word.startswith("-"))
    if "q" in flags:
        missing = [word for word in words if word not in machine.packages]
        return Answer(len(missing), "\n".join(f"package {word} is not installed" for word in missing))
    return dnf(machine, ["install", *words])


def _repositories(arguments: Sequence[str]) -> Collection[str]:
    """Those that a command may ask: both, unless it says otherwise."""
    if "--disablerepo=*" not in arguments:
        return ("amazonlinux", "sandbox")
    return [word.removeprefix("--enablerepo=") for word in arguments if word.startswith("--enablerepo=")]


def _install(machine: Machine, package: str, broken: Collection[str]) -> None:
    name = Path(package).name
    kind = next((kind for kind in _PROVIDES if kind in name), name.split(_FIRST_VERSIONED)[0])
    machine.packages |= {kind, name, name.removesuffix(".rpm")}
    if "artifactory" in name:
        machine.packages.add("jfrog-artifactory-pro")
    if kind == "artifactory":
        _link_var(machine.root)
    for directory in _PROVIDES.get(kind, ()):
        (machine.root / directory).mkdir(parents=True, exist_ok=True)
    if kind == "artifactory" and (version := _VERSION.search(name)):
        (machine.root / _INSTALLED).write_text(f"{version[0]}\n")
        mark = machine.root / BROKEN
        mark.touch() if version[0] in broken else mark.unlink(missing_ok=True)


def _is_older(machine: Machine, package: str) -> bool:
    """Than the Artifactory that is installed."""
    wanted, installed = _VERSION.search(Path(package).name), machine.root / _INSTALLED
    if "artifactory" not in Path(package).name or wanted is None or not installed.is_file():
        return False
    return _numbers(wanted[0]) < _numbers(installed.read_text().strip())


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _link_var(root: Path) -> None:
    """The packages keep what changes below /var/opt, and link to it (files reference 0.3)."""
    var, link = root / "var/opt/jfrog/artifactory", root / "opt/jfrog/artifactory/var"
    var.mkdir(parents=True, exist_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(Path("../../../var/opt/jfrog/artifactory"))
