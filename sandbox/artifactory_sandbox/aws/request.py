"""What an AWS request says about itself: who asks which service of which region for which action."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

_CREDENTIAL = re.compile(r"Credential=([^/,]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")
_READS = (
    "Describe", "Get", "List", "Head", "BatchGet", "Search", "Lookup", "Query", "Scan", "Filter", "Test", "Simulate",
    "Estimate", "Select", "Decrypt", "Encrypt", "GenerateDataKey", "AssumeRole", "Validate", "Check",
)  # fmt: skip
_READING_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One request. `region` and `service` come from the signature's scope, `action` from the protocol (REST: method and path)."""

    key: str
    region: str
    service: str
    action: str
    reads: bool
    bucket: str = ""


def parse(environ: Mapping[str, Any], body_head: bytes) -> AwsCall:
    """Reads a WSGI request; `body_head` is the start of a form body (query protocol), else empty."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    scope = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None and "X-Amz-Credential" in query:
        scope = _CREDENTIAL.search(f"Credential={unquote(query['X-Amz-Credential'][0])}")
    key, region, service = (scope[1], scope[3], scope[4]) if scope else ("", "", "s3")
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
    action = _action(environ, query, body_head)
    if action:
        return AwsCall(key, region, service, action, action.startswith(_READS))
    bucket = path.lstrip("/").split("/", 1)[0] if service == "s3" else ""
    return AwsCall(key, region, service, f"{method} {_shape(service, path, query)}", method in _READING_METHODS, bucket)


def _action(environ: Mapping[str, Any], query: Mapping[str, list[str]], body_head: bytes) -> str:
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rsplit(".", 1)[-1]
    if "Action" in query:
        return query["Action"][0]
    if found := re.search(rb"(?:^|&)Action=([A-Za-z0-9]+)", body_head):
        return found[1].decode()
    if operation := re.match(r"/service/[^/]+/operation/([A-Za-z0-9]+)", environ.get("PATH_INFO", "")):
        return operation[1]
    return ""


def _shape(service: str, path: str, query: Mapping[str, list[str]]) -> str:
    """A REST path with the names taken out: `/bucket/key?versioning`."""
    if service == "s3":
        parts = path.strip("/").split("/", 1)
        shape = "/" if parts == [""] else "/bucket" if len(parts) == 1 else "/bucket/key"
        words = sorted(name for name in query if name.islower() and not name.startswith("x-") and len(name) > 3)
        return f"{shape}?{'&'.join(words)}" if words else shape
    return re.sub(r"/[A-Za-z]*[0-9-][A-Za-z0-9_:.-]*(?=/|$)", "/*", path)
