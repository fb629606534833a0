"""Where the files of a bundle go: regular expressions over their paths, and what they become (12.8.2)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from artifactory_sandbox.platform.web import Refused

_LONGEST_PATTERN = 500
_ENDLESS = re.compile(r"[*+}]\)+[*+{]")  # a repetition of a repetition can take for ever to fail


def mapped(path: str, mappings: Iterable[Mapping[str, str]]) -> str:
    """Where a file goes: the first mapping whose `input` meets the whole path, `$1` standing for its first group."""
    for mapping in mappings:
        found = re.fullmatch(mapping["input"], path)
        if found:
            text = re.sub(r"\$(\d+)", r"\\\1", mapping["output"])
            return found.expand(text).strip("/")
    return path


def check_mappings(mappings: Any) -> list[dict[str, str]]:
    """A list of `input` and `output`; a 400 for anything else."""
    if mappings is None:
        return []
    if not isinstance(mappings, list):
        raise Refused(400, "mappings must be an array")
    checked = []
    for one in mappings:
        source, target = (one.get("input"), one.get("output")) if isinstance(one, dict) else (None, None)
        if not isinstance(source, str) or not isinstance(target, str):
            raise Refused(400, "A mapping needs input and output")
        if len(source) > _LONGEST_PATTERN or _ENDLESS.search(source):
            raise Refused(400, f"The mapping input '{source[:100]}' is too long, or repeats what repeats")
        try:
            groups = re.compile(source).groups
        except re.error as error:
            raise Refused(400, f"The mapping input '{source[:100]}' is no regular expression: {error}") from None
        if any(int(number) > groups for number in re.findall(r"\$(\d+)", target)) or "\\" in target:
            raise Refused(400, f"The mapping output '{target[:100]}' names a group that the input has not")
        checked.append({"input": source, "output": target})
    return checked


def mappings_of(sent: Mapping[str, Any]) -> list[dict[str, str]]:
    """The mappings of an order, which stand below `modifications` or at its top."""
    changes = sent.get("modifications")
    return check_mappings(changes.get("mappings") if isinstance(changes, dict) else sent.get("mappings"))
