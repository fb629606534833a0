"""Reading the fields of a request: types, and what merging an update means (2.4)."""

import copy
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.repositories.defaults import LAYOUTS, optional
from artifactory_sandbox.platform.web import Refused

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_CHECKSUM_POLICIES = {"client-checksums", "server-generated-checksums"}
_FETCHED_POLICIES = {"generate-if-absent", "fail", "ignore-and-generate", "pass-thru"}
_IDENTITY = {"key", "rclass", "packageType"}
_STICKY = "remoteRepoLayoutRef"


def merged(current: Mapping[str, Any], sent: Mapping[str, Any], blank: Mapping[str, Any]) -> dict[str, Any]:
    """`current` changed by `sent`: absent keeps, null or "" of a scalar resets to `blank`, an empty array keeps.

    Fields that the server does not know are dropped, as the real one drops them.
    """
    result = copy.deepcopy(dict(current))
    for name, value in sent.items():
        default = blank.get(name, optional(name))
        if name in _IDENTITY or default is None:
            continue
        if isinstance(default, list):
            if value:
                result[name] = _list(name, value)
        elif isinstance(default, dict):
            if value is not None:
                result[name] = _object(name, value, default)
        elif name == _STICKY and not value:
            continue
        else:
            result[name] = copy.deepcopy(default) if value is None or value == "" else _scalar(name, value, default)
    _check(result)
    return result


def _scalar(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, int):
        return _integer(value)
    if isinstance(value, (dict, list)):
        raise Refused(400, f"Error parsing json body: field '{name}' is not a text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if (known := _WORDS.get(str(value).lower())) is not None:
        return known
    raise Refused(400, f"Can't convert value '{value}' to type class java.lang.Boolean")


def _integer(value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        return int(value)
    except (ValueError, TypeError):
        raise Refused(500, f"Error converting from 'String' to 'Integer' For input string: \"{value}\"") from None


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(400, f"Error parsing json body: field '{name}' is not an array")
    return copy.deepcopy(value)


def _object(name: str, value: Any, default: Mapping[str, Any]) -> dict[str, Any]:
    """A sent object replaces the whole: a member that it lacks is false (12.3.4)."""
    if not isinstance(value, dict):
        raise Refused(400, f"Error parsing json body: field '{name}' is not an object")
    made: dict[str, Any] = {}
    for key, blank in default.items():
        sent = value.get(key)
        made[key] = (
            _object(key, sent or {}, blank)
            if isinstance(blank, dict)
            else _boolean(sent if sent is not None else blank)
        )
    return made


def _check(config: Mapping[str, Any]) -> None:
    for name in ("repoLayoutRef", "remoteRepoLayoutRef"):
        layout = config.get(name)
        if layout and layout not in LAYOUTS:
            raise Refused(400, f"Unable to find repository layout by the name: {layout}")
    for name, known in (
        ("checksumPolicyType", _CHECKSUM_POLICIES),
        ("remoteRepoChecksumPolicyType", _FETCHED_POLICIES),
    ):
        policy = config.get(name)
        if policy is not None and policy not in known:
            raise Refused(400, f"No checksum policy type found for type: {policy}")
