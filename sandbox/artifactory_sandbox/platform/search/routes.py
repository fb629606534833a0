"""Search calls (6.3)."""

import re
from typing import Any
from urllib.parse import unquote_plus

from artifactory_sandbox.platform.search import aql as language
from artifactory_sandbox.platform.search import dates, maven, packages
from artifactory_sandbox.platform.search.answers import listed, readable, stores, uri
from artifactory_sandbox.platform.search.patterns import like
from artifactory_sandbox.platform.search.state import SearchState
from artifactory_sandbox.platform.security.patterns import ant
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer

API = "/artifactory/api/search"
_KINDS = ("sha256", "sha1", "md5")


def aql(call: Call) -> Answer:
    """Artifactory Query Language."""
    call.platform.artifacts.statistics.flush()
    result = language.query(call.platform, call.text(), call.caller)
    return json_answer({"results": result.rows, "range": result.range})


def by_checksum(call: Call) -> Answer:
    """Checksum Search."""
    for kind in _KINDS:
        if wanted := call.first(kind).strip().lower():
            return listed(call, _state(call).with_checksum(kind, wanted, stores(call)), "ChecksumSearchResult")
    raise Refused(400, "The 'md5', 'sha1' or 'sha256' parameter is required")


def by_name(call: Call) -> Answer:
    """Artifact Search (Quick Search): a part of the file's name, or a pattern."""
    name = call.first("name").strip()
    if not name.strip("*"):
        raise Refused(400, "The 'name' parameter is required")
    pattern = like(name) if "*" in name or "?" in name else f"%{like(name)}%"
    return listed(call, _state(call).named(pattern, stores(call)))


def by_entry(call: Call) -> Answer:
    """Archive Entries Search (Class Search)."""
    name = call.first("name").strip()
    if not name.strip("*"):
        raise Refused(400, "The 'name' parameter is required")
    pattern = like(name) if "*" in name or "?" in name else f"%{like(name)}%"
    found = _state(call).with_entry(pattern, stores(call))
    allowed = {row["id"] for row in readable(call, [row for _, row in found])}
    entries: dict[str, list[str]] = {}
    for entry, row in found:
        if row["id"] in allowed:
            entries.setdefault(entry, []).append(uri(call, row))
    results = [{"entry": entry, "archiveUris": uris} for entry, uris in entries.items()]
    return json_answer({"results": results}, kind="search.ArchiveEntrySearchResult")


def by_property(call: Call) -> Answer:
    """Property Search: every parameter but `repos` is a property; a comma divides values unless it is encoded, and no
    value stands for any."""
    wanted: list[tuple[str, str]] = []
    for name, _, values in (part.partition("=") for part in call.raw_query.decode("latin-1").split("&")):
        if name == "repos" or not name:
            continue
        each = [unquote_plus(value) for value in values.split(",")]
        wanted += [(like(unquote_plus(name)), like(value) if value else "%") for value in each]
    if not wanted:
        raise Refused(400, "No property was specified to search by")
    return listed(call, _state(call).with_properties(wanted, stores(call)), "MetadataSearchResult")


def bad_checksums(call: Call) -> Answer:
    """Artifacts With Wrong or Missing Client Checksums."""
    kind = call.first("type").lower()
    if kind not in _KINDS:
        raise Refused(400, "The 'type' parameter must be one of md5, sha1 and sha256")
    results = []
    for row in readable(call, _state(call).declared(stores(call))):
        client = call.platform.artifacts.declared(row).get(kind, "")
        if client != row[kind]:
            word = kind.capitalize()
            results.append({"uri": uri(call, row), f"server{word}": row[kind], f"client{word}": client})
    return json_answer({"results": results}, kind="search.BadChecksumSearchResult")


def by_pattern(call: Call) -> Answer:
    """Pattern Search: `repository:path/*.jar`; a star stays within one folder, two do not."""
    pattern = call.first("pattern")
    repo, found, wanted = pattern.partition(":")
    if not found or not repo or not wanted:
        raise Refused(400, "The 'pattern' parameter is required, as repository:pattern")
    if call.platform.repositories.class_of(repo) is None:
        raise Refused(404, f"Repository '{repo}' was not found")
    call.platform.security.demand(call.caller, "read", repo, "")
    names = call.platform.repositories.members_of(repo) or [repo]
    keys = [store for name in names if (store := call.platform.artifacts.store_of(name))]
    rows = readable(call, _state(call).pathed(f"{like(_fixed(wanted))}%", keys))
    files = sorted({row["path"] for row in rows if ant(wanted).match(row["path"])})
    shown: dict[str, Any] = {"repoUri": f"{call.artifactory_url}/{repo}", "sourcePattern": pattern, "files": files}
    return json_answer(shown, kind="search.PatternResultFileSet")


def _fixed(pattern: str) -> str:
    """What stands before the first wildcard."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def by_dependency(call: Call) -> Answer:
    """Builds for Dependency: builds that used or made a file with this SHA-1."""
    sha1 = call.first("sha1").strip().lower()
    if not sha1:
        raise Refused(400, "The 'sha1' parameter is required")
    query = {"dependency.sha1" if len(sha1) == 40 else "dependency.md5": sha1}
    return packages.builds(call, query)


def licences(call: Call) -> Answer:
    """License Search, by the property `artifactory.licenses`."""
    flags = {name: call.flag(name, default) for name, default in packages.LICENCE_FLAGS.items()}
    rows = readable(call, _state(call).declared(stores(call)))
    return packages.licences(call, rows, flags)


def _state(call: Call) -> SearchState:
    return SearchState(call.platform.database)


ROUTES = (
    Route("POST", f"{API}/aql", "6.3", aql, Needs.USER),
    Route("GET", f"{API}/checksum", "6.3", by_checksum, Needs.CALLER),
    Route("GET", f"{API}/artifact", "6.3", by_name, Needs.CALLER),
    Route("GET", f"{API}/archive", "6.3", by_entry, Needs.CALLER),
    Route("GET", f"{API}/prop", "12.10.3", by_property, Needs.CALLER),
    Route("GET", f"{API}/badChecksum", "6.3", bad_checksums, Needs.CALLER),
    Route("GET", f"{API}/pattern", "6.3", by_pattern, Needs.CALLER),
    Route("GET", f"{API}/dependency", "6.3", by_dependency, Needs.CALLER),
    Route("GET", f"{API}/license", "6.3", licences, Needs.CALLER),
    *dates.ROUTES,
    *maven.ROUTES,
    *packages.ROUTES,
)
