"""Searches by coordinates, read out of paths by the repository's layout: GAVC, versions, the latest version (6.3)."""

from artifactory_sandbox.platform.artifacts import layouts, versions
from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.maven.behaviour import document
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.search.answers import listed, readable, stores
from artifactory_sandbox.platform.search.patterns import glob, like
from artifactory_sandbox.platform.search.state import SearchState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route, json_answer, text

API = "/artifactory/api/search"
_NO_NAMES = frozenset({"", ".", ".."})
"""What is no name of a folder."""


def gavc(call: Call) -> Answer:
    """GAVC Search."""
    if not any(call.first(name).strip() for name in "gavc"):
        raise Refused(400, "The search term cannot be empty: one of g, a, v and c is required")
    rows = [row for row, fields in _found(call) if _matches(call.first("v"), layouts.revision(fields), fields)]
    if wanted := call.first("c"):
        kept = {row["id"] for row, fields in _found(call) if glob(wanted).match(fields.get("classifier", ""))}
        rows = [row for row in rows if row["id"] in kept]
    return listed(call, rows, "GavcSearchResult")


def all_versions(call: Call) -> Answer:
    """Artifact Version Search."""
    found = _versions(call)
    if not found:
        raise Refused(404, "Unable to find artifact versions")
    results = [{"version": one, "integration": versions.is_integration(one)} for one in found]
    return json_answer({"results": results}, kind="search.ArtifactVersionsResult")


def latest(call: Call) -> Answer:
    """Artifact Latest Version Search Based on Layout: of releases, unless the wanted version is an integration."""
    wanted = call.first("v")
    integration = "SNAPSHOT" in wanted
    known = sorted({*_versions(call), *_upstream(call)}, key=versions.key, reverse=True)
    found = [one for one in known if integration or not versions.is_integration(one)]
    if not found:
        raise Refused(404, "Unable to find artifact versions")
    return text(found[0])


def _versions(call: Call) -> list[str]:
    """Versions of a module, the newest first."""
    if not call.first("g").strip() or not call.first("a").strip():
        raise Refused(400, "The 'g' and 'a' parameters are required")
    wanted = call.first("v")
    found = {
        layouts.revision(fields) for _, fields in _found(call) if _matches(wanted, layouts.revision(fields), fields)
    }
    return sorted((one for one in found if one), key=versions.key, reverse=True)


def _upstream(call: Call) -> list[str]:
    """Versions that the metadata of the named repositories' upstreams tell."""
    folder, wanted = f"{call.first('g').strip().replace('.', '/')}/{call.first('a').strip()}", call.first("v")
    found: list[str] = []
    if not _NO_NAMES.isdisjoint(folder.split("/")) or not sources.storable(folder):
        return found
    for repo in (name.strip() for name in call.first("repos").split(",")):
        if call.platform.repositories.class_of(repo) != "remote":
            continue
        behind = sources.sources(call.platform, call.caller, repo, folder)
        shown = document(call.platform, behind, folder)
        found += [one for one in (shown.versions if shown else ()) if not wanted or glob(wanted).match(one)]
    return found


def _matches(wanted: str, revision: str, fields: layouts.Fields) -> bool:
    if not wanted:
        return True
    unique = f"{fields.get('baseRev', '')}-{fields['fileItegRev']}" if fields.get("fileItegRev") else revision
    return bool(glob(wanted).match(revision) or glob(wanted).match(unique))


def _found(call: Call) -> list[tuple[Row, layouts.Fields]]:
    """Files whose path says that they belong to the wanted organisation and module."""
    group, module = call.first("g").strip(), call.first("a").strip()
    pattern = f"%{like(module)}%" if module else f"{like(group.replace('.', '/'))}%"
    rows = SearchState(call.platform.database).pathed(pattern if group or module else "%", stores(call))
    known: dict[str, layouts.Layout | None] = {}
    found: list[tuple[Row, layouts.Fields]] = []
    for row in readable(call, rows):
        repo = row["repo"]
        if repo not in known:
            config = call.platform.repositories.find(repo.removesuffix(CACHE_SUFFIX)) or {}
            known[repo] = layouts.of(call.platform, str(config.get("repoLayoutRef") or ""))
        layout = known[repo]
        fields = layout.read(row["path"]) if layout else None
        if fields is None:
            continue
        if (not group or glob(group).match(fields.get("org", ""))) and (
            not module or glob(module).match(fields.get("module", ""))
        ):
            found.append((row, fields))
    return found


ROUTES = (
    Route("GET", f"{API}/gavc", "6.3", gavc, Needs.CALLER),
    Route("GET", f"{API}/versions", "6.3", all_versions, Needs.CALLER),
    Route("GET", f"{API}/latestVersion", "6.3", latest, Needs.CALLER),
)
