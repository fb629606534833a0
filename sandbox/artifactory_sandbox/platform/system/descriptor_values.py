"""Values of the descriptor: read from what was sent, merged, completed with defaults, compared (1.3, 12.6)."""

import copy
import re
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform import cron
from artifactory_sandbox.platform.system.descriptor_parts import Group, Keyed, Names, Part, Value
from artifactory_sandbox.platform.web import Refused

_XML_ID = re.compile(r"[A-Za-z_][\w.-]*\Z")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_TEXT = 1024 * 1024


def refused(path: str, why: str) -> Refused:
    """A 400 in plain text that names the place."""
    return Refused(400, f"{path}: {why}" if path else why, "text")


def read(part: Part, sent: Any, path: str, strict: bool) -> Any:
    """What was sent, with every value of its kind; None stays, and means removal. `strict` refuses unknown elements."""
    if sent is None:
        return None
    if isinstance(part, Value):
        return _scalar(part, sent, path)
    if isinstance(part, Names):
        return _names(sent, path)
    if sent == "":
        sent = {}
    if not isinstance(sent, Mapping):
        raise refused(path, "a map is expected")
    if isinstance(part, Group):
        return _fields(part.fields, sent, path, strict)
    return {key: _entry(part, key, entry, f"{path}.{key}", strict) for key, entry in _texts(sent, path).items()}


def _entry(part: Keyed, key: str, sent: Any, path: str, strict: bool) -> Any:
    if not key or len(key) > 255 or _NOT_XML.search(key) or (part.xml_id and not _XML_ID.match(key)):
        raise refused(path, f"'{key[:80]}' is not a valid {part.key}")
    if sent is None:
        return None
    if sent == "":
        sent = {}
    if not isinstance(sent, Mapping):
        raise refused(path, "a map is expected")
    if str(sent.get(part.key, key)) != key:
        raise refused(path, f"{part.key} '{sent[part.key]}' differs from '{key}'")
    return _fields(part.fields, {name: value for name, value in sent.items() if name != part.key}, path, strict)


def _fields(fields: Mapping[str, Part], sent: Mapping[Any, Any], path: str, strict: bool) -> dict[str, Any]:
    found = _texts(sent, path)
    if strict and (unknown := sorted(found.keys() - fields.keys())):
        raise refused(path, f"unknown element '{unknown[0][:80]}'")
    return {
        name: read(part, found[name], f"{path}.{name}".strip("."), strict)
        for name, part in fields.items()
        if name in found
    }


def _texts(sent: Mapping[Any, Any], path: str) -> dict[str, Any]:
    if any(isinstance(name, (dict, list, tuple)) for name in sent):
        raise refused(path, "a key must be a text")
    return {str(name): value for name, value in sent.items()}


def _names(sent: Any, path: str) -> list[str]:
    if isinstance(sent, (Mapping, int)):
        raise refused(path, "a list is expected")
    found = [sent] if isinstance(sent, str) else list(sent)
    if any(not isinstance(one, (str, int)) or _NOT_XML.search(str(one)) for one in found):
        raise refused(path, "a list of texts is expected")
    return list(dict.fromkeys(str(one).strip() for one in found if str(one).strip()))


def _scalar(part: Value, sent: Any, path: str) -> Any:
    if isinstance(sent, (Mapping, list)):
        raise refused(path, "a single value is expected")
    text = str(sent).lower() if isinstance(sent, bool) else str(sent)
    if part.kind != "text" or not part.secret:
        text = text.strip()
    if text == "":
        return None
    if len(text) > _MOST_TEXT or _NOT_XML.search(text):
        raise refused(path, "the text is too long or holds a character that XML cannot")
    if part.kind == "flag":
        if text.lower() not in {"true", "false"}:
            raise refused(path, f"'{text[:80]}' is not a boolean")
        return text.lower() == "true"
    if part.kind == "number":
        return _number(part, text, path)
    if part.choices and text not in part.choices:
        raise refused(path, f"'{text[:80]}' is not one of {', '.join(part.choices)}")
    return text


def _number(part: Value, text: str, path: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text):
        raise refused(path, f"'{text[:80]}' is not a number")
    found = int(text)
    if not part.least <= found <= part.most:
        raise refused(path, f"{found} is out of range")
    return found


def merged(part: Part, current: Any, change: Any) -> Any:
    """A value after a change: null removes, an empty map empties, a map merges. Nothing is filled in."""
    if change is None or not isinstance(part, (Group, Keyed)) or not change:
        return copy.deepcopy(change)
    if isinstance(part, Keyed) and part.whole and None not in change.values():
        current = {key: entry for key, entry in (current or {}).items() if key in change}
    made = dict(current or {})
    for name, value in change.items():
        inner = part.fields[name] if isinstance(part, Group) else Group(part.fields)
        made[name] = merged(inner, made.get(name), value)
        if made[name] is None:
            del made[name]
    return made


def completed(part: Part, value: Any, path: str, now: int) -> Any:
    """The value with every default, in the order of the table; a 400 when something needed is missing or wrong."""
    if isinstance(part, Value):
        return _checked(part, part.default if value is None else value, path, now)
    if isinstance(part, Names):
        return value or []
    if isinstance(part, Keyed):
        return {key: _filled(part.fields, entry, f"{path}.{key}", now) for key, entry in (value or {}).items()}
    if value is None and part.optional:
        return None
    return _filled(part.fields, value or {}, path, now)


def _filled(fields: Mapping[str, Part], value: Mapping[str, Any], path: str, now: int) -> dict[str, Any]:
    made = {name: completed(part, value.get(name), f"{path}.{name}".strip("."), now) for name, part in fields.items()}
    return {name: found for name, found in made.items() if found is not None}


def _checked(part: Value, value: Any, path: str, now: int) -> Any:
    if value is None:
        if part.required:
            raise refused(path, "a value is needed")
        return None
    if part.kind == "cron":
        try:
            cron.check(str(value), now)
        except cron.InvalidCron as error:
            raise refused(path, f"invalid cronExp '{str(value)[:80]}': {error}") from None
    if part.kind == "url" and not str(value).startswith(("http://", "https://")):
        raise refused(path, f"'{str(value)[:200]}' is not a URL")
    return value


def fresh(part: Part) -> Any:
    """What a new server has at a place, before defaults."""
    if isinstance(part, Group):
        found = {name: fresh(inner) for name, inner in part.fields.items()}
        kept = {name: value for name, value in found.items() if value}
        return kept or None
    return copy.deepcopy({key: dict(entry) for key, entry in part.start.items()}) if isinstance(part, Keyed) else None


def differences(before: Any, after: Any) -> int:
    """How many values differ; an entry that came or went counts once."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return int(before != after)
    names = before.keys() | after.keys()
    return sum(differences(before.get(name), after.get(name)) for name in names)


def with_secrets(part: Part, value: Any, change: Any) -> Any:
    """The same tree with `change` applied to the text of every secret."""
    if isinstance(part, Value):
        return change(value) if part.secret and isinstance(value, str) else value
    if isinstance(part, Names) or not isinstance(value, dict):
        return value
    if isinstance(part, Group):
        return {name: with_secrets(part.fields[name], inner, change) for name, inner in value.items()}
    return {key: with_secrets(Group(part.fields), entry, change) for key, entry in value.items()}
