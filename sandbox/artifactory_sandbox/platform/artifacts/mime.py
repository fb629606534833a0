"""Media types by file name: the table that a fresh server has, then what the platform knows."""

import mimetypes
from collections.abc import Mapping

OCTETS = "application/octet-stream"
JAVA = "application/java-archive"

_BY_ENDING: Mapping[str, str] = {
    "pom": "application/x-maven-pom+xml",
    **dict.fromkeys(("jar", "war", "ear", "sar", "har", "hpi", "jpi"), JAVA),
    "class": "application/java-vm",
    "jnlp": "application/x-java-jnlp-file",
    "java": "text/x-java-source",
    **dict.fromkeys(("txt", "properties", "mf", "asc", "log", "md", "cfg", "info", "mod"), "text/plain"),
    **dict.fromkeys(("xml", "xsd", "xsl", "dtd", "nuspec"), "application/xml"),
    **dict.fromkeys(("html", "htm"), "text/html"),
    "css": "text/css",
    "js": "application/javascript",
    "json": "application/json",
    **dict.fromkeys(("yaml", "yml"), "application/x-yaml"),
    **dict.fromkeys(("sha1", "md5", "sha256", "sha512"), "application/x-checksum"),
    **dict.fromkeys(("zip", "whl", "egg"), "application/zip"),
    "nupkg": "application/x-nupkg",
    "tar": "application/x-tar",
    **dict.fromkeys(("tgz", "gz", "gem"), "application/x-gzip"),
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
    "rpm": "application/x-rpm",
    "deb": "application/x-debian-package",
    "exe": "application/x-msdownload",
    "ivy": "application/x-ivy+xml",
    "crt": "application/x-x509-ca-cert",
}
INDEXED = frozenset({JAVA, "application/zip"})
"""Archives whose entries searches know."""


def media_type(name: str) -> str:
    """The media type of a file name; octet stream when unknown."""
    if name.endswith(("ivy.xml",)):
        return _BY_ENDING["ivy"]
    known = _BY_ENDING.get(name.rpartition(".")[2].lower()) if "." in name else None
    return known or mimetypes.guess_type(name, strict=False)[0] or OCTETS
