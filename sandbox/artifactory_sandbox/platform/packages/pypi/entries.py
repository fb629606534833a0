"""The files of a project: read from a repository's items, or from the page of an upstream."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urlsplit

from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.pypi import metadata
from artifactory_sandbox.platform.packages.pypi.names import is_distribution, normalised, parts
from artifactory_sandbox.platform.packages.said import address, json_object
from artifactory_sandbox.platform.packages.sources import Source

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_ACCEPT = {"Accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.1"}
_OURS = re.compile(r"/api/pypi/[^/]+/(?:packages/)?(.+)\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `path` is where the repository keeps it, `address` where an upstream has it."""

    file: str
    project: str
    version: str
    path: str
    hashes: dict[str, str] = field(default_factory=dict)
    requires_python: str = ""
    yanked: str | None = None
    """None for what is not withdrawn, else the reason, which may be empty."""
    size: int | None = None
    uploaded: int | None = None
    core: str = ""
    """SHA-256 of the metadata file."""
    name: str = ""
    summary: str = ""
    address: str = ""


def _of_items(platform: "Platform", source: Source) -> dict[str, list[Entry]]:
    """Entries of all that a repository holds, by normalised project."""
    noted = platform.artifacts.state.properties_below(source.store)
    found: dict[str, list[Entry]] = {}
    for row in sources.files(platform, source):
        if not is_distribution(row["name"]) or row["path"].startswith(".pypi/"):
            continue
        has = noted.get(row["path"], {})
        if "pypi.name" not in has:
            has = {**metadata.described(platform, row), **has}
        if "pypi.name" not in has or "pypi.version" not in has:
            continue
        core = metadata.of(platform, row) if row["name"].endswith(".whl") else None
        yanked = has.get("pypi.yanked", ["false"])[0]
        entry = Entry(
            file=row["name"],
            project=normalised(has["pypi.name"][0]),
            version=has["pypi.version"][0],
            path=row["path"],
            hashes={"sha256": row["sha256"]},
            requires_python=has.get("pypi.requires.python", [""])[0],
            yanked=None
            if yanked == "false"
            else has.get("pypi.yanked.reason", [yanked if yanked != "true" else ""])[0],
            size=row["size"],
            uploaded=row["created"],
            core=core.sha256 if core else "",
            name=has["pypi.name"][0],
            summary=has.get("pypi.summary", [""])[0],
        )
        found.setdefault(entry.project, []).append(entry)
    return found


_stored = sources.Derived(_of_items)


def stored(platform: "Platform", source: Source) -> dict[str, list[Entry]]:
    """Entries of what a repository holds itself, by normalised project."""
    return _stored.of(platform, source)


def of_project(platform: "Platform", found: Iterable[Source], project: str) -> list[Entry]:
    """Files of a project over repositories in their order; the first that has a file of a name wins."""
    entries: dict[str, Entry] = {}
    for source in found:
        listed = upstream(platform, source, project) if source.rclass == "remote" else None
        for entry in stored(platform, source).get(project, []) if listed is None else listed:
            entries.setdefault(entry.file, entry)
    return list(entries.values())


def projects(platform: "Platform", found: Iterable[Source]) -> dict[str, str]:
    """Every project: its normalised name, and how it is written."""
    names: dict[str, str] = {}
    for source in found:
        if source.rclass == "remote":
            for name in _upstream_projects(platform, source):
                names.setdefault(normalised(name), name)
        for project, listed in stored(platform, source).items():
            names.setdefault(project, listed[0].name)
    return dict(sorted(names.items()))


def upstream(platform: "Platform", source: Source, project: str) -> list[Entry] | None:
    """Files of a project as a remote's upstream lists them; None when it does not know, or is away."""
    page = f"{_index(source)}{project}/"
    row = sources.upstream(platform, source, page, f".pypi/{project}.html", headers=_ACCEPT)
    if row is None:
        return None
    found = _read(sources.content(platform, row), page, project)
    return [_placed(source, entry) for entry in found if entry.address and is_distribution(entry.file)]


def _index(source: Source) -> str:
    base = str(source.config.get("pyPIRegistryUrl") or source.config["url"]).rstrip("/")
    suffix = str(source.config.get("pyPIRepositorySuffix") or "simple").strip("/")
    return f"{base}/" if base.endswith(f"/{suffix}") else f"{base}/{suffix}/"


def _upstream_projects(platform: "Platform", source: Source) -> list[str]:
    row = sources.upstream(platform, source, _index(source), ".pypi/simple.html", headers=_ACCEPT)
    if row is None:
        return []
    data = sources.content(platform, row)
    if data.lstrip()[:1] == b"{":
        listed = (json_object(data) or {}).get("projects")
        found = [one.get("name") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return [name for name in found if isinstance(name, str)]
    return [text.strip() for _, text in _links(data) if text.strip()]


def _placed(source: Source, entry: Entry) -> Entry:
    """The entry with the path under which the cache keeps its file."""
    entry = replace(entry, address=sources.rebased(source, entry.address))
    path = unquote(urlsplit(entry.address).path)
    base = str(source.config["url"]).rstrip("/") + "/"
    ours = _OURS.search(path)
    if ours:
        kept = ours[1]
    elif entry.address.startswith(base):
        kept = unquote(urlsplit(entry.address[len(base) :]).path)
    else:
        kept = path
    return replace(entry, path=kept.lstrip("/"))


def _read(data: bytes, page: str, project: str) -> Iterator[Entry]:
    if data.lstrip()[:1] != b"{":
        yield from _from_html(data, page, project)
        return
    listed = (json_object(data) or {}).get("files")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and isinstance(one.get("filename"), str) and isinstance(one.get("url"), str):
            yanked, core = one.get("yanked", False), one.get("core-metadata", one.get("dist-info-metadata"))
            hashes = one.get("hashes")
            yield Entry(
                file=one["filename"],
                project=project,
                version=(parts(one["filename"]) or ("", ""))[1],
                path="",
                hashes={str(kind): str(value) for kind, value in hashes.items()} if isinstance(hashes, dict) else {},
                requires_python=str(one.get("requires-python") or ""),
                yanked=None if yanked is False else yanked if isinstance(yanked, str) else "",
                size=one["size"] if isinstance(one.get("size"), int) else None,
                core=str(core.get("sha256", "")) if isinstance(core, dict) else "",
                name=project,
                address=address(page, one["url"]),
            )


def _from_html(data: bytes, page: str, project: str) -> Iterator[Entry]:
    for attributes, text in _links(data):
        there, fragment = urldefrag(address(page, attributes.get("href") or ""))
        file = text.strip() or unquote(urlsplit(there).path.rpartition("/")[2])
        if not is_distribution(file):
            continue
        kind, _, value = fragment.partition("=")
        core = attributes.get("data-core-metadata") or attributes.get("data-dist-info-metadata") or ""
        yield Entry(
            file=file,
            project=project,
            version=(parts(file) or ("", ""))[1],
            path="",
            hashes={kind: value} if value else {},
            requires_python=attributes.get("data-requires-python") or "",
            yanked=(attributes["data-yanked"] or "") if "data-yanked" in attributes else None,
            core=core.removeprefix("sha256=") if core.startswith("sha256=") else "",
            name=project,
            address=there,
        )


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append((dict(attrs), ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def _links(data: bytes) -> list[tuple[dict[str, str | None], str]]:
    parser = _Anchors()
    parser.feed(data.decode("utf-8", "replace"))
    return parser.found
