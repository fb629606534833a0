"""Repository layouts as patterns: what a path says of organisation, module and revision, and back (2.7, 12.3.2)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

Fields = Mapping[str, str]

_TOKEN = re.compile(r"\[(\w+)(?:<((?:[^<>]|<[^<>]*>)*)>)?\]")
_EXPRESSIONS = {
    "orgPath": r"[^/]+(?:/[^/]+)*",
    "ext": r"(?!\d)[^\-/]+|7z",
    "classifier": r"(?!\d)[^\./]+",
    "baseRev": r"[^/]+?",
    "module": r"[^/]+",
}
_ANY = r"[^/]+?"


class Layout:
    """One layout of the descriptor."""

    def __init__(self, pattern: str, folder: str, file: str) -> None:
        self._pattern = pattern
        self._expression = re.compile(_regex(pattern, folder, file) + r"\Z")

    def read(self, path: str) -> dict[str, str] | None:
        """The fields of a path; None when it does not follow the layout."""
        found = self._expression.match(path)
        if found is None:
            return None
        fields = {name: value for name, value in found.groupdict().items() if value is not None}
        if "orgPath" in fields:
            fields.setdefault("org", fields["orgPath"].replace("/", "."))
        elif "org" in fields:
            fields["orgPath"] = fields["org"].replace(".", "/")
        return fields

    def write(self, fields: Fields) -> str | None:
        """The path of fields; None when one that is needed is missing."""
        text = self._pattern
        while (optional := re.search(r"\(([^()]*)\)", text)) is not None:
            names = [one[1] for one in _TOKEN.finditer(optional[1])]
            kept = optional[1] if all(fields.get(name) for name in names) else ""
            text = text[: optional.start()] + kept + text[optional.end() :]
        missing = [one[1] for one in _TOKEN.finditer(text) if not fields.get(one[1])]
        return None if missing else _TOKEN.sub(lambda one: fields[one[1]], text)


def of(platform: "Platform", name: str) -> Layout | None:
    """A layout by its name."""
    found = platform.configuration.value(f"repoLayouts.{name}") if name and "." not in name else None
    if not isinstance(found, dict) or not found.get("artifactPathPattern"):
        return None
    marks = (str(found.get(f"{kind}IntegrationRevisionRegExp") or ".*") for kind in ("folder", "file"))
    return _compiled(str(found["artifactPathPattern"]), *marks)


def revision(fields: Fields) -> str:
    """The whole version: `1.0`, `1.0-SNAPSHOT`."""
    return "-".join(fields[name] for name in ("baseRev", "folderItegRev") if fields.get(name))


def translated(platform: "Platform", source: str, target: str, path: str) -> str:
    """The same artifact's path under another layout; the path itself where one of them does not know it."""
    if not source or source == target:
        return path
    first, second = of(platform, source), of(platform, target)
    fields = first.read(path) if first and second else None
    if fields is None or second is None:
        return path
    return second.write({"type": fields.get("ext", ""), **fields}) or path


@lru_cache(maxsize=256)
def _compiled(pattern: str, folder: str, file: str) -> Layout | None:
    try:
        return Layout(pattern, folder, file)
    except re.error:
        return None


def _regex(pattern: str, folder: str, file: str) -> str:
    out, position, seen = "", 0, set()
    own = {**_EXPRESSIONS, "folderItegRev": folder, "fileItegRev": file}
    while position < len(pattern):
        if (token := _TOKEN.match(pattern, position)) is not None:
            name = token[1]
            out += f"(?P={name})" if name in seen else f"(?P<{name}>{token[2] or own.get(name, _ANY)})"
            seen.add(name)
            position = token.end()
            continue
        letter = pattern[position]
        out += {"(": "(?:", ")": ")?"}.get(letter, re.escape(letter))
        position += 1
    return out
