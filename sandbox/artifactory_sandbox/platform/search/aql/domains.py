"""The domains of the language: their tables, fields, and how one leads to the next. Data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "date", "type"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field: SQL over `{t}`, the alias of its domain's table, and what it holds."""

    sql: str
    kind: Kind = "text"
    shown: bool = True
    """Whether a bare `include` of the domain, or none, shows it."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A table of the language."""

    name: str
    table: str
    fields: Mapping[str, Field]
    links: Mapping[str, tuple[str, str]]
    """By name: the domain, and the condition over `{a}` here and `{b}` there."""
    plural: str
    prefix: str = ""
    """Before a field's name in results."""
    key: str = ""
    """Column that tells rows apart; empty where only all fields together do."""


def _texts(*names: str) -> dict[str, Field]:
    return {name: Field(f"{{t}}.{name}") for name in names}


_DATE: Kind = "date"
_ITEM: Mapping[str, Field] = {
    "repo": Field("{t}.repo"),
    "path": Field("CASE WHEN {t}.parent = '' THEN '.' ELSE {t}.parent END"),
    "name": Field("CASE WHEN {t}.path = '' THEN '.' ELSE {t}.name END"),
    "type": Field("CASE WHEN {t}.folder = 1 THEN 'folder' ELSE 'file' END", "type"),
    "size": Field("{t}.size", "number"),
    "created": Field("{t}.created", _DATE),
    "created_by": Field("{t}.created_by"),
    "modified": Field("{t}.modified", _DATE),
    "modified_by": Field("{t}.modified_by"),
    "updated": Field("{t}.updated", _DATE),
    "depth": Field("{t}.depth", "number", shown=False),
    "actual_md5": Field("{t}.md5", shown=False),
    "actual_sha1": Field("{t}.sha1", shown=False),
    "sha256": Field("{t}.sha256", shown=False),
    "original_md5": Field("{t}.md5", shown=False),
    "original_sha1": Field("{t}.sha1", shown=False),
    "virtual_repos": Field("{t}.repo", shown=False),
    "id": Field("{t}.id", "number", shown=False),
}
_REMOTE = "(SELECT {what} FROM remote_statistics WHERE remote_statistics.item = {{t}}.id)"
_STAT: Mapping[str, Field] = {
    "downloaded": Field("{t}.downloaded", _DATE),
    "downloads": Field("{t}.downloads", "number"),
    "downloaded_by": Field("{t}.downloaded_by"),
    "remote_downloads": Field(_REMOTE.format(what="COALESCE(SUM(downloads), 0)"), "number"),
    "remote_downloaded": Field(_REMOTE.format(what="MAX(downloaded)"), _DATE),
    "remote_downloaded_by": Field(_REMOTE.format(what="MAX(downloaded_by)")),
    "remote_origin": Field(_REMOTE.format(what="MAX(origin)")),
    "remote_path": Field(_REMOTE.format(what="MAX(path)")),
}
_PAIR: Mapping[str, Field] = {"key": Field("{t}.name"), "value": Field("{t}.value")}
_SAME = "{a}.id = {b}.id"

DOMAINS: Mapping[str, Domain] = {
    domain.name: domain
    for domain in (
        Domain(
            "item",
            "items",
            _ITEM,
            {
                "property": ("item.property", "{b}.item = {a}.id"),
                "stat": ("stat", _SAME),
                "archive": ("archive", "{b}.sha1 = {a}.sha1"),
                "artifact": ("artifact", "{b}.sha1 = {a}.sha1"),
                "dependency": ("dependency", "{b}.sha1 = {a}.sha1"),
                "release_artifact": ("release_artifact", "{b}.repo = {a}.repo AND {b}.path = {a}.path"),
            },
            "items",
            key="id",
        ),
        Domain("item.property", "properties", _PAIR, {"item": ("item", "{b}.id = {a}.item")}, "properties"),
        Domain("stat", "items", _STAT, {"item": ("item", _SAME)}, "stats", key="id"),
        Domain(
            "archive",
            "archives",
            {},
            {"entry": ("entry", "{b}.sha1 = {a}.sha1"), "item": ("item", "{b}.sha1 = {a}.sha1")},
            "archives",
        ),
        Domain(
            "entry",
            "archive_entries",
            _texts("path", "name"),
            {"archive": ("archive", "{b}.sha1 = {a}.sha1")},
            "entries",
            "entry.",
        ),
        Domain(
            "artifact",
            "build_artifacts",
            _texts("name", "type", "sha1", "md5"),
            {"module": ("module", "{b}.id = {a}.module"), "item": ("item", "{b}.sha1 = {a}.sha1")},
            "artifacts",
            "artifact.",
        ),
        Domain(
            "dependency",
            "build_dependencies",
            _texts("name", "scope", "type", "sha1", "md5"),
            {"module": ("module", "{b}.id = {a}.module"), "item": ("item", "{b}.sha1 = {a}.sha1")},
            "dependencies",
            "dependency.",
        ),
        Domain(
            "module",
            "build_modules",
            _texts("name"),
            {
                "artifact": ("artifact", "{b}.module = {a}.id"),
                "dependency": ("dependency", "{b}.module = {a}.id"),
                "build": ("build", "{b}.id = {a}.build"),
                "property": ("module.property", "{b}.module = {a}.id"),
            },
            "modules",
            "module.",
            key="id",
        ),
        Domain(
            "module.property",
            "build_module_properties",
            _PAIR,
            {"module": ("module", "{b}.id = {a}.module")},
            "properties",
        ),
        Domain(
            "build",
            "builds",
            {
                **_texts("url", "name", "number"),
                "started": Field("{t}.started_ms", _DATE),
                "created": Field("{t}.created", _DATE),
                "created_by": Field("{t}.created_by"),
                "modified": Field("{t}.modified", _DATE),
                "modified_by": Field("{t}.modified_by"),
                "repo": Field("{t}.repo", shown=False),
            },
            {
                "module": ("module", "{b}.build = {a}.id"),
                "property": ("build.property", "{b}.build = {a}.id"),
                "promotion": ("promotion", "{b}.build = {a}.id"),
            },
            "builds",
            "build.",
            key="id",
        ),
        Domain("build.property", "build_properties", _PAIR, {"build": ("build", "{b}.id = {a}.build")}, "properties"),
        Domain(
            "promotion",
            "build_promotions",
            {
                "created": Field("{t}.created", _DATE),
                **_texts("created_by", "status", "repo", "comment"),
                "user": Field("{t}.user_name"),
            },
            {"build": ("build", "{b}.id = {a}.build")},
            "promotions",
            "promotion.",
        ),
        Domain(
            "release",
            "release_bundles",
            {
                **_texts("name", "version", "status"),
                "created": Field("{t}.created", _DATE),
                "created_by": Field("{t}.created_by"),
                "repo": Field("{t}.repo", shown=False),
            },
            {"release_artifact": ("release_artifact", "{b}.bundle = {a}.id")},
            "releases",
            "release.",
            key="id",
        ),
        Domain(
            "release_artifact",
            "release_bundle_files",
            {**_texts("repo", "path", "sha1", "sha256"), "size": Field("{t}.size", "number")},
            {
                "release": ("release", "{b}.id = {a}.bundle"),
                "item": ("item", "{b}.repo = {a}.repo AND {b}.path = {a}.path"),
            },
            "release_artifacts",
            "release_artifact.",
        ),
    )
}

ROOTS: Mapping[str, str] = {
    "items": "item",
    "item": "item",
    "builds": "build",
    "build": "build",
    "modules": "module",
    "artifacts": "artifact",
    "dependencies": "dependency",
    "archives": "archive",
    "entries": "entry",
    "archive.entries": "entry",
    "archiveentries": "entry",
    "properties": "item.property",
    "item.properties": "item.property",
    "statistics": "stat",
    "stats": "stat",
    "promotions": "promotion",
    "build.promotions": "promotion",
    "build.properties": "build.property",
    "buildproperties": "build.property",
    "module.properties": "module.property",
    "moduleproperties": "module.property",
    "release": "release",
    "releases": "release",
    "release_artifact": "release_artifact",
    "release_artifacts": "release_artifact",
}
PAIRS = frozenset({"item.property", "build.property", "module.property"})
"""Domains of properties: each criterion on them may be met by another row, unless `$msp` ties them together."""
