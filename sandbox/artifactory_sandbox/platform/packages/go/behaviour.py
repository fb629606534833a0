"""What a repository knows of a module, its own items, those of its members, or its upstream's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.clock import iso, parse_iso
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.go import archive
from artifactory_sandbox.platform.packages.go.versions import escaped, is_pseudo, is_version, latest, order, plain
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_FILE = re.compile(r"(?P<module>.+)/@v/(?P<version>[^/]+)\.(?P<kind>info|mod|zip)\Z")
_PLAIN_REPOSITORY = re.compile(r"(.*/artifactory)/(?!api/)([^/]+)\Z")

_MODS = sources.Remembered(archive.mod)


def file_parts(path: str) -> tuple[str, str, str] | None:
    """Module, version and kind of a path such as `m/@v/v1.0.0.zip`, the first two unescaped."""
    found = _FILE.match(path)
    return (plain(found["module"]), plain(found["version"]), found["kind"]) if found else None


def path_of(module: str, version: str, kind: str) -> str:
    """Where a file of a module is kept."""
    return f"{escaped(module)}/@v/{escaped(version)}.{kind}"


def missing(what: str) -> Refused:
    """404 in the form that the go command prints."""
    return Refused(404, f"not found: {what}", "text")


def listed(platform: Platform, found: list[Source], module: str) -> list[str]:
    """Released versions, sorted; commits are left out, as the protocol wants it."""
    known, names = False, set()
    for source in found:
        own = _versions(platform, source, module)
        if source.rclass == "remote" and (asked := _asked_list(platform, source, module)) is not None:
            known = True
            names.update(asked)
        known = known or bool(own)
        names.update(own)
    if not known:
        raise missing(f"module {module}")
    return sorted((name for name in names if is_version(name) and not is_pseudo(name)), key=order)


def newest(platform: Platform, found: list[Source], module: str) -> dict[str, Any]:
    """The answer of `@latest`."""
    infos: dict[str, dict[str, Any]] = {}
    for source in found:
        own = _versions(platform, source, module)
        if (best := latest(sorted(own))) is not None:
            infos.setdefault(best, _info(platform, source, module, best))
        if source.rclass == "remote" and (asked := _asked_latest(platform, source, module)):
            infos.setdefault(str(asked.get("Version")), asked)
    best = latest(sorted(infos))
    if best is None:
        raise missing(f"module {module}: no versions")
    return infos[best]


def file(platform: Platform, found: list[Source], module: str, version: str, kind: str) -> Row | bytes:
    """A file of a version: kept, fetched, or derived from the archive where only that was published."""
    path = path_of(module, version, kind)
    for source in found:
        row = platform.artifacts.state.item(source.store, path)
        if row is None and source.remote:
            row = _fetched(platform, source, path, version)
        if row is not None and not row["folder"]:
            return row
        if source.rclass != "remote" and (derived := _derived(platform, source, module, version, kind)) is not None:
            return derived
    raise missing(f"{module}@{version}")


def passed_on(platform: Platform, found: list[Source], path: str) -> bytes | None:
    """What a remote's upstream answers about a checksum database; None when no member has an upstream that does."""
    for source in found:
        if not source.remote or platform.configuration.offline:
            continue
        base, auth = base_of(platform, source)
        try:
            with platform.peers.call("GET", f"{base}/{path}", auth=auth) as answer:
                return bytes(answer.content)
        except PeerFailed:
            continue
    return None


def readable(platform: Platform, caller: Caller, repo: str, path: str) -> list[Source]:
    """The repositories behind an address; only those of Go modules."""
    sources.demand_type(platform, repo, "go")
    return sources.sources(platform, caller, repo, path)


def properties(platform: Platform, row: Row) -> dict[str, list[str]]:
    """What a published file says of itself."""
    parts = file_parts(row["path"])
    return {"go.name": [parts[0]], "go.version": [parts[1]]} if parts else {}


def base_of(platform: Platform, source: Source) -> tuple[str, tuple[str, str] | None]:
    """The upstream's proxy: an Artifactory's plain address of a repository names the protocol's one as well."""
    url, auth = platform.repositories.upstream(source.repo)
    found = _PLAIN_REPOSITORY.match(url)
    return (f"{found[1]}/api/go/{found[2]}" if found else url), auth


def _versions(platform: Platform, source: Source, module: str) -> set[str]:
    rows = sources.files(platform, source, f"{escaped(module)}/@v")
    found = (file_parts(row["path"]) for row in rows if row["parent"] == f"{escaped(module)}/@v")
    return {parts[1] for parts in found if parts and is_version(parts[1])}


def _asked_list(platform: Platform, source: Source, module: str) -> list[str] | None:
    path = f"{escaped(module)}/@v/list"
    row = sources.upstream(platform, source, f"{base_of(platform, source)[0]}/{path}", path)
    if row is None:
        return None
    lines = sources.content(platform, row).decode("utf-8", "replace").splitlines()
    return [line.split()[0] for line in lines if line.split()]


def _asked_latest(platform: Platform, source: Source, module: str) -> dict[str, Any] | None:
    path = f"{escaped(module)}/@latest"
    row = sources.upstream(platform, source, f"{base_of(platform, source)[0]}/{path}", path)
    return _object(sources.content(platform, row)) if row is not None else None


def _fetched(platform: Platform, source: Source, path: str, version: str) -> Row | None:
    address = f"{base_of(platform, source)[0]}/{path}"
    if is_version(version):
        return sources.fetched(platform, source, address, path, {})
    return sources.upstream(platform, source, address, path)  # a branch: it moves on


def _derived(platform: Platform, source: Source, module: str, version: str, kind: str) -> bytes | None:
    if kind == "zip" or not is_version(version):
        return None
    packed = platform.artifacts.state.item(source.store, path_of(module, version, "zip"))
    if packed is None:
        return None
    if kind == "info":
        return json.dumps(_info(platform, source, module, version)).encode()
    return _MODS.of(platform, packed) or f"module {module}\n".encode()


def _info(platform: Platform, source: Source, module: str, version: str) -> dict[str, Any]:
    state = platform.artifacts.state
    row = state.item(source.store, path_of(module, version, "info"))
    if row is not None and (shown := _object(sources.content(platform, row))):
        return shown
    rows = (state.item(source.store, path_of(module, version, kind)) for kind in ("zip", "mod"))
    created = next((int(row["created"]) for row in rows if row is not None), 0)
    return {"Version": version, "Time": iso(created)}


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        shown = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return shown if isinstance(shown, dict) and isinstance(shown.get("Version"), str) else None


def check_info(data: bytes, version: str) -> None:
    """Refuses an `.info` file that the go command could not read."""
    shown = _object(data)
    if shown is None or shown["Version"] != version:
        raise Refused(400, f"Invalid Go info file: a JSON object with the Version {version} is expected")
    if "Time" in shown and parse_iso(str(shown["Time"])) is None:
        raise Refused(400, "Invalid Go info file: Time is no date")
