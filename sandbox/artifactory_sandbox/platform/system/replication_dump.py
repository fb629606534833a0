"""Replications in the descriptor's XML, where they are only shown, and in an export (1.3, 1.8)."""

import json
import xml.etree.ElementTree as ET  # only to write
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.replication import config as replication_config

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

_KINDS = {"PULL": ("remoteReplications", "remoteReplication"), "PUSH": ("localReplications", "localReplication")}


def elements(platform: "Platform") -> dict[str, ET.Element]:
    """The two lists, by the name of their element."""
    made = {section: ET.Element(section) for section, _ in _KINDS.values()}
    for entry in dump(platform):
        section, name = _KINDS[entry["kind"]]
        element = ET.SubElement(made[section], name)
        shown = {**entry["config"], "repoKey": entry["repo"], "password": entry["password"]}
        for field, value in shown.items():
            if value not in {"", None} and not isinstance(value, (dict, list)):
                ET.SubElement(element, field).text = str(value).lower() if isinstance(value, bool) else str(value)
    return made


def dump(platform: "Platform") -> list[dict[str, Any]]:
    """Every replication, its password encrypted while the key encryption is on."""
    encrypt = platform.configuration.encryption.encrypt
    names = ("repo", "url", "kind", "replication_key", "enabled", "on_event")
    return [
        {
            **{name: row[name] for name in names},
            "config": json.loads(row["config"]),
            "password": encrypt(row["password"]) if row["password"] else "",
        }
        for row in platform.replication.state.all()
        if row["kind"] in _KINDS
    ]


def problem(found: Any) -> str | None:
    """Why this is no such list; None when it is one."""
    if not isinstance(found, list):
        return "it is no list"
    for entry in found:
        fields = entry if isinstance(entry, dict) else {}
        texts = all(isinstance(fields.get(name), str) for name in ("repo", "url", "replication_key", "password"))
        if not texts or fields.get("kind") not in _KINDS or not isinstance(fields.get("config"), dict):
            return "an entry is no replication"
    return None


def restore(platform: "Platform", found: list[dict[str, Any]]) -> None:
    """Puts the replications of an import in place, for repositories that it has."""
    decrypt, now = platform.configuration.encryption.decrypt, platform.clock.now()
    for entry in found:
        if platform.repositories.class_of(entry["repo"]) is None:
            continue
        due = replication_config.next_run(entry["config"], now) if entry["config"].get("cronExp") else None
        platform.replication.state.put(
            {
                **entry,
                "password": decrypt(entry["password"]),
                "enabled": bool(entry.get("enabled")),
                "on_event": bool(entry.get("on_event")),
                "next_run": due,
            }
        )
