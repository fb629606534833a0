"""Downloads straight from the object store: a signed address in place of the bytes (2.7, configuration files 1.13)."""

from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Call

_HEADER = "x-jfrog-download-redirect-to"
_LEAST_SIZE = 1


def address(call: Call, row: Row) -> str | None:
    """Where a client is sent for a file: a signed URL when the filestore can sign and the repository or the request asks."""
    sign = call.platform.binaries.signed
    if sign is None or row["size"] < _LEAST_SIZE:
        return None
    asked = call.headers.get(_HEADER, "").lower()
    if asked == "none":
        return None
    config = call.platform.repositories.find(row["repo"].removesuffix(CACHE_SUFFIX)) or {}
    if asked != "s3" and not config.get("downloadRedirect"):
        return None
    return sign(row["sha1"], row["name"], int(config.get("signedUrlTtl") or 0))
