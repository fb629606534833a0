"""Builds Diff: what two runs of a build have in common and what not (`?diff=`)."""

from collections.abc import Mapping
from typing import Any

_Entries = Mapping[str, Mapping[str, Any]]


def between(newer: Mapping[str, Any], older: Mapping[str, Any]) -> dict[str, Any]:
    """Artifacts, dependencies and properties that were updated, left, removed or are new."""
    properties_now, properties_then = (
        {name: {"key": name, "value": str(value)} for name, value in (info.get("properties") or {}).items()}
        for info in (newer, older)
    )
    return {
        "artifacts": _compared(_entries(newer, "artifacts", "name"), _entries(older, "artifacts", "name"), "sha1"),
        "dependencies": _compared(_entries(newer, "dependencies", "id"), _entries(older, "dependencies", "id"), "sha1"),
        "properties": _compared(properties_now, properties_then, "value"),
    }


def _entries(info: Mapping[str, Any], kind: str, name: str) -> _Entries:
    modules = [module for module in info.get("modules") or [] if isinstance(module, dict)]
    return {
        str(entry.get(name)): entry for module in modules for entry in module.get(kind) or [] if isinstance(entry, dict)
    }


def _compared(now: _Entries, then: _Entries, by: str) -> dict[str, list[Mapping[str, Any]]]:
    both = [name for name in now if name in then]
    return {
        "updated": [
            {**now[name], "diff": then[name].get(by)} for name in both if now[name].get(by) != then[name].get(by)
        ],
        "unchanged": [now[name] for name in both if now[name].get(by) == then[name].get(by)],
        "removed": [entry for name, entry in then.items() if name not in now],
        "new": [entry for name, entry in now.items() if name not in then],
    }
