"""The packages of a repository by distribution, component and architecture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.debian import control
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Key = tuple[str, str, str]
"""Package, version, architecture."""
DEFAULT_ARCHITECTURES = ("amd64", "i386")
"""Where packages for all architectures are listed when a distribution has no others."""


@dataclass(slots=True)
class Distribution:
    """Paragraphs of `Packages` by component and architecture, those of architecture `all` among each."""

    listed: dict[tuple[str, str], dict[Key, str]] = field(default_factory=dict)

    @property
    def components(self) -> list[str]:
        """Names of components."""
        return sorted({component for component, _ in self.listed})

    @property
    def architectures(self) -> list[str]:
        """Names of architectures, without `all`."""
        return sorted({architecture for _, architecture in self.listed} - {"all"})

    def packages(self, component: str, architecture: str) -> bytes:
        """`Packages`."""
        return text(self.listed.get((component, architecture), {}).values())

    def add(self, component: str, architecture: str, key: Key, paragraph: str) -> None:
        """Lists a package, unless it is there."""
        self.listed.setdefault((component, architecture), {}).setdefault(key, paragraph)


def text(paragraphs: Iterable[str]) -> bytes:
    """Paragraphs as a file."""
    return "".join(f"{one}\n\n" for one in paragraphs).encode()


@dataclass(slots=True)
class Index:
    """All of a repository."""

    distributions: dict[str, Distribution] = field(default_factory=dict)
    flat: dict[str, str] = field(default_factory=dict)
    """Paragraph of every package by its path, for the trivial layout."""


def _of_items(platform: "Platform", source: Source) -> Index:
    noted = platform.artifacts.state.properties_below(source.store)
    made, everywhere = Index(), []
    for row in sources.files(platform, source):
        found = control.of(platform, row) if row["name"].endswith(control.ENDINGS) else None
        if found is None:
            continue
        paragraph = _paragraph(found, row)
        made.flat[row["path"]] = paragraph
        key = (found.fields["package"], found.fields["version"], found.fields["architecture"])
        for dist, component, architecture in _coordinates(noted.get(row["path"], {})):
            distribution = made.distributions.setdefault(dist, Distribution())
            distribution.add(component, architecture, key, paragraph)
            if architecture == "all":
                everywhere.append((distribution, component, key, paragraph))
    for distribution, component, key, paragraph in everywhere:
        for architecture in distribution.architectures or DEFAULT_ARCHITECTURES:
            distribution.add(component, architecture, key, paragraph)
    return made


def _paragraph(found: control.Control, row: Row) -> str:
    added = f"Filename: {row['path']}\nSize: {row['size']}\nMD5sum: {row['md5']}\nSHA1: {row['sha1']}\nSHA256: {row['sha256']}"
    return f"{found.text}\n{added}"


def _coordinates(has: dict[str, list[str]]) -> Iterator[Key]:
    for dist in has.get("deb.distribution", []):
        for component in has.get("deb.component", []):
            for architecture in has.get("deb.architecture", []):
                yield dist.strip("/"), component, architecture


_stored = sources.Derived(_of_items)


def stored(platform: "Platform", source: Source) -> Index:
    """What a repository holds itself."""
    return _stored.of(platform, source)


def parsed(data: bytes) -> Iterator[tuple[Key, str]]:
    """Packages of another's `Packages`."""
    for block in data.decode("utf-8", "replace").split("\n\n"):
        found = control.paragraph(block)
        if found is not None and found.fields.get("filename"):
            fields = found.fields
            yield (fields["package"], fields["version"], fields["architecture"]), block.strip("\n")
