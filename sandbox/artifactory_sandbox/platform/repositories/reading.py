"""What the read calls print (2.1, 12.2): a configuration, the list, all configurations by class."""

import copy
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.repositories import rules
from artifactory_sandbox.platform.repositories.defaults import UNSET_IS_ABSENT, printed_anyway
from artifactory_sandbox.platform.repositories.package_types import (
    CLASSES,
    class_wanted,
    package_type_of,
    type_shown,
)
from artifactory_sandbox.platform.repositories.state import RepositoryState
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_SHOWN_OTHERWISE = ('"disableProxy": true', *(f'"{name}": ""' for name in UNSET_IS_ABSENT))
_ORDER = {rclass: place for place, rclass in enumerate(CLASSES)}


class Reading:
    """Answers from the stored texts."""

    def __init__(self, platform: "Platform", state: RepositoryState) -> None:
        self._platform = platform
        self._state = state

    def shown(self, config: Mapping[str, Any], whole: bool = True) -> dict[str, Any]:
        """A configuration; `whole` adds the fields of other package types."""
        others = printed_anyway(config["rclass"], config["packageType"]) if whole else {}
        shown = {**others, **copy.deepcopy(dict(config))}
        if shown.get("disableProxy"):
            shown.pop("proxy", None)
        for name in UNSET_IS_ABSENT:
            if not shown.get(name):
                shown.pop(name, None)
        if self._names_the_default_project() and not shown["projectKey"]:
            shown["projectKey"] = "default"
        return shown

    def listed(self, rclass: str, package_type: str, project: str, base: str) -> list[dict[str, Any]]:
        """Get Repositories."""
        wanted = "" if project == "default" else project
        rows = self._state.listed(
            class_wanted(rclass), package_type_of(package_type) if package_type else "", wanted, project == "default"
        )
        return [_entry(row, base) for row in sorted(rows, key=lambda row: (_ORDER[row["rclass"]], row["key"]))]

    def configurations(self, rclasses: Iterable[str], package_types: Iterable[str], projects: Iterable[str]) -> bytes:
        """Get All Repository Configurations, put together from the stored texts; no filter lets everything through."""
        classes = {class_wanted(name) for name in rclasses}
        types = {package_type_of(name) for name in package_types}
        keys = {"" if name == "default" else name for name in projects}
        by_class: dict[str, list[str]] = {rclass: [] for rclass in CLASSES}
        for row in self._state.texts():
            if (
                (not classes or row["rclass"] in classes)
                and (not types or row["package_type"] in types)
                and (not keys or row["project"] in keys)
            ):
                by_class[row["rclass"]].append(self._text(row))
        listed = (
            f"{json.dumps(type_shown(rclass))}:[{','.join(texts)}]" for rclass, texts in by_class.items() if texts
        )
        return f"{{{','.join(listed)}}}".encode()

    def _text(self, row: Row) -> str:
        text: str = row["config"]
        if self._names_the_default_project() or any(one in text for one in _SHOWN_OTHERWISE):
            return json.dumps(self.shown(json.loads(text), whole=False))
        return text

    def _names_the_default_project(self) -> bool:
        """Servers 7.50.x to 7.68.6 (2.7)."""
        version = self._platform.version
        return version.at_least("7.50.0") and not version.at_least("7.68.7")


def as_bytes(entries: Iterable[Mapping[str, str]]) -> bytes:
    """A list of flat objects as the server prints it; thousands in a fraction of the time that the general way takes."""
    text = ", ".join(
        "{\n" + ",\n".join(f'  "{name}" : {encode_basestring(value)}' for name, value in entry.items()) + "\n}"
        for entry in entries
    )
    return f"[ {text} ]".encode() if text else b"[ ]"


def _entry(row: Row, base: str) -> dict[str, Any]:
    remote = row["rclass"] == "remote"
    shown = {
        "key": row["key"],
        "description": row["description"],
        "type": type_shown(row["rclass"]),
        "url": row["url"] if remote else f"{base}/{row['key']}",
        "packageType": rules.display_name(row["package_type"]),
    }
    if remote and row["shared"]:
        shown["configuration"] = f"{base}/api/repositories/{row['key']}/configuration"
    return shown
