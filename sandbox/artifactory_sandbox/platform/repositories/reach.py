"""How a remote repository or a replication gets to its other end: patience and proxy (2.8, 5.1)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.peers import TIMEOUT_S

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def way_of(platform: "Platform", config: Mapping[str, Any]) -> dict[str, Any]:
    """`timeout` and `proxy` for `peers.call`, from `socketTimeoutMillis`, `proxy` or `proxyRef`, and `disableProxy`."""
    silence = int(config.get("socketTimeoutMillis") or 0) / 1000 or TIMEOUT_S[1]
    return {"timeout": (min(TIMEOUT_S[0], silence), silence), "proxy": _proxy(platform, config)}


def _proxy(platform: "Platform", config: Mapping[str, Any]) -> str | None:
    """URL of the proxy that a configuration names, "" for none at all; an unknown one is as the site's own."""
    if config.get("disableProxy"):
        return ""
    name = config.get("proxyRef") or config.get("proxy")
    found = (platform.configuration.tree().get("proxies") or {}).get(name) if name else None
    if not isinstance(found, dict) or not found.get("host"):
        return None
    login = f"{quote(str(found['username']))}:{quote(str(found.get('password', '')))}@" if found.get("username") else ""
    return f"http://{login}{found['host']}:{found.get('port', 80)}"
