"""Media types by file name."""

import mimetypes

_OWN = {
    ".jar": "application/java-archive",
    ".war": "application/java-archive",
    ".pom": "application/x-maven-pom+xml",
    ".xml": "application/xml",
    ".json": "application/json",
    ".whl": "application/zip",
    ".tgz": "application/x-gzip",
    ".gz": "application/x-gzip",
    ".sha1": "application/x-checksum",
    ".md5": "application/x-checksum",
    ".sha256": "application/x-checksum",
}


def media_type(name: str) -> str:
    """The media type of a file name; octet stream when unknown."""
    for ending, known in _OWN.items():
        if name.endswith(ending):
            return known
    return mimetypes.guess_type(name, strict=False)[0] or "application/octet-stream"
