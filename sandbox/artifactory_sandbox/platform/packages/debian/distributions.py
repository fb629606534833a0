"""`dists/` and flat indexes as a GET of a repository's plain path answers them: computed, merged, or an upstream's."""

import re
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts import download
from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages import derived, sources
from artifactory_sandbox.platform.packages.debian import index, release, signing
from artifactory_sandbox.platform.packages.debian.index import Distribution
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_INDEX = re.compile(r"(?:Packages|Sources|Contents-\w+|Translation-\w+)(?:\.\w+)?\Z|(?:In)?Release(?:\.gpg)?\Z")
_RELEASES = ("InRelease", "Release", "Release.gpg")
_BY_HASH = "/by-hash/"
_DIST = re.compile(r"dists/(.+?)/(?:(?:In)?Release(?:\.gpg)?\Z|[^/]+/(?:binary-[^/]+|source|i18n)/)")
_TYPES = {".gz": "application/gzip", ".bz2": "application/x-bzip2", ".xz": "application/x-xz"}
Made = bytes | tuple[bytes, str] | None
"""An index, with its media type when its name does not tell it."""


def computed(call: Call, repo: str, path: str) -> Answer | None:
    """An index, None for a package or anything else that is an item."""
    name = path.rpartition("/")[2]
    if not (_INDEX.match(name) or _BY_HASH in path) or call.platform.repositories.find(repo) is None:
        return None
    found = sources.sources(call.platform, call.caller, repo, path, sources.origin(call))
    if len(found) == 1 and found[0].rclass == "remote" and found[0].repo == repo:
        return _upstreams(call, found[0], path)
    dist = _DIST.match(path)
    data = _in_distribution(call, repo, found, dist[1], path) if dist else _flat(call, repo, found, path)
    if isinstance(data, tuple):
        return derived.answer(call, *data)
    kind = next((kind for ending, kind in _TYPES.items() if path.endswith(ending)), "text/plain")
    return None if data is None else derived.answer(call, data, kind)


def _in_distribution(call: Call, repo: str, found: list[Source], dist: str, path: str) -> Made:
    distribution = merged(call.platform, call.platform.repositories.get(repo), found, dist)
    if not distribution.listed:
        return None
    config = call.platform.repositories.get(repo)
    listed = release.files(distribution, config.get("optionalIndexCompressionFormats") or ())
    inside = path.removeprefix(f"dists/{dist}/")
    if inside in _RELEASES:
        date = release.date_of(call.platform, f"{repo}:{dist}", listed)
        said = release.release(dist, listed, date, distribution.components, distribution.architectures)
        return signing.answered(call.platform, config, inside, said, date)
    if _BY_HASH in inside:
        return _by_hash(listed, inside)
    return listed.get(inside)


def _by_hash(listed: dict[str, bytes], path: str) -> bytes | None:
    folder, _, rest = path.partition(_BY_HASH)
    kind, _, value = rest.partition("/")
    if kind not in release.DIGESTS:
        return None
    here = (data for name, data in listed.items() if name.rpartition("/")[0] == folder)
    return next((data for data in here if release.digest(kind, data) == value.lower()), None)


def _flat(call: Call, repo: str, found: list[Source], path: str) -> Made:
    """The trivial layout: every package below the folder of the index."""
    config = call.platform.repositories.get(repo)
    if not any(source.config.get("debianTrivialLayout") for source in found) and not config.get("debianTrivialLayout"):
        return None
    folder, _, name = path.rpartition("/")
    below = f"{folder}/" if folder else ""
    paragraphs = {
        place: one
        for source in reversed(found)
        for place, one in index.stored(call.platform, source).flat.items()
        if place.startswith(below)
    }
    formats = config.get("optionalIndexCompressionFormats") or ()
    listed = release.variants("Packages", index.text(one for _, one in sorted(paragraphs.items())), formats)
    if name not in _RELEASES:
        return listed.get(name)
    date = release.date_of(call.platform, f"{repo}:/{folder}", listed)
    return signing.answered(call.platform, config, name, release.release("", listed, date), date)


def merged(platform: "Platform", config: dict[str, object], found: list[Source], dist: str) -> Distribution:
    """A distribution over repositories in their order; the first that has a package wins."""
    if len(found) == 1 and found[0].rclass != "remote":
        return index.stored(platform, found[0]).distributions.get(dist, Distribution())
    wanted = [one.strip() for one in str(config.get("debianDefaultArchitectures") or "").split(",") if one.strip()]
    whole = Distribution()
    for source in found:
        if source.rclass == "remote":
            _add_upstream(platform, source, dist, wanted, whole)
        one = index.stored(platform, source).distributions.get(dist)
        for (component, architecture), packages in one.listed.items() if one else ():
            for key, paragraph in packages.items():
                whole.add(component, architecture, key, paragraph)
    for (component, architecture), packages in list(whole.listed.items()):
        for other in whole.architectures if architecture == "all" else ():
            for key, paragraph in packages.items():
                whole.add(component, other, key, paragraph)
    return whole


def _add_upstream(platform: "Platform", source: Source, dist: str, wanted: list[str], whole: Distribution) -> None:
    row = _release_of(platform, source, dist)
    if row is None:
        return
    named = _fields(sources.content(platform, row))
    for component in (named.get("Components") or named.get("Component", "")).split():
        for architecture in named.get("Architectures", "").split():
            if wanted and architecture not in wanted:
                continue
            path = f"dists/{dist}/{component}/binary-{architecture}/Packages.gz"
            packages = _upstream_index(platform, source, path)
            data = signing.unpacked(sources.content(platform, packages)) if packages is not None else b""
            for key, paragraph in index.parsed(data):
                whole.add(component, architecture, key, paragraph)


def _fields(data: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in data.decode("utf-8", "replace").splitlines() if line[:1].isalpha())
    return {name: value.strip() for name, _, value in lines}


def _upstreams(call: Call, source: Source, path: str) -> Answer | None:
    """An index of a remote's upstream, as it is."""
    row = _upstream_index(call.platform, source, path)
    if row is None:
        raise Refused(404, "File not found.")
    return download.answer(call, row)


def _upstream_index(platform: "Platform", source: Source, path: str) -> Row | None:
    """Asked for anew as well when the `Release` that is held names another digest than the copy has."""
    kept = platform.artifacts.state.item(source.store, path)
    stale = _BY_HASH not in path and kept is not None and not kept["folder"] and _outdated(platform, source, path, kept)
    if _BY_HASH in path and kept is not None and not kept["folder"]:
        return kept
    return sources.upstream(platform, source, path, path, force=bool(stale))


def _outdated(platform: "Platform", source: Source, path: str, kept: Row) -> bool:
    dist = _DIST.match(path)
    if dist is None or path.removeprefix(f"dists/{dist[1]}/") in _RELEASES:
        return False
    for name in _RELEASES[:2]:
        row = platform.artifacts.state.item(source.store, f"dists/{dist[1]}/{name}")
        if row is not None and not row["folder"]:
            inside = path.removeprefix(f"dists/{dist[1]}/")
            said = sources.content(platform, row).decode("utf-8", "replace")
            listed = {parts[0] for line in said.splitlines() if len(parts := line.split()) == 3 and parts[2] == inside}
            if listed and kept["sha256"] not in listed:
                return True
    return False


def _release_of(platform: "Platform", source: Source, dist: str) -> Row | None:
    for name in _RELEASES[:2]:
        path = f"dists/{dist}/{name}"
        row = sources.upstream(platform, source, path, path)
        if row is not None:
            return row
    return None


_PACKAGES = re.compile(r"dists/(.+)/([^/]+)/binary-([^/]+)/Packages\.gz\Z")


def note_cached(platform: "Platform", source: Source) -> int:
    """Notes on each package in a remote's cache where the indexes that are held list it; how many were noted."""
    where: dict[str, list[tuple[str, str, str]]] = {}
    state = platform.artifacts.state
    for row in state.files(source.store, "dists"):
        place = _PACKAGES.match(row["path"])
        for _, paragraph in index.parsed(signing.unpacked(sources.content(platform, row))) if place else ():
            path = re.search(r"^Filename: *(?:\./)?(.+)$", paragraph, re.MULTILINE)
            if place and path:
                where.setdefault(path[1].strip(), []).append((place[1], place[2], place[3]))
    noted = 0
    for file, places in where.items():
        row_of = state.item(source.store, file)
        if row_of is None or row_of["folder"]:
            continue
        columns = zip(("deb.distribution", "deb.component", "deb.architecture"), zip(*places, strict=True), strict=True)
        wanted: dict[str, list[str] | None] = {name: sorted(set(values)) for name, values in columns}
        platform.artifacts.set_properties(source.store, file, wanted, Origin("_system_"))
        noted += 1
    return noted
