"""Names of repositories (2.2)."""

import re

from artifactory_sandbox.platform.web import Refused

_FORBIDDEN = re.compile(r"[\s!@#$%^&*()+={}\[\]:;<>,/?~`|\\\"]")
_RESERVED = frozenset(
    {"repo", "list", "api", "ui", "webapp", "favicon.ico", "libs-releases-virtual.xml", "artifactory"}
)


def check_key(key: str, package_type: str) -> None:
    """Refuses a key that the server would refuse."""
    if not 1 <= len(key) <= 64:
        raise Refused(400, f"Repository key must be between 1 and 64 characters long: {key[:70]}")
    if _FORBIDDEN.search(key) or key in {".", ".."} or any(ord(letter) < 32 for letter in key):
        raise Refused(400, f"Illegal repository key : '{key}'")
    if key.lower() in _RESERVED:
        raise Refused(400, f"Reserved repository key : '{key}'")
    if package_type == "docker" and key != key.lower():
        raise Refused(400, f"Docker Repository {key} key must be in lower case")


def display_name(package_type: str) -> str:
    """`Generic`, as the list call writes a package type."""
    return package_type.capitalize()
