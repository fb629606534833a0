"""What an installer, an image and the hooks beside them may not be."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from artifactory_estate.base import DocumentPath, Refusal
from artifactory_estate.estate.model import Estate
from artifactory_estate.site.installation import Artifactory, Package, SystemPackage
from artifactory_estate.site.model import ManagedSite, Nodes

_ENDINGS = (".rpm", ".deb", ".tar.gz")
_ARM = re.compile(r"aarch64|arm64", re.I)
_EDITION = re.compile(r"(?:jfrog-)?artifactory-(oss|cpp-ce|jcr)\b")
_NO_DIGEST = "0" * 64
_SIGNED = re.compile(r"[?&](x-amz-\w+|x-goog-\w+|signature|sig|token|access_token|api_?key|password)=", re.I)


def refusals(chosen: Artifactory, site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    """`path` is the place of `artifactory`: the site's, or the estate's."""
    if chosen.package:
        yield from _package(chosen.package, site.nodes, (*path, "package"))
    yield from _system_packages(chosen, site, (*path, "system_packages"))
    for hook in ("pre_install", "post_install"):
        file = getattr(chosen, hook)
        if file is not None and (fault := _hook_fault(file)):
            yield Refusal((*path, hook), f"{file.splitlines()[0] if file else file!r} is no such file", fault)


def warnings(estate: Estate, name: str, site: ManagedSite) -> Iterator[Refusal]:
    """What can be declared, and cannot be fetched."""
    chosen = estate.artifactory_of(name)
    if chosen is None:
        return
    path = ("sites", name, "artifactory") if site.artifactory else ("artifactory",)
    files: dict[DocumentPath, Package | SystemPackage] = {
        (*path, "system_packages", number): file for number, file in enumerate(chosen.system_files)
    }
    if chosen.package and chosen.package.source != "sandbox":
        files[*path, "package"] = chosen.package
    for place, file in files.items():
        if file.sha256 == _NO_DIGEST:
            yield Refusal((*place, "sha256"), "nothing but zeros", "no file has this digest", "Write the file's.")


def _package(package: Package, nodes: Nodes, path: DocumentPath) -> Iterator[Refusal]:
    if package.source == "sandbox":
        if package.download_at_boot:
            yield Refusal((*path, "download_at_boot"), "true, of the sandbox", "nothing is downloaded there")
        return
    if package.download_at_boot and not package.source.startswith("https://"):
        why = "a node can read the site's own bucket, and no other one"
        yield Refusal(
            (*path, "download_at_boot"), "true, of an S3 source", why, "Leave it out: the package is mirrored."
        )
    yield from signed(package.source, (*path, "source"))
    yield from _source(package.source.split("?")[0], nodes, (*path, "source"))


def signed(source: str, path: DocumentPath) -> Iterator[Refusal]:
    """An address whose query lets whoever has it in."""
    if found := _SIGNED.search(source):
        why = "decision 0002: a secret is a reference, and an address stands in the document, in state and in plans"
        yield Refusal(path, f"an address with {found[1]}", why, "Put the file into a bucket of yours: s3://…")


def _source(source: str, nodes: Nodes, path: DocumentPath) -> Iterator[Refusal]:
    name = source.rsplit("/", 1)[-1]
    if not name.endswith(_ENDINGS):
        yield Refusal(path, f"{name or source} is no installer", "files reference 4.4: .rpm, .deb or .tar.gz")
    if _ARM.search(name):
        why = "files reference 4.4: native packages do not support ARM"
        yield Refusal(path, f"{name} is for ARM", why, "Take the x86_64 package.")
    if (edition := _EDITION.search(name)) and nodes.ceiling > 1:
        why = "seed 004: a cluster needs an Enterprise licence, and this edition takes none (files reference 4.4)"
        yield Refusal(path, f"the edition {edition[1]}, and {nodes.ceiling} nodes", why, "Take jfrog-artifactory-pro.")


def _system_packages(chosen: Artifactory, site: ManagedSite, path: DocumentPath) -> Iterator[Refusal]:
    if chosen.system_packages == ():
        yield Refusal(path, "an empty list", "packages are listed, or a word says where they are", "Write image.")
    if chosen.system_packages == "image" and site.load_balancer.on_fronts:
        server = site.load_balancer.kind
        why = "decision 0020: a front runs Amazon Linux, whose image has no web server"
        yield Refusal(path, f"image, and fronts with {server}", why, "Write region, or list the packages.")
    amazon = chosen.ami is None or site.load_balancer.on_fronts
    seen: set[str] = set()
    for number, file in enumerate(chosen.system_files):
        name = file.source.split("?")[0].rsplit("/", 1)[-1]
        place = (*path, number, "source")
        yield from signed(file.source, place)
        if _ARM.search(name):
            why = "files reference 4.4: native packages do not support ARM, so every machine is x86"
            yield Refusal(place, f"{name} is for ARM", why, "Take the x86_64 package.")
        if name.endswith(".deb") and amazon:
            whose = "fronts run" if chosen.ami else "without an ami the machines run"
            yield Refusal(place, f"{name} is of Debian", f"{whose} Amazon Linux, which takes .rpm", "Take an .rpm.")
        if name in seen:
            yield Refusal(place, f"{name} once more", "each file has a name of its own on the machine", "List it once.")
        seen.add(name)


def _hook_fault(file: str) -> str | None:
    if not file.strip():
        return "a path is wanted"
    if "\n" in file or file.startswith("#!"):
        return "the path of a shell file is wanted, not its text"
    if ".." in PurePosixPath(file).parts:
        return "a path within the project is wanted: a run elsewhere has nothing above it"
    return None if "://" not in file else "a file of the project is wanted, not an address"
