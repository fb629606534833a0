"""What a release bundle is made of: queries, artifacts, builds, packages, other bundles (12.8.1, 12.8.2)."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.builds import contents
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.search import aql
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

BUNDLES = "release-bundles-v2"
_MANIFESTS = ("manifest.json", "list.manifest.json")
_IMAGES = frozenset({"docker", "oci", "helmoci"})


def repository(project: str = "", named: str = "") -> str:
    """Key of the repository that holds the bundles of a project."""
    if named:
        return named
    return BUNDLES if project in {"", "default"} else f"{project}-{BUNDLES}"


def read(sent: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sources of a create request, one source or several, as `[{"source_type", <type>: …}]`."""
    listed = sent.get("sources")
    if listed is None:
        kind, source = str(sent.get("source_type")), sent.get("source")
        if kind not in _KINDS or not isinstance(source, dict):
            raise Refused(400, f"Unknown source type or missing source: {kind[:60]}")
        listed = [{**source, "source_type": kind}]
    if not isinstance(listed, list) or not listed:
        raise Refused(400, "At least one source is required")
    return [_one(source) for source in listed]


def _one(source: Any) -> dict[str, Any]:
    kind = str(source.get("source_type")) if isinstance(source, dict) else ""
    if kind not in _KINDS:
        raise Refused(400, f"Unknown source type: {kind[:60]}")
    value = source.get(kind)
    if kind == "aql":
        if not isinstance(value, str) or not value.strip():
            raise Refused(400, "The source 'aql' must be a query")
    elif not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        raise Refused(400, f"The source '{kind}' must be an array of objects")
    return {"source_type": kind, kind: value}


def files(platform: "Platform", request: Mapping[str, Any], caller: Caller) -> list[dict[str, Any]]:
    """Every file of a bundle once, as its rows keep it; a 400 for a source that yields nothing it should."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for source in request["sources"]:
        kind = source["source_type"]
        for file in _KINDS[kind](platform, source[kind], caller):
            found.setdefault((file["repo"], file["path"]), file)
    if not request.get("skip_docker_manifest_resolution"):
        for file in list(found.values()):
            for sibling in _image_parts(platform, file):
                found.setdefault((sibling["repo"], sibling["path"]), sibling)
    if not found:
        raise Refused(400, "No artifacts were found for the release bundle")
    return list(found.values())


def file_of(platform: "Platform", item: Row) -> dict[str, Any]:
    """An item as a file of a bundle."""
    repo = item["repo"].removesuffix(CACHE_SUFFIX)
    config = platform.repositories.find(item["repo"]) or platform.repositories.find(repo) or {}
    return {
        **{name: item[name] for name in ("repo", "path", "sha1", "sha256", "md5", "size")},
        "package_type": config.get("packageType", "generic"),
        "properties": json.dumps(platform.artifacts.state.properties(item["id"])),
    }


def _from_aql(platform: "Platform", text: str, caller: Caller) -> Iterator[dict[str, Any]]:
    if not text.lstrip().startswith("items.find"):
        raise Refused(400, "Invalid AQL query for Release Bundle creation")
    try:
        rows = aql.query(platform, text, caller).rows
    except Refused as refused:
        raise Refused(400, f"Invalid AQL query for Release Bundle creation: {refused.message}") from None
    for row in rows:
        path = "" if row.get("path") in {".", None} else f"{row['path']}/"
        item = platform.artifacts.state.item(str(row.get("repo")), f"{path}{row.get('name')}")
        if item is not None and not item["folder"]:
            yield file_of(platform, item)


def _from_artifacts(platform: "Platform", listed: list[Mapping[str, Any]], caller: Caller) -> Iterator[dict[str, Any]]:
    for one in listed:
        repo, _, path = str(one.get("path") or "").strip("/").partition("/")
        store = platform.artifacts.store_of(repo) if repo else None
        item = platform.artifacts.state.item(store, path) if store else None
        if item is None or item["folder"] or not platform.security.may(caller, "read", repo, path):
            raise Refused(400, f"Could not find artifact: {str(one.get('path'))[:300]}")
        wanted = one.get("sha256")
        if wanted and str(wanted).lower() != item["sha256"]:
            raise Refused(400, f"The checksum of '{repo}/{path}' is {item['sha256']}, not {str(wanted)[:64]}")
        yield file_of(platform, item)


def _from_builds(platform: "Platform", listed: list[Mapping[str, Any]], caller: Caller) -> Iterator[dict[str, Any]]:
    del caller
    for one in listed:
        name, number = str(one.get("build_name") or ""), str(one.get("build_number") or "")
        repo = platform.builds.repository(named=str(one.get("build_repository") or ""))
        run = platform.builds.run(repo, name, number, str(one.get("build_started") or ""))
        for entry in contents.found(platform, run, dependencies=bool(one.get("include_dependencies"))):
            if entry.item is None:
                if not entry.dependency:
                    raise Refused(400, f"Could not find artifact '{entry.name}' of build '{name}' number '{number}'")
                continue
            yield file_of(platform, entry.item)


def _from_bundles(platform: "Platform", listed: list[Mapping[str, Any]], caller: Caller) -> Iterator[dict[str, Any]]:
    del caller
    for one in listed:
        project = str(one.get("project_key") or one.get("project") or "")
        repo = repository(project, str(one.get("repository_key") or ""))
        name, version = str(one.get("release_bundle_name")), str(one.get("release_bundle_version"))
        bundle = platform.lifecycle.state.bundle(repo, name, version)
        if bundle is None or bundle["status"] != "COMPLETED":
            raise Refused(400, f"Release bundle {name}/{version} was not found in {repo}")
        for row in platform.lifecycle.state.files(bundle["id"]):
            yield {name: row[name] for name in row.keys() if name != "bundle"}  # noqa: SIM118  a row is no dict


def _from_packages(platform: "Platform", listed: list[Mapping[str, Any]], caller: Caller) -> Iterator[dict[str, Any]]:
    for one in listed:
        name, version = str(one.get("package_name") or ""), str(one.get("package_version") or "")
        kind, repo = str(one.get("package_type") or "").lower(), str(one.get("repository_key") or "")
        store = platform.artifacts.store_of(repo) if repo else None
        if not (name and version and kind and store):
            raise Refused(400, "A package needs package_name, package_version, package_type and repository_key")
        found = [
            item
            for item in platform.artifacts.state.files(store)
            if _is_package(platform, item, kind, name, version)
            and platform.security.may(caller, "read", repo, item["path"])
        ]
        if not found:
            raise Refused(400, f"Could not find package {name}:{version} of type {kind} in {repo}")
        yield from (file_of(platform, item) for item in found)


def _is_package(platform: "Platform", item: Row, kind: str, name: str, version: str) -> bool:
    """By the path that the package type gives a version, else by the properties that its protocol sets."""
    path: str = item["path"]
    base = name.rpartition("/")[2]
    places = {
        "npm": f"{name}/-/{base}-{version}.tgz",
        "maven": f"{name.replace(':', '/').replace('.', '/')}/{version}/",
        "gradle": f"{name.replace(':', '/').replace('.', '/')}/{version}/",
        "go": f"{name}/@v/{version}.",
        "helm": f"{name}-{version}.tgz",
    }
    if path.startswith(places.get(kind, f"{name}/{version}/")):
        return True
    properties = platform.artifacts.state.properties(item["id"])
    return name in properties.get(f"{kind}.name", ()) and version in properties.get(f"{kind}.version", ())


def _image_parts(platform: "Platform", file: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The layers and configuration that lie beside an image's manifest."""
    folder, _, name = str(file["path"]).rpartition("/")
    if file["package_type"] not in _IMAGES or name not in _MANIFESTS or not folder:
        return
    for item in platform.artifacts.state.files(file["repo"], folder):
        yield file_of(platform, item)


_KINDS: Mapping[str, Callable[["Platform", Any, Caller], Iterator[dict[str, Any]]]] = {
    "aql": _from_aql,
    "artifacts": _from_artifacts,
    "builds": _from_builds,
    "release_bundles": _from_bundles,
    "packages": _from_packages,
}
