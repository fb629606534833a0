"""The files of `dists/<distribution>/`: `Packages` in its compressions, and the `Release` that names their digests."""

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.packages.debian.index import Distribution

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

DIGESTS: Mapping[str, str] = {"MD5Sum": "md5", "SHA1": "sha1", "SHA256": "sha256"}
_COMPRESSIONS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "bz2": (".bz2", bz2.compress),
    "lzma": (".lzma", lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
    "xz": (".xz", lambda data: lzma.compress(data, lzma.FORMAT_XZ)),
}


def variants(name: str, data: bytes, formats: Iterable[str]) -> dict[str, bytes]:
    """A file, itself and compressed: always by gzip, else as the repository says."""
    made = {name: data, f"{name}.gz": gzip.compress(data, 6, mtime=0)}
    for wanted in formats:
        if wanted in _COMPRESSIONS:
            ending, compress = _COMPRESSIONS[wanted]
            made[name + ending] = compress(data)
    return made


def files(distribution: Distribution, formats: Iterable[str]) -> dict[str, bytes]:
    """Every index of a distribution by its path below `dists/<distribution>/`."""
    wanted = tuple(formats)
    found: dict[str, bytes] = {}
    for component, architecture in sorted(distribution.listed):
        folder = f"{component}/binary-{architecture}"
        data = distribution.packages(component, architecture)
        found.update(variants(f"{folder}/Packages", data, wanted))
        said = f"Component: {component}\nOrigin: Artifactory\nLabel: Artifactory\nArchitecture: {architecture}\n"
        found[f"{folder}/Release"] = said.encode()
    return found


def digest(kind: str, data: bytes) -> str:
    """A digest by its name in `Release`."""
    return hashlib.new(DIGESTS[kind], data, usedforsecurity=False).hexdigest()


def release(
    name: str, files: Mapping[str, bytes], date: int, components: Iterable[str] = (), architectures: Iterable[str] = ()
) -> bytes:
    """`Release`; components and architectures are left out in the trivial layout."""
    when = datetime.fromtimestamp(date / 1000, UTC).strftime("%a, %d %b %Y %H:%M:%S UTC")
    lines = ["Origin: Artifactory", "Label: Artifactory"]
    if name:
        lines += [f"Suite: {name}", f"Codename: {name}"]
    lines.append(f"Date: {when}")
    if components:
        lines.append(f"Component: {' '.join(components)}")
        lines.append(f"Components: {' '.join(components)}")
        lines.append(f"Architectures: {' '.join(architectures)}")
        lines.append("Acquire-By-Hash: yes")
    for kind in DIGESTS:
        lines.append(f"{kind}:")
        lines += [f" {digest(kind, data)} {len(data):>16} {path}" for path, data in sorted(files.items())]
    return ("\n".join(lines) + "\n").encode()


def date_of(platform: "Platform", place: str, files: Mapping[str, bytes]) -> int:
    """When the content of a place last changed: one answer from every node, and never an earlier one than before."""
    mark = hashlib.sha256()
    for path, data in sorted(files.items()):
        mark.update(f"{path}\0{hashlib.sha256(data).hexdigest()}\0".encode())
    name, now = f"debian-date:{place}", platform.clock.now()
    known = platform.settings.get(name)
    if not known or known["mark"] != mark.hexdigest():
        with platform.database.transaction():
            known = platform.settings.get(name)
            if not known or known["mark"] != mark.hexdigest():
                known = {"mark": mark.hexdigest(), "date": max(now, known["date"] + 1000 if known else 0)}
                platform.settings.set(name, known)
    return int(known["date"])
