"""WebDAV on items, as far as uploads of sites use it: what is there, and making folders (6.1)."""

import xml.etree.ElementTree as ET  # only to write
from urllib.parse import quote

from artifactory_sandbox.platform.artifacts import resolve
from artifactory_sandbox.platform.artifacts.deploy import deploy
from artifactory_sandbox.platform.clock import http_date, iso
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Needs, Refused, Route

_ITEM = "/artifactory/{repo}/{path:path}"
_ALLOWED = "GET, HEAD, PUT, DELETE, OPTIONS, MKCOL, PROPFIND"
_DAV = "DAV:"


def options(_call: Call) -> Answer:
    """What may be asked of an item."""
    return Answer(200, headers={"Allow": _ALLOWED, "DAV": "1,2", "MS-Author-Via": "DAV"})


def make_folder(call: Call) -> Answer:
    """A new folder, and those above it."""
    path = call.args["path"]
    target = call.platform.artifacts.deploy_target(call.args["repo"])
    if call.platform.artifacts.state.item(target, path) is not None:
        raise Refused(405, f"MKCOL can only be executed on non-existent resource: {path[:200]}")
    call.folder = True
    return deploy(call)


def described(call: Call) -> Answer:
    """An item, and with `Depth: 1` what a folder holds."""
    platform, repo = call.platform, call.args["repo"]
    row = resolve.find(platform, call.caller, repo, call.args["path"], fetch=False)
    rows = [row]
    if row["folder"] and call.headers.get("depth", "1").strip() != "0":
        below = resolve.children(platform, call.caller, repo, row["path"], row)
        may = platform.security.checker(call.caller)
        rows += [one for one in below if call.caller.admin or may("read", one["repo"], one["path"])]
    top = ET.Element("D:multistatus", {"xmlns:D": _DAV})
    for one in rows:
        _response(top, one, f"/artifactory/{repo}/{one['path']}")
    text = ET.tostring(top, encoding="unicode")
    return Answer(207, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), "application/xml")


def _response(top: ET.Element, row: Row, address: str) -> None:
    response = ET.SubElement(top, "D:response")
    ET.SubElement(response, "D:href").text = quote(address) + (
        "/" if row["folder"] and not address.endswith("/") else ""
    )
    found = ET.SubElement(response, "D:propstat")
    properties = ET.SubElement(found, "D:prop")
    ET.SubElement(properties, "D:displayname").text = row["name"]
    ET.SubElement(properties, "D:creationdate").text = iso(row["created"])
    ET.SubElement(properties, "D:getlastmodified").text = http_date(row["modified"])
    kind = ET.SubElement(properties, "D:resourcetype")
    if row["folder"]:
        ET.SubElement(kind, "D:collection")
    else:
        ET.SubElement(properties, "D:getcontentlength").text = str(row["size"])
        ET.SubElement(properties, "D:getcontenttype").text = row["mime"]
        ET.SubElement(properties, "D:getetag").text = row["sha1"]
    ET.SubElement(found, "D:status").text = "HTTP/1.1 200 OK"


ROUTES = (
    Route("OPTIONS", _ITEM, "6.1", options, Needs.CALLER),
    Route("MKCOL", _ITEM, "6.1", make_folder, Needs.CALLER),
    Route("PROPFIND", _ITEM, "6.1", described, Needs.CALLER),
)
