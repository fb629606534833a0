"""Merging what a request sends into a configuration (2.4), and the values that a field may have."""

import copy
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.web import Refused

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_IDENTITY = frozenset({"key", "rclass", "packageType", "type"})
_STICKY = frozenset({"remoteRepoLayoutRef", "defaultDeploymentRepo"})
"""An empty value does not clear them (2.4)."""
_HEADERS = "customHttpHeaders"
_MOST_HEADERS = 5
_LARGEST = (1 << 63) - 1

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "snapshotVersionBehavior": ("unique", "non-unique", "deployer"),
    "pomRepositoryReferencesCleanupPolicy": ("discard_active_reference", "discard_any_reference", "nothing"),
    "dockerApiVersion": ("V1", "V2"),
    "terraformType": ("", "module", "provider"),
    "vcsGitProvider": (
        *("", "GITHUB", "GITHUBENTERPRISE", "BITBUCKET", "OLDSTASH", "STASH", "ARTIFACTORY", "GITLAB", "CUSTOM"),
    ),
}
_CHECKSUM_POLICIES: Mapping[str, tuple[str, ...]] = {
    "checksumPolicyType": ("client-checksums", "server-generated-checksums"),
    "remoteRepoChecksumPolicyType": ("generate-if-absent", "fail", "ignore-and-generate", "pass-thru"),
}
_COMPRESSIONS = {"bz2", "lzma", "xz"}


def merged(
    current: Mapping[str, Any], sent: Mapping[str, Any], blank: Mapping[str, Any], extra: Mapping[str, Any]
) -> dict[str, Any]:
    """`current` changed by `sent`: absent keeps, null or "" of a scalar resets to `blank`, an empty array keeps.

    `extra` are fields that are there only once they were sent. What the server does not know is dropped.
    """
    result = copy.deepcopy(dict(current))
    for name, value in sent.items():
        default = blank.get(name, extra.get(name))
        if name in _IDENTITY or default is None:
            continue
        if isinstance(default, list):
            if value:
                result[name] = _headers(value) if name == _HEADERS else _list(name, value)
        elif isinstance(default, dict):
            if value is not None:
                result[name] = _object(name, value, default)
        elif name in _STICKY and not value:
            continue
        else:
            result[name] = copy.deepcopy(default) if value is None or value == "" else _scalar(name, value, default)
    _check(result)
    return result


def _scalar(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        return _boolean(value)
    if isinstance(default, int):
        return _integer(name, value)
    if isinstance(value, (dict, list)):
        raise Refused(400, f"Error parsing json body: field '{name}' is not a text")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if (known := _WORDS.get(str(value).lower())) is not None:
        return known
    raise Refused(400, f"Can't convert value '{str(value)[:100]}' to type class java.lang.Boolean")


def _integer(name: str, value: Any) -> int:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        said = f"Error converting from 'String' to 'Integer' For input string: \"{str(value)[:100]}\""
        raise Refused(500, said) from None
    if not -_LARGEST <= number <= _LARGEST:
        raise Refused(400, f"The field '{name}' must be a number of at most 64 bits")
    return number


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or (name != "members" and not all(isinstance(one, str) for one in value)):
        raise Refused(400, f"Error parsing json body: field '{name}' is not an array of texts")
    return copy.deepcopy(value)


def _headers(value: Any) -> list[dict[str, Any]]:
    """Up to five `{name, value, sensitive}` (12.3.4)."""
    if not isinstance(value, list) or not all(isinstance(one, dict) and one.get("name") for one in value):
        raise Refused(400, f"Error parsing json body: field '{_HEADERS}' is not an array of headers")
    if len(value) > _MOST_HEADERS:
        raise Refused(400, f"At most {_MOST_HEADERS} custom HTTP headers are allowed")
    return [
        {
            "name": str(one["name"]),
            "value": str(one.get("value") or ""),
            "sensitive": _boolean(one.get("sensitive", False)),
        }
        for one in value
    ]


def _object(name: str, value: Any, default: Mapping[str, Any]) -> dict[str, Any]:
    """A sent object replaces the whole: a member that it lacks is false (12.3.4)."""
    if not isinstance(value, dict):
        raise Refused(400, f"Error parsing json body: field '{name}' is not an object")
    made: dict[str, Any] = {}
    for key, blank in default.items():
        sent = value.get(key)
        made[key] = (
            _object(key, {} if sent is None else sent, blank)
            if isinstance(blank, dict)
            else _boolean(sent if sent is not None else blank)
        )
    return made


def _check(config: Mapping[str, Any]) -> None:
    for name, known in _CHECKSUM_POLICIES.items():
        policy = config.get(name)
        if policy is not None and policy not in known:
            raise Refused(400, f"No checksum policy type found for type: {policy}")
    for name, known in _CHOICES.items():
        value = config.get(name)
        if value is not None and str(value).lower() not in {one.lower() for one in known}:
            raise Refused(400, f"Invalid value '{value}' for the field '{name}'")
    if strange := set(config.get("optionalIndexCompressionFormats") or ()) - _COMPRESSIONS:
        raise Refused(400, f"Invalid index compression format: {sorted(strange)[0]}")
