"""Packuments: the whole and the abbreviated one, a single version's manifest."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.platform.packages.npm.names import rank
from artifactory_sandbox.platform.packages.npm.packages import Package, Version
from artifactory_sandbox.platform.web import Answer, Call
from artifactory_sandbox.platform.web.answer import dumps

ABBREVIATED = "application/vnd.npm.install-v1+json"
_KEPT = (
    *("name", "version", "deprecated", "dependencies", "optionalDependencies", "devDependencies", "bundleDependencies"),
    *("peerDependencies", "peerDependenciesMeta", "acceptDependencies", "bin", "directories", "dist", "engines"),
    *("_hasShrinkwrap", "hasInstallScript", "cpu", "os", "libc", "funding"),
)
_OF_PACKAGE = ("description", "homepage", "keywords", "repository", "author", "bugs", "license", "maintainers")
_INSTALLS = {"preinstall", "install", "postinstall"}


def packument(call: Call, package: Package) -> Answer:
    """All versions; abbreviated when the client asks for that."""
    base = f"{call.artifactory_url}/api/npm/{call.args['repo']}"
    numbers = sorted(package.versions, key=rank)
    versions = {number: manifest(package.versions[number], base) for number in numbers}
    if ABBREVIATED in call.headers.get("accept", ""):
        shown: dict[str, Any] = {
            "name": package.name,
            "modified": package.modified,
            "dist-tags": package.tags,
            "versions": {number: _short(found) for number, found in versions.items()},
        }
        return _conditional(call, dumps(shown), ABBREVIATED)
    latest = versions.get(package.tags.get("latest", ""), versions[numbers[-1]])
    newest = package.version("latest")
    shown = {
        "_id": package.name,
        "_rev": revision(package),
        "name": package.name,
        "dist-tags": package.tags,
        "versions": versions,
        "time": {
            "created": package.created,
            "modified": package.modified,
            **{number: package.versions[number].published for number in numbers},
        },
        "users": {},
        "readme": newest.readme if newest else "",
        "readmeFilename": "README.md" if newest and newest.readme else "",
        **{name: latest[name] for name in _OF_PACKAGE if name in latest},
    }
    return _conditional(call, dumps(shown), "application/json")


def revision(package: Package) -> str:
    """A mark that changes with the package."""
    text = repr((package.modified, sorted(package.versions), sorted(package.tags.items())))
    return f"{len(package.versions)}-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def manifest(version: Version, base: str) -> dict[str, Any]:
    """One version as the registry shows it, with its tarball's address at this platform."""
    shown = {name: value for name, value in version.manifest.items() if name != "readme"}
    shown["_id"] = f"{shown.get('name')}@{shown.get('version')}"
    shown["dist"] = {
        **version.dist,
        "tarball": f"{base}/{quote(version.path, safe='/@~+')}",
        "shasum": version.shasum,
        **({"integrity": version.integrity} if version.integrity else {}),
    }
    if isinstance(shown.get("bin"), str):
        shown["bin"] = {str(shown["name"]).rpartition("/")[2]: shown["bin"]}
    scripts = shown.get("scripts")
    if isinstance(scripts, Mapping) and _INSTALLS & scripts.keys():
        shown["hasInstallScript"] = True
    if version.deprecated:
        shown["deprecated"] = version.deprecated
    return shown


def _short(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in _KEPT if name in shown}


def _conditional(call: Call, body: bytes, media: str) -> Answer:
    tag = hashlib.sha1(body, usedforsecurity=False).hexdigest()
    known = {one.strip().removeprefix("W/").strip('"') for one in call.headers.get("if-none-match", "").split(",")}
    headers = {"ETag": f'"{tag}"', "Vary": "Accept"}
    return Answer(304, headers=headers) if tag in known else Answer(200, body, media, headers)
