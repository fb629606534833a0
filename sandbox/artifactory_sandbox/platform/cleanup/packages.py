"""Which files are one version of one package, by the paths that each package type gives them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts import layouts
from artifactory_sandbox.platform.artifacts.versions import key as version_key
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Named = tuple[str, str]
_IMAGES = frozenset({"docker", "oci", "helmoci"})
_MANIFESTS = ("manifest.json", "list.manifest.json")
_NPM = re.compile(r"(?P<name>(?:@[^/]+/)?[^/]+)/-/(?:@[^/]+/)?[^/]+?-(?P<version>\d[^/]*)\.tgz\Z")
_HELM = re.compile(r"(?:.*/)?(?P<name>[^/]+?)-(?P<version>v?\d+\.\d+[^/]*)\.tgz\Z")
_GO = re.compile(r"(?P<name>.+)/@v/(?P<version>v[^/]+)\.(?:zip|mod|info)\Z")
_DEBIAN = re.compile(r"(?:.*/)?(?P<name>[^/_]+)_(?P<version>[^/_]+)_[^/_]+\.deb\Z")
_NUGET = re.compile(r"(?:.*/)?(?P<name>[^/]+?)\.(?P<version>\d+\.\d+[^/]*)\.nupkg\Z")
_RPM = re.compile(r"(?:.*/)?(?P<name>[^/]+)-(?P<version>[^/-]+-[^/-]+)\.[^/.]+\.rpm\Z")
_CONAN = re.compile(r"(?P<user>[^/]+)/(?P<name>[^/]+)/(?P<version>[^/]+)/(?P<channel>[^/]+)/[^/]+/.+\Z")
_FOLDERS = re.compile(r"(?P<name>[^/]+)/(?P<version>[^/]+)/[^/]+\Z")
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "npm": _NPM,
    "helm": _HELM,
    "go": _GO,
    "debian": _DEBIAN,
    "nuget": _NUGET,
    "rpm": _RPM,
    "yum": _RPM,
    "conan": _CONAN,
    "pypi": _FOLDERS,
}


@dataclass
class Package:
    """One version of a package in one repository."""

    repo: str
    kind: str
    name: str
    version: str
    files: list[Row] = field(default_factory=list)
    folder: str = ""
    """What goes as a whole, such as the folder of an image's tag."""

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(int(row["size"]) for row in self.files)

    @property
    def created(self) -> int:
        """When its last file was deployed."""
        return max(int(row["created"]) for row in self.files)

    @property
    def downloaded(self) -> int:
        """When one of its files was last downloaded; when it was made for one that never was."""
        return max((int(row["downloaded"]) for row in self.files if row["downloaded"]), default=self.created)

    @property
    def newness(self) -> tuple[int, object]:
        """Sorts versions of one package."""
        return self.created, version_key(self.version)


def of(platform: "Platform", repo: str, kind: str) -> list[Package]:
    """Every version of every package of a repository."""
    files = platform.artifacts.state.files(repo)
    if kind in _IMAGES:
        return _images(repo, kind, files)
    config = platform.repositories.find(repo) or {}
    layout = layouts.of(platform, str(config.get("repoLayoutRef") or ""))
    read = _reader(kind, layout.read if layout else None)
    found: dict[Named, Package] = {}
    for row in files:
        name, version = read(row["path"]) or (row["path"], "")
        found.setdefault((name, version), Package(repo, kind, name, version)).files.append(row)
    return list(found.values())


def _reader(kind: str, by_layout: Callable[[str], dict[str, str] | None] | None) -> Callable[[str], Named | None]:
    """How a path tells name and version; a file of a generic repository is a package of its own."""

    def read(path: str) -> Named | None:
        if kind == "generic" or path.startswith("."):
            return None
        if pattern := _PATTERNS.get(kind):
            found = pattern.match(path)
            return (found["name"], found["version"]) if found else None
        fields = by_layout(path) if by_layout else None
        if not fields or not fields.get("module"):
            return None
        name = ":".join(part for part in (fields.get("org"), fields["module"]) if part)
        return name, layouts.revision(fields)

    return read


def _images(repo: str, kind: str, files: Iterable[Row]) -> list[Package]:
    """A tag is a folder with a manifest."""
    rows = list(files)
    found = {}
    for row in rows:
        if row["name"] in _MANIFESTS and "/" in row["parent"]:
            image, _, tag = str(row["parent"]).rpartition("/")
            if not tag.startswith("sha256"):
                found[row["parent"]] = Package(repo, kind, image, tag, folder=row["parent"])
    for row in rows:
        if (package := found.get(row["parent"])) is not None:
            package.files.append(row)
    return list(found.values())
