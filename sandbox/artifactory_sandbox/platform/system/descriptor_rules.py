"""What may not be true together in the descriptor (1.4, 12.6)."""

from collections.abc import Iterator, Mapping
from typing import Any

from artifactory_sandbox.platform.system.descriptor_values import refused

_PROXY_SERVICES = frozenset({"jfrt", "jfmc", "jfxr", "jfds"})
_HOME = "$JFROG_HOME/artifactory"


def check(tree: Mapping[str, Any]) -> None:
    """A 400 for the first rule that is broken."""
    for key, backup in tree["backups"].items():
        _check_backup(f"backups.{key}", backup)
    for key, proxy in tree["proxies"].items():
        _check_proxy(f"proxies.{key}", proxy)
    for name, entry in tree["propertySets"].items():
        for own, entry_property in entry["properties"].items():
            _check_property(f"propertySets.{name}.properties.{own}", entry_property)
    for name, group in tree["security"]["ldapGroupSettings"].items():
        if group["strategy"] == "HIERARCHICAL" and group["subTree"]:
            raise refused(f"security.ldapGroupSettings.{name}", "subTree is not allowed with strategy HIERARCHICAL")
    mail = tree.get("mailServer") or {}
    if mail.get("enabled") and not mail.get("host"):
        raise refused("mailServer", "an enabled mail server needs a host")
    if not tree["repoLayouts"]:
        raise refused("repoLayouts", "at least one layout is needed")
    for name, layout in tree["repoLayouts"].items():
        if layout["distinctiveDescriptorPathPattern"] and not layout.get("descriptorPathPattern"):
            raise refused(f"repoLayouts.{name}", "a distinctive descriptor needs a descriptorPathPattern")
    quota = tree.get("quotaConfig")
    if quota and quota["diskSpaceWarningPercentage"] > quota["diskSpaceLimitPercentage"]:
        raise refused("quotaConfig", "the warning comes after the limit")


def _check_backup(path: str, backup: Mapping[str, Any]) -> None:
    folder = backup.get("dir", "")
    if folder.startswith(_HOME):
        raise refused(f"{path}.dir", f"a directory below {_HOME} is not allowed")
    if folder and (not folder.startswith("/") or folder.startswith("//") or ".." in folder.split("/")):
        raise refused(f"{path}.dir", "an absolute path is expected")


def _check_proxy(path: str, proxy: Mapping[str, Any]) -> None:
    services = {name.strip() for name in proxy.get("services", "").split(",") if name.strip()}
    if unknown := sorted(services - _PROXY_SERVICES):
        raise refused(f"{path}.services", f"unknown service '{unknown[0][:80]}'")
    if services and proxy["platformDefault"]:
        raise refused(path, "services cannot be named for the platform's default proxy")


def _check_property(path: str, entry: Mapping[str, Any]) -> None:
    if entry["multipleChoice"] and not entry["closedPredefinedValues"]:
        raise refused(path, "multipleChoice needs closedPredefinedValues")
    if entry["closedPredefinedValues"] and not entry["predefinedValues"]:
        raise refused(path, "closedPredefinedValues needs predefinedValues")


def one_default_proxy(tree: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """A proxy that has just become the default takes that from the one that was."""
    chosen = [key for key, proxy in tree["proxies"].items() if proxy["platformDefault"]]
    was = {key for key, proxy in before["proxies"].items() if proxy["platformDefault"]}
    new = [key for key in chosen if key not in was] or chosen
    if len(new) > 1:
        raise refused("proxies", f"only one proxy can be the platform's default: {', '.join(new)}")
    for key in chosen:
        tree["proxies"][key]["platformDefault"] = key in new


def gone(before: Mapping[str, Any], after: Mapping[str, Any], section: str) -> Iterator[str]:
    """Keys that a change would remove."""
    yield from before[section].keys() - after[section].keys()
