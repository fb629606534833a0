"""What a replication is made of, and what the server refuses (5.1, 5.2)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform import cron
from artifactory_sandbox.platform.web import Refused

COMMON: dict[str, Any] = {
    "cronExp": "",
    "enabled": False,
    "enableEventReplication": False,
    "syncDeletes": False,
    "syncProperties": True,
    "pathPrefix": "",
    "includePathPrefixPattern": "",
    "excludePathPrefixPattern": "",
    "checkBinaryExistenceInFilestore": False,
    "disableProxy": False,
}
PUSH: dict[str, Any] = {
    **COMMON,
    "url": "",
    "username": "",
    "proxyRef": "",
    "syncStatistics": False,
    "socketTimeoutMillis": 15000,
}


def read(sent: Mapping[str, Any], blank: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a request over `blank`; null counts as absent. `proxy` is what answers call `proxyRef`."""
    wanted = {**sent, "proxyRef": sent.get("proxyRef") or sent.get("proxy")}
    made = dict(blank)
    for name, default in blank.items():
        value = wanted.get(name)
        if value is None:
            continue
        if isinstance(default, bool):
            made[name] = value if isinstance(value, bool) else str(value).lower() == "true"
        elif isinstance(default, int):
            made[name] = _number(name, value)
        else:
            made[name] = str(value)
    return made


def check(config: Mapping[str, Any], push: bool, now: int) -> None:
    """Refuses what is missing or wrong."""
    if push:
        check_url(config["url"])
        if not config["username"]:
            raise Refused(400, "username is required")
    if not config["cronExp"]:
        raise Refused(400, "cronExp is required")
    try:
        cron.check(config["cronExp"], now)
    except cron.InvalidCron:
        raise Refused(400, "Invalid cronExp") from None


def by_hand(option: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a request to run now, whose names are not those of a stored one (5.5)."""
    named = {**option, "syncProperties": option.get("properties"), "syncDeletes": option.get("delete")}
    return read(named, PUSH)


def check_url(url: str) -> None:
    """Refuses what is no address of a repository."""
    if not url:
        raise Refused(400, "url is required")
    try:
        parts = urlsplit(url)
        named = parts.hostname
        _ = parts.port
    except ValueError:
        named = None
    if not named or parts.scheme not in {"http", "https"}:
        raise Refused(400, f"Invalid url [{url}]")


def next_run(config: Mapping[str, Any], now: int) -> int | None:
    """When it fires next."""
    return cron.parse(config["cronExp"]).next_after(now) if config["enabled"] else None


def replication_key(repo: str, url: str) -> str:
    """Name of an entry: repository and target, shortened with a digest when longer than 20 characters."""
    text = re.sub(r"[^A-Za-z0-9]", "_", f"{repo}_{url}")
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return text if len(text) <= 20 else text[:20] + digest[:10]


def _number(name: str, value: Any) -> int:
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        raise Refused(400, f"Error parsing json body: '{name}' is not a number") from None
    if not 0 <= number < 1 << 31:
        raise Refused(400, f"Error parsing json body: '{name}' is out of range")
    return number
