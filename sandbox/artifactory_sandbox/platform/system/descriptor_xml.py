"""The descriptor as XML, out and in (1.3, 12.6): maps by key become lists whose entries carry the key as an element."""

import xml.etree.ElementTree as ET  # only to write; what was sent is read by defusedxml
from collections.abc import Mapping
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from artifactory_sandbox.platform.system.descriptor_parts import Group, Keyed, Names, Part
from artifactory_sandbox.platform.system.descriptor_table import LEFT_TO_THEIR_CALLS, TABLE
from artifactory_sandbox.platform.web import Refused

NAMESPACE = "http://artifactory.jfrog.org/xsd/3.1.8"
_REVISION_AFTER = "fileUploadMaxSizeMb"
_GONE = ("localRepositories", "remoteRepositories", "virtualRepositories")
_GONE_AFTER = "indexer"
_AFTER = {"repoLayouts": ("remoteReplications", "localReplications"), "downloadRedirectConfig": ("authentication",)}


def to_xml(tree: Mapping[str, Any], revision: int, extra: Mapping[str, ET.Element] | None = None) -> bytes:
    """The whole descriptor, elements in the order of the schema; `extra` ones are of other services.

    The lists of repositories stay empty: their definitions are elsewhere since 7.49 (1.3), but clients look for the names.
    """
    root = ET.Element("config", {"xmlns": NAMESPACE})
    for name, part in TABLE.fields.items():
        if name in tree:
            _write(root, name, part, tree[name])
        if name == _REVISION_AFTER:
            ET.SubElement(root, "revision").text = str(revision)
        if name == _GONE_AFTER:
            for gone in _GONE:
                ET.SubElement(root, gone)
        for other in _AFTER.get(name, ()):
            if extra and other in extra:
                root.append(extra[other])
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode()


def _write(parent: ET.Element, name: str, part: Part, value: Any) -> None:
    element = ET.SubElement(parent, name)
    if isinstance(part, Group):
        _write_fields(element, part.fields, value)
    elif isinstance(part, Keyed):
        for key, entry in value.items():
            made = ET.SubElement(element, part.entry)
            ET.SubElement(made, part.key).text = key
            _write_fields(made, part.fields, entry)
    elif isinstance(part, Names):
        for one in value:
            ET.SubElement(element, part.entry).text = one
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


def _write_fields(element: ET.Element, fields: Mapping[str, Part], value: Mapping[str, Any]) -> None:
    for name, part in fields.items():
        if name in value and not (isinstance(part, Names) and not value[name]):
            _write(element, name, part, value[name])


def from_xml(data: bytes) -> tuple[dict[str, Any], int | None]:
    """The tree of a descriptor as a patch would send it, and its revision; a 400 when it is none."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise _bad("it may not declare a document type or entities") from None
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _bad(str(error)[:300]) from None
    if _name(root) != "config":
        raise _bad("the root element is not config")
    tree: dict[str, Any] = {}
    revision = None
    for child in root:
        name = _name(child)
        if name == "revision":
            revision = _revision(child.text)
        elif name in tree:
            raise _bad(f"{name} stands twice")
        elif name in TABLE.fields:
            tree[name] = _read(TABLE.fields[name], child, name)
        elif name not in LEFT_TO_THEIR_CALLS:
            raise _bad(f"unknown element '{name[:80]}'")
    return tree, revision


def _read(part: Part, element: ET.Element, path: str) -> Any:
    if isinstance(part, Group):
        return _read_fields(part.fields, element, path)
    if isinstance(part, Keyed):
        return _read_entries(part, element, path)
    if isinstance(part, Names):
        return [(_only(child, part.entry, path).text or "").strip() for child in element]
    if len(element):
        raise _bad(f"{path} holds elements where a text is expected")
    return element.text or ""


def _read_entries(part: Keyed, element: ET.Element, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for child in element:
        entry = _read_fields({part.key: Group({}), **part.fields}, _only(child, part.entry, path), path, part.key)
        key = str(entry.pop(part.key, "")).strip()
        if not key:
            raise _bad(f"{path}: an entry has no {part.key}")
        if key in found:
            raise _bad(f"{path}: '{key[:80]}' stands twice")
        found[key] = entry
    return found


def _read_fields(fields: Mapping[str, Part], element: ET.Element, path: str, key: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (element.text or "").strip():
        raise _bad(f"{path} holds a text where elements are expected")
    for child in element:
        name = _name(child)
        if name not in fields:
            raise _bad(f"{path}: unknown element '{name[:80]}'")
        if name in found:
            raise _bad(f"{path}.{name} stands twice")
        found[name] = child.text or "" if name == key else _read(fields[name], child, f"{path}.{name}")
    return found


def _only(child: ET.Element, name: str, path: str) -> ET.Element:
    if _name(child) != name:
        raise _bad(f"{path}: unknown element '{_name(child)[:80]}'")
    return child


def _revision(text: str | None) -> int:
    cleaned = (text or "").strip()
    if not cleaned.isdigit() or len(cleaned) > 18:
        raise _bad("revision is not a number")
    return int(cleaned)


def _bad(why: str) -> Refused:
    return Refused(400, f"Failed to read the configuration descriptor: {why}", "text")


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
