"""Comparing, projecting and renaming property values."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artifactory_sandbox.aws_plugin.wire import SIGNATURE, UNKNOWN

ORDERED = frozenset({"actions", "defaultActions", "networkInterfaces", "terminationPolicies"})
"""Lists whose order means something to AWS; all other lists of the table's types are sets."""


def same(one: Any, other: Any, key: str = "") -> bool:
    """Equal for AWS: documents by value, sets whatever their order, numbers and flags also as text."""
    if one is UNKNOWN or other is UNKNOWN:
        return False
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if SIGNATURE in one and SIGNATURE in other:  # a file: by its digest, wherever it lies
            return same(one.get("hash"), other.get("hash"))
        return all(same(one.get(part), other.get(part), part) for part in one.keys() | other.keys())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and (_pairwise(one, other) or (key not in ORDERED and _as_sets(one, other)))
    return bool(one == other) or _text(one) == _text(other) or same_document(one, other)


def _text(value: Any) -> Any:
    """Numbers and flags as the texts that some properties have instead."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _pairwise(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(same(*pair) for pair in zip(one, other, strict=True))


def _as_sets(one: Sequence[Any], other: Sequence[Any]) -> bool:
    left = list(other)
    for part in one:
        match = next((index for index, candidate in enumerate(left) if same(part, candidate)), None)
        if match is None:
            return False
        del left[match]
    return True


def same_document(one: Any, other: Any) -> bool:
    """Both are JSON objects of one value; policies also come with a list of one where a text stood."""
    left, right = _document(one), _document(other)
    return left is not None and left == right


def _document(value: Any) -> Any:
    if isinstance(value, str):
        if not value.lstrip().startswith("{"):
            return None
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return _canonical(value)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(part) for key, part in value.items()}
    if isinstance(value, list):
        parts = [_canonical(part) for part in value]
        return parts[0] if len(parts) == 1 else sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
    return value


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Paths at which `new` differs and how: `add`, `delete` or `update`. An unknown part differs."""
    key = path.rpartition(".")[2]
    if same(old, new, key):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and SIGNATURE not in old:
        for part in sorted(old.keys() | new.keys()):
            yield from differences(old.get(part), new.get(part), _joined(path, part))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{path}[{index}]")
    else:
        yield path, "add" if old is None else "delete" if new is None else "update"


def _joined(path: str, key: str) -> str:
    if not key.replace("_", "").isalnum():
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def project(cloud: Any, declared: Any, key: str = "") -> Any:
    """What the cloud has, in the words of the declaration: only its keys; the same value keeps its text and order."""
    if same(cloud, declared, key):
        return declared
    if isinstance(cloud, Mapping) and isinstance(declared, Mapping):
        return {
            part: project(cloud[part], declared[part], part) if part in cloud else declared[part]
            for part in declared
            if part not in cloud or cloud[part] is not None
        }
    if isinstance(cloud, list) and isinstance(declared, list):
        return _project_list(cloud, declared, key)
    return cloud


def _project_list(cloud: list[Any], declared: list[Any], key: str) -> list[Any]:
    if len(cloud) == len(declared) and all(isinstance(part, Mapping) for part in declared):
        pairs = zip(_paired(cloud, declared), declared, strict=True)
        return [project(part, wanted) for part, wanted in pairs]
    kept = [wanted for wanted in declared if any(same(part, wanted, key) for part in cloud)]
    return kept + [part for part in cloud if not any(same(part, wanted, key) for wanted in declared)]


def _paired(cloud: list[Any], declared: list[Any]) -> list[Any]:
    """The cloud's elements, each at the place of the declared one it agrees with most."""
    left, found = list(cloud), []
    for wanted in declared:
        best = max(range(len(left)), key=lambda index: _agreement(left[index], wanted))
        found.append(left.pop(best))
    return found


def _agreement(part: Any, wanted: Mapping[str, Any]) -> int:
    if not isinstance(part, Mapping):
        return -1
    return sum(same(project(part.get(key), value, key), value, key) for key, value in wanted.items())


def pascal(value: Any, renames: Mapping[str, str] | None = None) -> Any:
    """A Pulumi value under boto3's names: first letter large, or as `renames` has it. Keys of maps are renamed too."""
    renames = renames or {}
    if isinstance(value, Mapping):
        return {
            renames.get(key, key[:1].upper() + key[1:]): pascal(part, renames)
            for key, part in value.items()
            if part is not None
        }
    if isinstance(value, list):
        return [pascal(part, renames) for part in value]
    return value


def camel(value: Any, renames: Mapping[str, str] | None = None) -> Any:
    """boto3's answer under Pulumi's names: the reverse of `pascal` with the same `renames`."""
    back = {boto: pulumi for pulumi, boto in (renames or {}).items()}
    return _camel(value, back)


def _camel(value: Any, back: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {back.get(key, key[:1].lower() + key[1:]): _camel(part, back) for key, part in value.items()}
    if isinstance(value, list):
        return [_camel(part, back) for part in value]
    return value
