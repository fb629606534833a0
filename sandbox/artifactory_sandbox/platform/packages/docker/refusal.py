"""Refusals in the shape of a registry, with the challenge that tells a client where tokens are made."""

from typing import Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.web import Call, Refused

API_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}

_CODES = {
    400: "UNSUPPORTED",
    401: "UNAUTHORIZED",
    403: "DENIED",
    404: "NAME_UNKNOWN",
    405: "UNSUPPORTED",
    409: "DENIED",
    413: "SIZE_INVALID",
    416: "BLOB_UPLOAD_INVALID",
    429: "TOOMANYREQUESTS",
}


def refused(status: int, code: str, message: str, detail: Any = None) -> Refused:
    """A refusal with one of the registry's codes."""
    made = Refused(status, message, "json", {"errors": [{"code": code, "message": message, "detail": detail}]})
    made.headers.update(API_VERSION)
    return made


def shaped(call: Call, given: Refused, root: str, scope: str) -> Refused:
    """Any refusal in the registry's shape; a 401 says at which address a token can be had."""
    made = given
    if given.shape != "json":
        made = refused(given.status, _CODES.get(given.status, "UNKNOWN"), given.message)
        made.headers.update(given.headers)
    if made.status == 401:
        made.headers["WWW-Authenticate"] = challenge(call, root, scope)
    return made


def challenge(call: Call, root: str, scope: str) -> str:
    """`Bearer realm=…,service=…,scope=…`."""
    service = urlsplit(call.base_url).netloc
    wanted = f',scope="{scope}"' if scope else ""
    return f'Bearer realm="{call.base_url}{root}/token",service="{service}"{wanted}'
