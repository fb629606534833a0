"""Versions of packages: read from tarballs that a repository holds, or from the packument of an upstream."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import quote, urlsplit

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.archives import BadArchive, tar_members
from artifactory_sandbox.platform.packages.npm.names import is_name, is_version, newest
from artifactory_sandbox.platform.packages.said import address, json_object
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

METADATA = ".npm/"
"""Where a cache keeps its upstream's packuments."""
_README = re.compile(r"[^/]+/readme(?:\.(?:md|markdown|txt))?\Z", re.IGNORECASE)
_MANIFEST = re.compile(r"[^/]+/package\.json\Z")
_README_LIMIT = 64 * 1024
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Tarball:
    """What a tarball says of itself."""

    manifest: Mapping[str, Any]
    readme: str
    integrity: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `path` is where the repository keeps its tarball, `address` where an upstream has it."""

    manifest: Mapping[str, Any]
    path: str
    shasum: str
    integrity: str = ""
    dist: Mapping[str, Any] = field(default_factory=dict)
    deprecated: str = ""
    published: str = ""
    readme: str = ""
    address: str = ""


@dataclass(slots=True)
class Package:
    """All versions of a package, and its tags."""

    name: str
    versions: dict[str, Version] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    created: str = ""
    modified: str = ""

    def version(self, wanted: str) -> Version | None:
        """A version by number or tag."""
        return self.versions.get(wanted) or self.versions.get(self.tags.get(wanted, ""))


def read(file: BinaryIO, whole: bool = False) -> Tarball | None:
    """The tarball's manifest; None when it is no package. Raises `BadArchive`."""
    found = tar_members(file, lambda name: bool(_MANIFEST.match(name) or _README.match(name)), whole=whole, most=20)
    raw = next((data for name, data in found.items() if _MANIFEST.match(name)), None)
    manifest = json_object(raw) if raw is not None else None
    name, version = (manifest or {}).get("name"), (manifest or {}).get("version")
    if manifest is None or not isinstance(name, str) or not isinstance(version, str):
        return None
    if not is_name(name) or not is_version(version):
        return None
    readme = next((data for name, data in found.items() if _README.match(name)), b"")
    file.seek(0)
    hashing = hashlib.sha512()
    for chunk in iter(lambda: file.read(_CHUNK), b""):
        hashing.update(chunk)
    integrity = f"sha512-{base64.b64encode(hashing.digest()).decode()}"
    return Tarball(manifest, readme[:_README_LIMIT].decode("utf-8", "replace"), integrity)


def _quietly(file: BinaryIO) -> Tarball | None:
    try:
        return read(file)
    except BadArchive:
        return None


_tarballs = sources.Remembered(_quietly)
_documents = sources.Remembered(lambda file: json_object(file.read()), most=64)


def described(platform: "Platform", row: Row) -> Mapping[str, list[str]]:
    """Properties of a package that was deployed by its path."""
    found = _tarballs.of(platform, row) if row["name"].endswith(".tgz") else None
    return properties(found.manifest) if found else {}


def properties(manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """What Artifactory notes on a tarball."""
    keywords = manifest.get("keywords")
    found = {
        "npm.name": [str(manifest["name"])],
        "npm.version": [str(manifest["version"])],
        "npm.description": [str(manifest.get("description") or "")[:2000]],
        "npm.keywords": [str(word) for word in keywords[:100]] if isinstance(keywords, list) else [],
        "npm.license": [str(manifest["license"])] if isinstance(manifest.get("license"), str) else [],
    }
    return sources.noted(found)


def _of_items(platform: "Platform", source: Source) -> dict[str, Package]:
    noted = platform.artifacts.state.properties_below(source.store)
    found: dict[str, Package] = {}
    for row in sources.files(platform, source):
        tarball = _tarballs.of(platform, row) if row["name"].endswith(".tgz") else None
        if tarball is None:
            continue
        has = noted.get(row["path"], {})
        name, number = str(tarball.manifest["name"]), str(tarball.manifest["version"])
        package = found.setdefault(name, Package(name))
        package.versions[number] = Version(
            manifest=tarball.manifest,
            path=row["path"],
            shasum=row["sha1"],
            integrity=tarball.integrity,
            deprecated=has.get("npm.deprecated", [""])[0],
            published=iso(row["created"]),
            readme=tarball.readme,
        )
        package.tags.update(dict.fromkeys(has.get("npm.disttag", []), number))
        package.created = min(package.created or iso(row["created"]), iso(row["created"]))
        package.modified = max(package.modified, iso(row["modified"]), iso(row["properties_at"] or 0))
    for package in found.values():
        package.tags.setdefault("latest", newest(list(package.versions)))
    return found


_stored = sources.Derived(_of_items)


def stored(platform: "Platform", source: Source) -> dict[str, Package]:
    """Packages that a repository holds itself, by name."""
    return _stored.of(platform, source)


def merged(platform: "Platform", found: Iterable[Source], name: str) -> Package:
    """A package over repositories in their order; the first that has a version, or a tag, wins."""
    whole = Package(name)
    for source in found:
        package = upstream(platform, source, name) if source.rclass == "remote" else None
        package = package or stored(platform, source).get(name)
        if package is None:
            continue
        for number, version in package.versions.items():
            whole.versions.setdefault(number, version)
        for tag, number in package.tags.items():
            whole.tags.setdefault(tag, number)
        whole.created = min(whole.created or package.created, package.created)
        whole.modified = max(whole.modified, package.modified)
    return whole


def upstream(platform: "Platform", source: Source, name: str) -> Package | None:
    """A package as a remote's upstream has it; None when it has none, or is away."""
    row = sources.upstream(platform, source, quote(name, safe="@"), f"{METADATA}{name}/package.json")
    document = _documents.of(platform, row) if row is not None else None
    if document is None:
        return None
    said = document.get("time")
    times: dict[str, Any] = said if isinstance(said, dict) else {}
    package = Package(name, created=str(times.get("created", "")), modified=str(times.get("modified", "")))
    versions = document.get("versions")
    for number, manifest in versions.items() if isinstance(versions, dict) else ():
        dist = manifest.get("dist") if isinstance(manifest, dict) else None
        if isinstance(dist, dict) and _is_somewhere(source, dist.get("tarball")):
            package.versions[number] = _listed(source, name, manifest, dist, str(times.get(number, "")))
    tags = document.get("dist-tags")
    package.tags = {
        str(tag): str(number)
        for tag, number in (tags.items() if isinstance(tags, dict) else ())
        if isinstance(number, str) and number in package.versions
    }
    return package


def _is_somewhere(source: Source, tarball: Any) -> bool:
    return isinstance(tarball, str) and bool(tarball and address(str(source.config["url"]), tarball))


def _listed(source: Source, name: str, manifest: Mapping[str, Any], dist: Mapping[str, Any], published: str) -> Version:
    tarball = sources.rebased(source, address(str(source.config["url"]), str(dist["tarball"])))
    _, divided, file = urlsplit(tarball).path.partition("/-/")
    base = str(source.config["url"]).rstrip("/") + "/"
    beside = tarball.removeprefix(base) if tarball.startswith(base) else tarball.rpartition("/")[2]
    return Version(
        manifest={key: value for key, value in manifest.items() if key not in {"dist", "deprecated"}},
        path=f"{name}/-/{file}" if divided else beside,
        shasum=str(dist.get("shasum", "")),
        integrity=str(dist.get("integrity", "")),
        dist=dist,
        deprecated=str(manifest.get("deprecated") or ""),
        published=published,
        address=tarball,
    )
