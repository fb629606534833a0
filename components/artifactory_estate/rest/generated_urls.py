"""URLs that a platform puts into its answers, as a client from outside gets them: a wrong one leads clients astray."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from artifactory_estate.rest.errors import Answered, BadAnswer
from artifactory_estate.rest.transport import Platform


def generated_urls(platform: Platform) -> Mapping[str, str]:
    """What has a URL, and the URL: the list of repositories, Docker's token realm, a tarball of an npm repository.

    3 requests, and 2 or 3 more where an npm repository holds a package. What is not there, or not told, is left out.
    """
    found = {
        "the list of repositories": _repository(platform),
        "Docker's token realm": _token_realm(platform),
        **_tarball(platform),
    }
    return {what: url for what, url in found.items() if url}


def _repository(platform: Platform) -> str:
    try:
        rows = platform.get_json("/artifactory/api/repositories")
    except (Answered, BadAnswer):
        return ""
    return next((str(row.get("url", "")) for row in rows if row.get("type") != "REMOTE"), "")


def _token_realm(platform: Platform) -> str:
    """`WWW-Authenticate` of /v2/, which a registry answers with to whoever says no name."""
    try:
        answer = platform.request("GET", "/v2/", anonymous=True, accept={200, 401})
    except (Answered, BadAnswer):
        return ""
    realm = re.search(r'realm="([^"]*)"', answer.headers.get("WWW-Authenticate", ""))
    return realm[1] if realm else ""


def _tarball(platform: Platform) -> Mapping[str, str]:
    try:
        rows = platform.get_json("/artifactory/api/repositories", {"type": "local", "packageType": "npm"})
        for key in [str(row["key"]) for row in rows[:1]]:
            if package := _package_in(platform, key):
                return {f"the tarball of {package}": _tarball_of(platform, key, package)}
    except (Answered, BadAnswer):
        pass
    return {}


def _package_in(platform: Platform, key: str, scope: str = "") -> str:
    """Name of the first package of a repository, `@scope/name` or `name`; empty when there is none."""
    listed = platform.get_json(f"/artifactory/api/storage/{key}{scope and f'/{scope}'}").get("children", ())
    names = [str(one["uri"]).lstrip("/") for one in listed if one.get("folder")]
    for name in [name for name in names if not name.startswith(".")][:1]:
        return _package_in(platform, key, name) if name.startswith("@") else f"{scope and f'{scope}/'}{name}"
    return ""


def _tarball_of(platform: Platform, key: str, package: str) -> str:
    versions = platform.get_json(f"/artifactory/api/npm/{key}/{quote(package, safe='@')}").get("versions", {})
    return next((str(one.get("dist", {}).get("tarball", "")) for one in versions.values()), "")
