"""The simple index as HTML and as JSON, and which of them a client wants."""

import html
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from artifactory_sandbox.platform.clock import iso
from artifactory_sandbox.platform.packages.pypi.entries import Entry
from artifactory_sandbox.platform.web import Answer, Call, Refused
from artifactory_sandbox.platform.web.answer import dumps

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
_OFFERED: Mapping[str, str] = {
    "text/html": "text/html",
    HTML: HTML,
    JSON: JSON,
    "application/vnd.pypi.simple.latest+json": JSON,
    "application/vnd.pypi.simple.latest+html": HTML,
    "text/*": "text/html",
    "*/*": "text/html",
    "application/*": JSON,
}
_HEAD = '<!DOCTYPE html>\n<html>\n<head><title>{title}</title><meta name="pypi:repository-version" content="1.1"/></head>\n<body>\n'
_FOOT = "</body>\n</html>\n"


def wanted(call: Call) -> str:
    """The content type to answer with; a 406 when the client takes none of them. The `+` of `?format=` need not be encoded."""
    asked = call.first("format").replace(" ", "+") or call.headers.get("accept", "") or "*/*"
    best, kind = 0.0, ""
    for part in asked.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((_quality(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        if media.lower() in _OFFERED and quality > best:
            best, kind = quality, _OFFERED[media.lower()]
    if not kind:
        raise Refused(406, "Not Acceptable")
    return kind


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def project_page(kind: str, project: str, entries: Iterable[Entry]) -> Answer:
    """All files of a project."""
    listed = sorted(entries, key=lambda entry: entry.file)
    if kind == JSON:
        shown = {
            "meta": {"api-version": "1.1"},
            "name": project,
            "versions": sorted({entry.version for entry in listed if entry.version}),
            "files": [_described(entry) for entry in listed],
        }
        return Answer(200, dumps(shown), JSON)
    lines = "".join(_anchor(entry) for entry in listed)
    page = _HEAD.format(title=f"Links for {html.escape(project)}") + f"<h1>Links for {html.escape(project)}</h1>\n"
    return Answer(200, (page + lines + _FOOT).encode(), _charset(kind))


def projects_page(kind: str, projects: Mapping[str, str]) -> Answer:
    """All projects."""
    if kind == JSON:
        listed = [{"name": name} for name in projects.values()]
        return Answer(200, dumps({"meta": {"api-version": "1.1"}, "projects": listed}), JSON)
    lines = "".join(f'<a href="{quote(key)}/">{html.escape(name)}</a><br/>\n' for key, name in projects.items())
    return Answer(200, (_HEAD.format(title="Simple Index") + lines + _FOOT).encode(), _charset(kind))


def _charset(kind: str) -> str:
    return f"{kind};charset=utf-8" if kind == "text/html" else kind


def link(entry: Entry) -> str:
    """Address of a file relative to its project's page."""
    return f"../../packages/{quote(entry.path)}"


def _described(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "filename": entry.file,
        "url": link(entry),
        "hashes": entry.hashes,
        "yanked": False if entry.yanked is None else entry.yanked or True,
        "core-metadata": {"sha256": entry.core} if entry.core else False,
        "dist-info-metadata": {"sha256": entry.core} if entry.core else False,
    }
    if entry.requires_python:
        shown["requires-python"] = entry.requires_python
    if entry.size is not None:
        shown["size"] = entry.size
    if entry.uploaded is not None:
        shown["upload-time"] = iso(entry.uploaded)
    return shown


def _anchor(entry: Entry) -> str:
    digest = next((f"#{kind}={value}" for kind, value in entry.hashes.items() if kind == "sha256"), "")
    digest = digest or next((f"#{kind}={value}" for kind, value in entry.hashes.items()), "")
    extras = {
        "data-requires-python": entry.requires_python or None,
        "data-yanked": entry.yanked,
        "data-dist-info-metadata": f"sha256={entry.core}" if entry.core else None,
        "data-core-metadata": f"sha256={entry.core}" if entry.core else None,
    }
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in extras.items() if value is not None)
    return (
        f'<a href="{html.escape(link(entry) + digest)}" rel="internal"{attributes}>{html.escape(entry.file)}</a><br/>\n'
    )
