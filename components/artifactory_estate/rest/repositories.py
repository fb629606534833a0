"""Repository configurations: the batch calls, their older forms, and what each server version does differently.

REST reference 2.1 to 2.8 and 12.3. A configuration is the server's JSON object, with `key` and `rclass`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any
from urllib.parse import quote

from artifactory_estate.rest.errors import Answered, Invalid, NotAllowed, NotThere, RestError
from artifactory_estate.rest.system import Version, version
from artifactory_estate.rest.transport import Platform

Configuration = Mapping[str, Any]

BATCH = 100
"""Repositories in one batch call (2.6)."""
UNSET_DEPLOYMENT = "artifactory-estate-unset"
"""Key of no repository."""

_PATH = "/artifactory/api/repositories"
_BATCH_PATH = "/artifactory/api/v2/repositories/batch"
_BATCH_SINCE = {"PUT": Version(7, 84, 3), "POST": Version(7, 104, 2)}
_ABOUT_A_REPOSITORY = {400, 404, 409, 500}
"""Answers to what was sent: a value of the wrong type is a 500 (2.4)."""
_DOES_NOT_EXIST = re.compile(r"does not exist|was not found|No repository", re.IGNORECASE)
_EXISTS = re.compile(r"already exists", re.IGNORECASE)


class RepositoriesRejected(RestError):
    """The server refuses repositories of a call; nothing is known to be wrong with the others."""

    def __init__(self, site: str, call: str, said: Mapping[str, str]) -> None:
        self.said = said
        """The server's words by key."""
        super().__init__(site, call, "\n".join(f"refused the repository {key}: {words}" for key, words in said.items()))

    @property
    def taken(self) -> Set[str]:
        """Those that were refused because the key exists already (a PUT only creates, 2.3)."""
        return {key for key, words in self.said.items() if _EXISTS.search(words)}


def all_configurations(platform: Platform) -> dict[str, Configuration]:
    """Every repository by key: 1 request, or on servers that lack the call 1 and 1 a repository."""
    path = f"{_PATH}/configurations"
    try:
        classes = platform.get_json(path)
    except (NotThere, NotAllowed, Invalid):
        return _one_by_one(platform)
    return {str(item["key"]): item for items in classes.values() for item in items}


def _one_by_one(platform: Platform) -> dict[str, Configuration]:
    listed = [str(item["key"]) for item in platform.get_json(_PATH)]
    found = ((key, configuration(platform, key)) for key in listed)
    return {key: item for key, item in found if item is not None}


def configuration(platform: Platform, key: str) -> Configuration | None:
    """One repository, None when it is not there: 400 on recent servers, 404 on others (2.1)."""
    try:
        found: Configuration = platform.get_json(_at(key))
    except (NotThere, Invalid) as error:
        if error.status in (400, 404):
            return None
        raise
    return found


def create(platform: Platform, configurations: Sequence[Configuration], hide: Iterable[str] = ()) -> None:
    """Make up to `BATCH` repositories: 1 request that makes all or none, or 1 each where the server lacks batches.

    A member of a virtual repository must exist before it. Raises `RepositoriesRejected` naming those at fault.
    """
    _write(platform, "PUT", configurations, hide)


def update(platform: Platform, changes: Sequence[Configuration], hide: Iterable[str] = ()) -> None:
    """Change up to `BATCH` repositories; each has `key`, `rclass`, `packageType` and what differs, and what is left
    out stays (2.4). An empty list keeps the old one. Requests and errors as `create`."""
    _write(platform, "POST", [_clearing(item) for item in changes], hide)


def _clearing(item: Configuration) -> Configuration:
    """`""` does not clear a virtual repository's deployment repository; a name that does not exist does (2.4)."""
    if item.get("defaultDeploymentRepo", "x"):
        return item
    return {**item, "defaultDeploymentRepo": UNSET_DEPLOYMENT}


def delete(platform: Platform, key: str) -> bool:
    """Take a repository away with all it holds; whether there was one. The answer to a missing one has three shapes (2.5)."""
    try:
        platform.request("DELETE", _at(key))
    except NotThere:
        return False
    except Invalid as error:
        if error.status == 400 and _DOES_NOT_EXIST.search(error.said):
            return False
        raise
    return True


def attach_to_project(platform: Platform, key: str, project: str) -> None:
    """Tell Access that a repository moved into a project, or out of all with an empty name (12.3.1): the
    configuration alone does not."""
    path = f"/access/api/v1/projects/_/attach/repositories/{quote(key)}"
    if project:
        platform.request("PUT", f"{path}/{quote(project)}")
    else:
        platform.request("DELETE", path)


def _write(platform: Platform, method: str, items: Sequence[Configuration], hide: Iterable[str]) -> None:
    hidden = tuple(hide)
    if not items:
        return
    if len(items) > BATCH:
        raise ValueError(f"{len(items)} repositories in one call: {BATCH} is the server's limit")
    question = f"{method} {_BATCH_PATH}"
    if len(items) > 1 and platform.once(question, lambda: version(platform) >= _BATCH_SINCE[method]):
        try:
            platform.request(method, _BATCH_PATH, body=list(items), repeatable=True, hide=hidden)
            return
        except Answered as error:
            if error.status in (404, 405):
                platform.learn(question, False)  # the version says that it is there, the server that it is not
            elif error.status not in _ABOUT_A_REPOSITORY:
                raise
            elif key := _named_in(error.said, items):
                raise RepositoriesRejected(error.site, error.call, {key: error.said}) from None
            # Else it does not say which one: asking for each does, and makes the good ones.
    _write_each(platform, method, items, hidden)


def _write_each(platform: Platform, method: str, items: Sequence[Configuration], hide: tuple[str, ...]) -> None:
    rejected = {}
    for item in items:
        key = str(item["key"])
        try:
            platform.request(method, _at(key), body=dict(item), repeatable=True, hide=hide)
        except Answered as error:
            if error.status not in _ABOUT_A_REPOSITORY:
                raise
            rejected[key] = error.said
    if rejected:
        raise RepositoriesRejected(platform.site, f"{method} {_PATH}", rejected)


def _named_in(text: str, items: Sequence[Configuration]) -> str | None:
    """The repository that the words name, if they name just one of them; not part of a longer key."""
    keys = [str(item["key"]) for item in items]
    named = [key for key in keys if re.search(rf"(?<![\w.-]){re.escape(key)}(?![\w-]|\.\w)", text)]
    return named[0] if len(named) == 1 else None


def _at(key: str) -> str:
    return f"{_PATH}/{quote(key, safe='')}"
