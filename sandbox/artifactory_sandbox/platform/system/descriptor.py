"""The descriptor as XML, out and in (1.3, 12.6): maps by key become lists whose entries carry the key as an element."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.platform.web import Refused

NAMESPACE = "http://artifactory.jfrog.org/xsd/3.1.0"
_KEYED: Mapping[str, tuple[str, str]] = {
    "backups": ("backup", "key"),
    "proxies": ("proxy", "key"),
    "reverseProxies": ("reverseProxy", "key"),
    "propertySets": ("propertySet", "name"),
    "properties": ("property", "name"),
    "predefinedValues": ("predefinedValue", "value"),
    "repoLayouts": ("repoLayout", "name"),
    "ldapSettings": ("ldapSetting", "key"),
    "ldapGroupSettings": ("ldapGroupSetting", "name"),
    "oauthProvidersSettings": ("oauthProvidersSettings", "name"),
    "tokens": ("token", "tokenId"),
}
"""Sections that are a map by key in YAML: the element of an entry, and the element that holds its key."""
_LISTS: Mapping[str, str] = {"excludedRepositories": "repositoryRef"}


def to_xml(tree: Mapping[str, Any]) -> bytes:
    """The whole descriptor."""
    root = ET.Element("config", {"xmlns": NAMESPACE})
    _write(root, tree)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode()


def _write(parent: ET.Element, tree: Mapping[str, Any]) -> None:
    for name, value in tree.items():
        element = ET.SubElement(parent, name)
        if name in _KEYED and isinstance(value, dict):
            entry, key = _KEYED[name]
            for text, inner in value.items():
                _write(ET.SubElement(element, entry), {key: text, **{k: v for k, v in inner.items() if k != key}})
        elif isinstance(value, dict):
            _write(element, value)
        elif isinstance(value, list):
            for one in value:
                ET.SubElement(element, _LISTS.get(name, name)).text = _text(one)
        else:
            element.text = _text(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_xml(data: bytes) -> dict[str, Any]:
    """The tree of a descriptor; a 400 when it is none."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise Refused(400, "The configuration descriptor may not declare entities", "text")
    try:
        root = ET.fromstring(data)  # noqa: S314  entities are refused above
    except ET.ParseError as error:
        raise Refused(400, f"Failed to read the configuration descriptor: {error}", "text") from None
    if _name(root) != "config":
        raise Refused(400, "Failed to read the configuration descriptor: the root element is not config", "text")
    return {_name(child): _read(child) for child in root}


def _read(element: ET.Element) -> Any:
    name = _name(element)
    if name in _KEYED:
        _, key = _KEYED[name]
        entries = [{_name(inner): _read(inner) for inner in child} for child in element]
        return {str(entry[key]): {k: v for k, v in entry.items() if k != key} for entry in entries if key in entry}
    if name in _LISTS:
        return [(child.text or "").strip() for child in element]
    if len(element):
        return {_name(child): _read(child) for child in element}
    return _value((element.text or "").strip())


def _value(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdigit() and (text == "0" or text[0] != "0") else text


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
