"""`maven-metadata.xml`: read, put together from several, written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers.expat import ExpatError, ParserCreate

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from artifactory_sandbox.platform.packages.maven.layout import SNAPSHOT, order

_LIMIT = 16 * 1024 * 1024


@dataclass(slots=True)
class Metadata:
    """One document: of an artifact, of one snapshot version, or of a group's plug-ins."""

    group: str = ""
    artifact: str = ""
    version: str = ""
    versions: set[str] = field(default_factory=set)
    build: tuple[str, int] | None = None
    """Timestamp and number of the newest unique snapshot; an empty timestamp for a snapshot that is overwritten."""
    files: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """Value and time of update by classifier and extension."""
    plugins: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name and prefix by artifact."""
    updated: str = ""

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.versions or self.build or self.files or self.plugins)


def merged(found: Iterable[Metadata]) -> Metadata | None:
    """One document that says what all of them say; of snapshots the newest build counts."""
    made = None
    for one in found:
        if made is None:
            made = Metadata(one.group, one.artifact, one.version)
        made.group, made.artifact = made.group or one.group, made.artifact or one.artifact
        made.version = made.version or one.version
        made.versions |= one.versions
        if one.build is not None and (made.build is None or one.build > made.build):
            made.build = one.build
        for kind, value in one.files.items():
            if kind not in made.files or made.files[kind][1] < value[1]:
                made.files[kind] = value
        made.plugins = {**one.plugins, **made.plugins}
        made.updated = max(made.updated, one.updated)
    return None if made is None or made.empty else made


def written(shown: Metadata) -> bytes:
    """The document."""
    top = ElementTree.Element("metadata", {"modelVersion": "1.1.0"} if shown.files else {})
    if shown.plugins and not shown.versions:
        _plugins(top, shown)
        return _text(top)
    _add(top, "groupId", shown.group)
    _add(top, "artifactId", shown.artifact)
    if shown.version and not shown.versions:
        _add(top, "version", shown.version)
    versioning = ElementTree.SubElement(top, "versioning")
    if shown.build is not None:
        snapshot = ElementTree.SubElement(versioning, "snapshot")
        if shown.build[0]:
            _add(snapshot, "timestamp", shown.build[0])
        _add(snapshot, "buildNumber", str(shown.build[1]))
    if shown.versions:
        names = sorted(shown.versions, key=order)
        released = [name for name in names if not name.endswith(SNAPSHOT)]
        _add(versioning, "latest", names[-1])
        if released:
            _add(versioning, "release", released[-1])
        listed = ElementTree.SubElement(versioning, "versions")
        for name in names:
            _add(listed, "version", name)
    _add(versioning, "lastUpdated", shown.updated)
    if shown.files:
        _snapshot_versions(versioning, shown)
    return _text(top)


def _snapshot_versions(versioning: ElementTree.Element, shown: Metadata) -> None:
    listed = ElementTree.SubElement(versioning, "snapshotVersions")
    for (classifier, extension), (value, updated) in sorted(shown.files.items()):
        one = ElementTree.SubElement(listed, "snapshotVersion")
        if classifier:
            _add(one, "classifier", classifier)
        _add(one, "extension", extension)
        _add(one, "value", value)
        _add(one, "updated", updated)


def _plugins(top: ElementTree.Element, shown: Metadata) -> None:
    listed = ElementTree.SubElement(top, "plugins")
    for artifact, (name, prefix) in sorted(shown.plugins.items()):
        one = ElementTree.SubElement(listed, "plugin")
        _add(one, "name", name)
        _add(one, "prefix", prefix)
        _add(one, "artifactId", artifact)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text


def _text(top: ElementTree.Element) -> bytes:
    ElementTree.indent(top)
    body = ElementTree.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def parsed(data: bytes) -> Metadata | None:
    """A document of somebody else; None when it is none."""
    top = tree(data)
    if top is None or _name(top) != "metadata":
        return None
    made = Metadata(_of(top, "groupId"), _of(top, "artifactId"), _of(top, "version"))
    for plugin in _all(top, "plugins", "plugin"):
        made.plugins[_of(plugin, "artifactId")] = (_of(plugin, "name"), _of(plugin, "prefix"))
    for versioning in _all(top, "versioning"):
        made.updated = _of(versioning, "lastUpdated")
        made.versions |= {(one.text or "").strip() for one in _all(versioning, "versions", "version")} - {""}
        for snapshot in _all(versioning, "snapshot"):
            number = _of(snapshot, "buildNumber")
            made.build = (_of(snapshot, "timestamp"), int(number) if number.isdecimal() and len(number) < 10 else 0)
        for one in _all(versioning, "snapshotVersions", "snapshotVersion"):
            made.files[_of(one, "classifier"), _of(one, "extension")] = (_of(one, "value"), _of(one, "updated"))
    return made


@dataclass(frozen=True, slots=True)
class Pom:
    """What a project file says of itself; inherited values come from its parent."""

    group: str
    artifact: str
    version: str
    packaging: str
    name: str


def pom(data: bytes) -> Pom | None:
    """A project file; None when it is none."""
    top = tree(data)
    if top is None or _name(top) != "project":
        return None
    parent = next(iter(_all(top, "parent")), None)
    inherited = (_of(parent, "groupId"), _of(parent, "version")) if parent is not None else ("", "")
    return Pom(
        _of(top, "groupId") or inherited[0],
        _of(top, "artifactId"),
        _of(top, "version") or inherited[1],
        _of(top, "packaging") or "jar",
        _of(top, "name"),
    )


def tree(data: bytes) -> ElementTree.Element | None:
    """A parsed document; None when it is malformed or has a document type, which nobody's metadata needs."""
    if len(data) > _LIMIT:
        return None
    try:
        parsed: ElementTree.Element = fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return None
    return parsed


def without_repositories(data: bytes, anywhere: bool) -> bytes:
    """A project file without its references to repositories; those in profiles that are not active stay unless `anywhere`."""
    if tree(data) is None:
        return data
    cuts: list[tuple[int, int]] = []
    above: list[str] = []
    starts: list[int] = []
    parser = ParserCreate()
    active = _active_profiles(data)
    profile = [-1]

    def start(name: str, _: dict[str, str]) -> None:
        if above[-2:] == ["project", "profiles"] and name == "profile":
            profile[0] += 1
        if name in {"repositories", "pluginRepositories"}:
            outside = above == ["project"]
            within = above == ["project", "profiles", "profile"]
            if outside or (within and (anywhere or profile[0] in active)):
                starts.append(parser.CurrentByteIndex)
        above.append(name)

    def end(name: str) -> None:
        above.pop()
        if name in {"repositories", "pluginRepositories"} and starts and above[-1:] in (["project"], ["profile"]):
            closing = data.find(b">", parser.CurrentByteIndex) + 1
            cuts.append((starts.pop(), closing))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except ExpatError:
        return data
    for first, last in reversed(cuts):
        data = data[:first] + data[last:]
    return data


def _active_profiles(data: bytes) -> set[int]:
    """Places of the profiles that are active by default."""
    top = tree(data)
    profiles = _all(top, "profiles", "profile") if top is not None else []
    return {
        place
        for place, one in enumerate(profiles)
        if any(_of(activation, "activeByDefault") == "true" for activation in _all(one, "activation"))
    }


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(element: ElementTree.Element, *names: str) -> list[ElementTree.Element]:
    found = [element]
    for name in names:
        found = [child for one in found for child in one if isinstance(child.tag, str) and _name(child) == name]
    return found


def _of(element: ElementTree.Element, name: str) -> str:
    return next(((one.text or "").strip() for one in _all(element, name)), "")
