"""What repositories know of recipes and packages: derived from their items, or asked of an upstream."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.clock import iso_offset
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.conan.reference import INDEX, MANIFEST, Package, Recipe, of_path
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

INFO = "conaninfo.txt"
_PLAIN_REPOSITORY = re.compile(r"(.*/artifactory)/(?!api/)([^/]+)\Z")
_SYSTEM = Origin("_system_")


def missing(what: str) -> Refused:
    """404 as text, which the client prints."""
    return Refused(404, f"Not found: {what}", "text")


def readable(platform: Platform, caller: Caller, repo: str, path: str = "") -> list[Source]:
    """The repositories behind an address; only those of Conan."""
    sources.demand_type(platform, repo, "conan")
    return sources.sources(platform, caller, repo, path)


def revisions(platform: Platform, found: list[Source], of: Recipe | Package) -> list[dict[str, str]]:
    """Revisions with their times, the latest first."""
    known: dict[str, dict[str, str]] = {}
    for source in found:
        own = {name: {"revision": name, "time": iso_offset(at)} for name, at in _kept(platform, source, of).items()}
        if source.remote and (asked := _asked(platform, source, f"{address(of)}/revisions", f"{of.folder}/{INDEX}")):
            own.update({str(one["revision"]): one for one in asked.get("revisions") or [] if "revision" in one})
        for name, one in own.items():
            known.setdefault(name, one)
    if not known:
        raise missing(str(of))
    return sorted(known.values(), key=lambda one: (one["time"], one["revision"]), reverse=True)


def index(of: Recipe | Package, listed: list[dict[str, str]]) -> dict[str, Any]:
    """The answer about revisions, which is also what the layout's `index.json` holds."""
    if isinstance(of, Package):
        return {"packageReference": str(of), "reference": str(of), "revisions": listed}
    return {"reference": str(of), "revisions": listed}


def files(platform: Platform, found: list[Source], folder: str, asked: str) -> dict[str, Any]:
    """Names of the files of one revision, from the first repository that has it."""
    for source in found:
        rows = sources.files(platform, source, folder)
        names = [row["path"][len(folder) + 1 :] for row in rows]
        if source.remote and (shown := _asked(platform, source, f"{asked}/files", f"{folder}/.files.json")):
            names = list(shown.get("files") or {})
        names = [name for name in names if not name.startswith(".")]
        if names:
            return {"files": {name: {} for name in sorted(names)}}
    raise missing(asked)


def file(platform: Platform, found: list[Source], path: str, asked: str) -> Row:
    """One file, fetched by a remote repository that lacks it."""
    for source in found:
        row = platform.artifacts.state.item(source.store, path)
        if row is None and source.remote:
            row = sources.fetched(platform, source, f"{base_of(platform, source)}/v2/conans/{quote(asked)}", path, {})
        if row is not None and not row["folder"]:
            return row
    raise missing(asked)


def search(platform: Platform, found: list[Source], pattern: str, ignore_case: bool) -> list[str]:
    """Recipes whose reference meets a pattern with `*`."""
    known: set[str] = set()
    for source in found:
        for row in sources.files(platform, source):
            if row["name"] == MANIFEST and (one := of_path(row["path"])) and row["path"].startswith(one.files):
                known.add(_short(one))
        if source.remote:
            query = urlencode({"q": pattern or "*", "ignorecase": str(ignore_case)})
            shown = _called(platform, source, f"search?{query}")
            known.update(str(one).replace("@_/_", "") for one in (shown or {}).get("results") or [])
    return sorted(name for name in known if _meets(name, pattern, ignore_case))


def packages(platform: Platform, found: list[Source], of: Recipe) -> dict[str, dict[str, Any]]:
    """Packages of a recipe revision, each with what its `conaninfo.txt` says."""
    known: dict[str, dict[str, Any]] = {}
    seen = False
    for source in found:
        newest: dict[str, Row] = {}
        for row in sources.files(platform, source, of.revision_folder):
            seen = True
            parts = row["path"][len(of.revision_folder) + 1 :].split("/")
            if parts[0] == "package" and parts[-1] == INFO and len(parts) == 4:
                older = newest.get(parts[1])
                newest[parts[1]] = row if older is None or row["created"] > older["created"] else older
        for package_id, row in newest.items():
            known.setdefault(package_id, _described(sources.content(platform, row)))
        if source.remote and (shown := _called(platform, source, f"{_recipe_address(of)}/search")) is not None:
            seen = True
            for package_id, info in shown.items():
                known.setdefault(package_id, info if isinstance(info, dict) else {})
    if not seen:
        raise missing(str(of))
    return known


def write_indexes(platform: Platform, store: str, of: Recipe | Package) -> None:
    """Keeps the layout's `index.json` what the items say; nothing reads it but people and their scripts."""
    source = Source(store, "local", store, {})
    kept = _kept(platform, source, of)
    path = f"{of.folder}/{INDEX}"
    if not kept:
        platform.artifacts.delete(store, path, _SYSTEM)
        return
    listed = sorted(kept.items(), key=lambda one: (one[1], one[0]), reverse=True)
    shown = index(of, [{"revision": name, "time": iso_offset(at)} for name, at in listed])
    sources.put_bytes(platform, store, path, json.dumps(shown, indent=1).encode(), _SYSTEM)


def properties(platform: Platform, row: Row) -> dict[str, list[str]]:
    """What a deployed file says of itself."""
    one = of_path(row["path"])
    if one is None:
        return {}
    made = {"conan.package.name": [one.name], "conan.package.version": [one.version]}
    if one.user != "_":
        made["conan.package.user"] = [one.user]
        made["conan.package.channel"] = [one.channel]
    if row["name"] == INFO:
        info = _described(sources.content(platform, row, 1024 * 1024))
        for section, prefix in (("settings", "conan.settings"), ("options", "conan.options")):
            pairs = info[section].items()
            made.update({f"{prefix}.{name}": [value] for name, value in pairs if sources.storable(name + value)})
    return made


def address(of: Recipe | Package) -> str:
    """The part of an address below `v2/conans/` that names a reference."""
    if isinstance(of, Package):
        return f"{_recipe_address(of.recipe)}/packages/{of.package_id}"
    return f"{of.name}/{of.version}/{of.user}/{of.channel}"


def base_of(platform: Platform, source: Source) -> str:
    """The upstream's Conan address: an Artifactory's plain address of a repository names it as well."""
    url, _ = platform.repositories.upstream(source.repo)
    found = _PLAIN_REPOSITORY.match(url)
    return f"{found[1]}/api/conan/{found[2]}" if found else url


def _recipe_address(of: Recipe) -> str:
    return f"{of.name}/{of.version}/{of.user}/{of.channel}/revisions/{of.revision}"


def _kept(platform: Platform, source: Source, of: Recipe | Package) -> dict[str, int]:
    """Revisions among the items, by the time that their manifest came."""
    ending = f"/export/{MANIFEST}" if isinstance(of, Recipe) else f"/{MANIFEST}"
    found: dict[str, int] = {}
    for row in sources.files(platform, source, of.folder):
        rest = row["path"][len(of.folder) + 1 :]
        name = rest.partition("/")[0]
        if rest == f"{name}{ending}":
            found[name] = int(row["created"])
    return found


def _asked(platform: Platform, source: Source, end: str, cache_path: str) -> dict[str, Any] | None:
    """A document of the upstream, kept in the cache as long as the repository says."""
    row = sources.upstream(platform, source, f"{base_of(platform, source)}/v2/conans/{end}", cache_path)
    return _object(sources.content(platform, row)) if row is not None else None


def _called(platform: Platform, source: Source, end: str) -> dict[str, Any] | None:
    """An answer of the upstream that is not kept; None when there is none."""
    if platform.configuration.offline:
        return None
    _, auth = platform.repositories.upstream(source.repo)
    try:
        with platform.peers.call("GET", f"{base_of(platform, source)}/v2/conans/{end}", auth=auth) as answer:
            return _object(answer.content)
    except PeerFailed:
        return None


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        shown = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return shown if isinstance(shown, dict) else None


def _short(of: Recipe) -> str:
    return f"{of.name}/{of.version}" if of.user == "_" else str(of)


def _meets(name: str, pattern: str, ignore_case: bool) -> bool:
    if not pattern:
        return True
    wanted = pattern.partition("#")[0]
    texts = {name, name if "@" in name else f"{name}@_/_", name.partition("@")[0], name.partition("/")[0]}
    fold: Callable[[str], str] = str.lower if ignore_case else str
    return any(fnmatch.fnmatchcase(fold(text), fold(wanted)) for text in texts)


def _described(data: bytes) -> dict[str, Any]:
    """The sections of a `conaninfo.txt`, and its text, which is what clients read."""
    text = data.decode("utf-8", "replace")
    sections: dict[str, list[str]] = {}
    current = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            current = line[1:-1]
        elif line and not line.startswith("#"):
            sections.setdefault(current, []).append(line)
    return {
        "settings": _pairs(sections.get("settings", ())),
        "options": _pairs(sections.get("options", ())),
        "full_requires": sections.get("full_requires", sections.get("requires", [])),
        "recipe_hash": (sections.get("recipe_hash") or [""])[0],
        "content": text,
    }


def _pairs(lines: Iterable[str]) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)}
