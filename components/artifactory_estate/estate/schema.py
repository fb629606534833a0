"""The document's JSON Schema, for editors: `python -m artifactory_estate.estate.schema docs/estate.schema.json`."""

import json
import sys
from pathlib import Path
from typing import Any

from artifactory_estate.base import duration_text, size_text
from artifactory_estate.base.quantity import DURATION_PATTERN, SIZE_PATTERN
from artifactory_estate.estate.model import Estate

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/"
_PARTIAL = "Partial"
_UNITS = {DURATION_PATTERN: duration_text, SIZE_PATTERN: size_text}
_SITE, _OWN_WORDS = "ManagedSite", ["platform", "url"]

Schema = dict[str, Any]


def schema() -> Schema:
    """JSON Schema 2020-12. What a managed site has to say may stand in `defaults`, so both are partial here: that
    everything is said somewhere is for `estate validate`, as are the rules."""
    whole = Estate.model_json_schema()
    definitions: Schema = whole["$defs"]
    partial = _partial(definitions, _SITE)
    defaults = partial.pop(_SITE + _PARTIAL)
    definitions |= partial
    definitions[_SITE] = {**defaults, "required": _OWN_WORDS}
    definitions["Defaults"] = {**_without(defaults, "platform"), "title": "Defaults"}
    definitions["Defaults"]["description"] = "Merged into every managed site, key by key; what a site says itself wins."
    whole["properties"]["defaults"] = {"$ref": f"{_REF}Defaults"}
    reachable = _reachable({**whole, "$defs": {}}, definitions)
    written: Schema = _as_written({**whole, "$defs": {name: definitions[name] for name in sorted(reachable)}})
    return {"$schema": DIALECT, **written}


def text() -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schema to the file named by the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m artifactory_estate.estate.schema FILE\n")
        return 2
    Path(arguments[0]).write_text(text(), encoding="utf-8")
    return 0


def _partial(definitions: Schema, name: str) -> Schema:
    """`name` and all that it refers to, under names of their own, nothing required."""
    made: Schema = {}
    for each in _reachable({"$ref": _REF + name}, definitions):
        body = {key: value for key, value in definitions[each].items() if key != "required"}
        made[each + _PARTIAL] = _renamed(body)
    return made


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: v + _PARTIAL if k == "$ref" else _renamed(v) for k, v in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _as_written(value: Any) -> Any:
    """Defaults of durations and sizes with their unit, as a document has them."""
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: _as_written(inner) for key, inner in value.items()}
    default, pattern = value.get("default"), value.get("pattern")
    if isinstance(default, int) and pattern in _UNITS:
        value["default"] = _UNITS[pattern](default)
    return value


def _without(body: Schema, key: str) -> Schema:
    return {**body, "properties": {name: value for name, value in body["properties"].items() if name != key}}


def _reachable(value: Any, definitions: Schema, seen: dict[str, None] | None = None) -> list[str]:
    seen = {} if seen is None else seen
    if isinstance(value, dict):
        name = str(value.get("$ref", "")).removeprefix(_REF)
        if name and name not in seen:
            seen[name] = None
            _reachable(definitions[name], definitions, seen)
        for inner in value.values():
            _reachable(inner, definitions, seen)
    elif isinstance(value, list):
        for inner in value:
            _reachable(inner, definitions, seen)
    return list(seen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
