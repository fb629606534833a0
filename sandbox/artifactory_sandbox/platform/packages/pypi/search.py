"""`pip search`: XML-RPC, as old clients call it. Answers from what the repositories hold."""

import xmlrpc.client
from typing import Any
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.pypi import entries
from artifactory_sandbox.platform.packages.pypi.entries import Entry
from artifactory_sandbox.platform.web import Answer, Call, Refused

_LIMIT = 1024 * 1024


def search(call: Call, body: bytes) -> Answer:
    """Answers the method `search`; any other one is a fault."""
    method, spec, operator = _asked(body)
    if method != "search":
        return _xml(xmlrpc.client.dumps(xmlrpc.client.Fault(-32601, f"Unsupported method: {method[:50]}")))
    found: dict[str, Entry] = {}
    for source in sources.sources(call.platform, call.caller, call.args["repo"]):
        for listed in entries.stored(call.platform, source).values():
            for entry in listed:
                if entry.project not in found and _matches(entry, spec, operator == "or"):
                    found[entry.project] = max(listed, key=lambda one: one.uploaded or 0)
    hits = [
        {"_pypi_ordering": number, "name": entry.name, "version": entry.version, "summary": entry.summary}
        for number, entry in enumerate(sorted(found.values(), key=lambda one: one.name))
    ]
    return _xml(xmlrpc.client.dumps((hits,), methodresponse=True))


def _matches(entry: Entry, spec: dict[str, list[str]], either: bool) -> bool:
    fields = {"name": entry.name, "summary": entry.summary, "version": entry.version}
    hits = [
        any(term.lower() in fields[name].lower() for term in terms) for name, terms in spec.items() if name in fields
    ]
    return not spec or (any(hits) if either else bool(hits) and all(hits))


def _asked(body: bytes) -> tuple[str, dict[str, list[str]], str]:
    """Method, terms by field, and how they combine."""
    if len(body) > _LIMIT:
        raise Refused(400, "The XML-RPC request cannot be read")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise Refused(400, "The XML-RPC request cannot be read") from None
    values = [_value(node) for node in root.findall("./params/param/value")]
    spec: dict[str, list[str]] = {}
    for name, terms in (values[0] if values and isinstance(values[0], dict) else {}).items():
        spec[str(name)] = [str(term) for term in (terms if isinstance(terms, list) else [terms])]
    operator = str(values[1]) if len(values) > 1 else "and"
    return (root.findtext("methodName") or "").strip(), spec, operator


def _value(node: ElementTree.Element) -> Any:
    child = next(iter(node), None)
    if child is None:
        return node.text or ""
    if child.tag == "array":
        return [_value(one) for one in child.findall("./data/value")]
    if child.tag == "struct":
        members = ((one.findtext("name") or "", one.find("value")) for one in child.findall("member"))
        return {name: _value(value) for name, value in members if value is not None}
    return child.text or ""


def _xml(body: str) -> Answer:
    return Answer(200, f'<?xml version="1.0"?>\n{body}'.encode(), "text/xml")
