"""Checks and completes what a program declares: known properties only, right kinds, names, AWS's limits."""

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from artifactory_sandbox.aws_plugin import limits, sdk
from artifactory_sandbox.aws_plugin.rows import Name, Problem, Row
from artifactory_sandbox.aws_plugin.sdk import Field, Kind
from artifactory_sandbox.aws_plugin.wire import SIGNATURE, UNKNOWN, Props

DEFAULTS = "__defaults"
"""Input that lists which others were filled in here, as the real plugin keeps it."""
ALL_TAGS = "tagsAll"
"""Output; also an input that is filled in here when the provider has default tags, so that a change of those shows."""


def strange(row: Row, news: Props) -> Iterator[Problem]:
    """Properties that the SDK does not have, or that the stand-in cannot honour; missing and wrongly filled ones."""
    declared = sdk.inputs(row.token)
    for key in news.keys() - {DEFAULTS, ALL_TAGS}:
        if key not in declared:
            yield key, f"no such property of {row.token}"
        elif key not in row.inputs and key != "region":
            yield key, f"the sandbox's AWS plugin does not implement this property of {row.token}"
        else:
            yield from _wrong(news[key], declared[key].kind, key)
    yield from _missing(declared, news, "")


def _missing(declared: Mapping[str, Field], props: Mapping[str, Any], path: str) -> Iterator[Problem]:
    for key, field in declared.items():
        if not field.optional and props.get(key) is None:
            yield f"{path}{key}", "missing required property"


def _wrong(value: Any, kind: Kind, path: str) -> Iterator[Problem]:
    if value is None or value is UNKNOWN or kind.name == "any":
        return
    if isinstance(value, Mapping) and SIGNATURE in value:
        return
    match kind.name:
        case "list" if isinstance(value, list):
            for index, part in enumerate(value):
                yield from _wrong(part, kind.of or Kind("any"), f"{path}[{index}]")
        case "map" if isinstance(value, Mapping):
            for key, part in value.items():
                yield from _wrong(part, kind.of or Kind("any"), f"{path}.{key}")
        case "object" if isinstance(value, Mapping) and kind.args:
            yield from _wrong_object(value, kind.args, path)
        case "text" | "whole" | "number" | "flag" | "document" if _coerced(value, kind.name) is not None:
            return
        case _:
            yield path, f"is {_what(value)}, expected {_EXPECTED[kind.name]}"


def _wrong_object(value: Mapping[str, Any], args: tuple[str, str], path: str) -> Iterator[Problem]:
    declared = sdk.nested(args)
    for key, part in value.items():
        if key in declared:
            yield from _wrong(part, declared[key].kind, f"{path}.{key}")
        elif part is not None:
            yield f"{path}.{key}", f"no such property of {args[1]}"
    yield from _missing(declared, value, f"{path}.")


_EXPECTED = {
    "list": "a list", "map": "a map", "object": "an object", "text": "a text", "whole": "a whole number",
    "number": "a number", "flag": "true or false", "document": "a JSON document",
}  # fmt: skip


def _what(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, Mapping) else f"{value!r}"


def _coerced(value: Any, kind: str) -> Any:  # noqa: PLR0911 - one a kind
    """The value as the SDK declares it, as the real plugin converts; None if that is impossible."""
    match kind, value:
        case ("text" | "document", str()) | ("flag", bool()) | ("number", float()):
            return value
        case "document", {}:
            return json.dumps(value)
        case "text", bool():
            return str(value).lower()
        case "text", int() | float():
            return str(value)
        case "flag", "true" | "false":
            return value == "true"
        case (("whole" | "number"), int() | str()) if not isinstance(value, bool):
            return _number(value, kind)
    return None


def _number(value: int | str, kind: str) -> int | float | None:
    try:
        return int(value) if kind == "whole" or isinstance(value, int) else float(value)
    except ValueError:
        return None


def converted(row: Row, news: Props) -> Props:
    """`news` with every value of the kind that the SDK declares: the engine sends what the program passed."""
    declared = sdk.inputs(row.token)
    return {key: _converted(value, declared[key].kind) if key in declared else value for key, value in news.items()}


def _converted(value: Any, kind: Kind) -> Any:
    if value is None or value is UNKNOWN or (isinstance(value, Mapping) and SIGNATURE in value):
        return value
    if kind.name == "list":
        return [_converted(part, kind.of or Kind("any")) for part in value]
    if kind.name == "map":
        return {key: _converted(part, kind.of or Kind("any")) for key, part in value.items()}
    if kind.name == "object" and kind.args:
        declared = sdk.nested(kind.args)
        return {key: _converted(part, declared[key].kind) for key, part in value.items() if part is not None}
    return value if kind.name == "any" else _coerced(value, kind.name)


def completed(row: Row, olds: Props, news: Props, proposed: str, logical_name: str) -> Props:
    """`news` with the real plugin's defaults and, where none is given, a name: the old one, or a new one."""
    filled = {key: value for key, value in row.defaults.items() if key not in news}
    made_up = row.name
    if made_up and made_up.property not in news and not (made_up.prefix and made_up.prefix in news):
        kept = olds.get(made_up.property) if made_up.property in olds.get(DEFAULTS, ()) else None
        filled[made_up.property] = kept or _make_up(made_up, proposed, logical_name)
    return {**news, **filled, DEFAULTS: sorted(filled)} if filled else news


def _make_up(naming: Name, proposed: str, logical_name: str) -> str:
    text = proposed or f"{naming.start}{logical_name}"[: naming.longest - 8] + f"-{secrets.token_hex(4)[:7]}"
    return text.lower() if naming.lower else text


def broken_limits(row: Row, props: Props, default_tags: Mapping[str, str]) -> Iterator[Problem]:
    """Limits of AWS that the completed inputs break."""
    for limit in row.limits:
        yield from limit(props)
    if row.tag is not None and props.get("tags") is not UNKNOWN:
        yield from limits.tags({**default_tags, **(props.get("tags") or {})})
