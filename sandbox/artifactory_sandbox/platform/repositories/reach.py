"""How a remote repository or a replication gets to its other end: patience and proxy (2.8, 5.1)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from artifactory_sandbox.platform.peers import TIMEOUT_S

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


_LONGEST_S = 100 * 365 * 24 * 3600
_MOST_PATIENT_S = 24 * 3600


def period_ms(config: Mapping[str, Any], name: str) -> int:
    """A period of a definition, in milliseconds: its field takes any number of seconds, a century and nothing bound it."""
    return max(0, min(int(config.get(name) or 0), _LONGEST_S)) * 1000


def way_of(platform: "Platform", config: Mapping[str, Any]) -> dict[str, Any]:
    """`timeout` and `proxy` for `peers.call`, from `socketTimeoutMillis`, `proxy` or `proxyRef`, and `disableProxy`."""
    wanted = max(0, min(int(config.get("socketTimeoutMillis") or 0) / 1000, _MOST_PATIENT_S))
    silence = wanted or TIMEOUT_S[1]
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
