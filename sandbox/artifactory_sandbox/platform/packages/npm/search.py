"""`npm search`: over what the repositories hold, and what their upstreams find."""

from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.npm import packages
from artifactory_sandbox.platform.packages.npm.packages import Package, Version
from artifactory_sandbox.platform.packages.sources import Source
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.web import Call

_MOST = 250


def search(call: Call, found: Iterable[Source]) -> dict[str, Any]:
    """The answer of `-/v1/search`: `text` with words, `keywords:`, `author:`, `scope:`."""
    words = call.first("text").lower().split()
    size, start = min(max(call.number("size", 20), 0), _MOST), max(call.number("from", 0), 0)
    hits: dict[str, dict[str, Any]] = {}
    for source in found:
        for package in packages.stored(call.platform, source).values():
            version = package.version("latest")
            if version is not None and all(_meets(package.name, version.manifest, word) for word in words):
                hits.setdefault(package.name, _hit(package, version))
        if sources.reachable(call.platform, source):
            for hit in _upstream(call, source):
                hits.setdefault(str(hit["package"].get("name")), hit)
    listed = sorted(hits.values(), key=lambda hit: str(hit["package"].get("name")))
    return {"objects": listed[start : start + size], "total": len(listed), "time": call.platform.clock.now()}


def _meets(name: str, manifest: Mapping[str, Any], word: str) -> bool:
    field, _, value = word.partition(":")
    keywords = [str(one).lower() for one in manifest.get("keywords") or [] if isinstance(one, str)]
    if value and field == "keywords":
        return any(one in keywords for one in value.split(","))
    if value and field in {"author", "maintainer"}:
        return value in str(manifest.get("author") or "").lower()
    if value and field == "scope":
        return name.lower().startswith(f"@{value}/")
    return any(word in text for text in (name.lower(), str(manifest.get("description") or "").lower(), *keywords))


def _hit(package: Package, version: Version) -> dict[str, Any]:
    manifest = version.manifest
    links = {"npm": "", "homepage": manifest.get("homepage"), "repository": _address(manifest.get("repository"))}
    author = manifest.get("author")
    return {
        "package": {
            "name": package.name,
            "scope": package.name[1:].partition("/")[0] if package.name.startswith("@") else "unscoped",
            "version": manifest.get("version"),
            "description": str(manifest.get("description") or ""),
            "keywords": manifest.get("keywords") or [],
            "date": version.published,
            "links": {name: value for name, value in links.items() if isinstance(value, str) and value},
            "author": author if isinstance(author, dict) else {"name": str(author or "")},
            "publisher": {"username": "", "email": ""},
            "maintainers": manifest.get("maintainers") or [],
        },
        "score": {"final": 1, "detail": {"quality": 1, "popularity": 1, "maintenance": 1}},
        "searchScore": 1,
    }


def _address(repository: Any) -> Any:
    return repository.get("url") if isinstance(repository, dict) else repository


def _upstream(call: Call, source: Source) -> list[dict[str, Any]]:
    base, _ = call.platform.repositories.upstream(source.repo)
    try:
        answer = sources.asked(
            call.platform, source, f"{base}/-/v1/search", params={"text": call.first("text"), "size": "250"}
        )
        listed = answer.json().get("objects", [])
    except (PeerFailed, ValueError, AttributeError):
        return []
    return [hit for hit in listed if isinstance(hit, dict) and isinstance(hit.get("package"), dict)]
