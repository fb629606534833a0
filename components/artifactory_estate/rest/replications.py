"""Push and pull replications, their runs, and the global block (REST reference 1.5 and 5). The server's oddities end here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from artifactory_estate.rest.errors import Conflict, Invalid, NotThere
from artifactory_estate.rest.transport import Platform

SOCKET_TIMEOUT_MS = 15000
"""How long the sender waits for the other site (seed 000, DR Configuration Properties: 15000 ms)."""


@dataclass(frozen=True)
class Replication:
    """One entry: a push of a local repository to one URL, or a pull of a remote one (`url` empty)."""

    repository: str
    cron: str
    url: str = ""
    enabled: bool = True
    on_event: bool = False
    sync_deletes: bool = False
    sync_properties: bool = True
    check_existence: bool = False
    """A push sends no binary that the target's filestore has already, which the target must allow (1.7)."""

    @property
    def identity(self) -> tuple[str, str]:
        """The server knows an entry by repository and URL."""
        return self.repository, self.url


@dataclass(frozen=True)
class Login:
    """As whom the sender appears at the other site. The password is an access token."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    """The last run."""

    word: str
    """`unknown`, `never_run`, `incomplete`, `error`, `warn`, `ok`, `inconsistent`, `partial_failure`."""
    last_completed: datetime | None


@dataclass(frozen=True)
class Blocks:
    """The site-wide switches; a blocked direction neither runs nor starts."""

    push: bool
    pull: bool


def read_all(platform: Platform) -> Sequence[Replication]:
    """Every entry of the site, in one request."""
    answer = platform.get_json("/artifactory/api/replications")
    return tuple(map(_replication, answer if isinstance(answer, list) else []))


def write_push(platform: Platform, entry: Replication, login: Login | None, present: Sequence[Replication]) -> None:
    """Make or change one push entry; `present` are the entries that its repository has now.

    Without a login the stored one is kept, which only an entry that exists can do. Entries for other URLs stay: the
    single calls touch the first entry of a repository whatever its URL, so they are used when there is no other.
    """
    exists = any(other.url == entry.url for other in present)
    path = f"/artifactory/api/replications/{entry.repository}"
    body: dict[str, Any] = _push_body(entry, login)
    if any(other.url != entry.url for other in present):
        path = f"/artifactory/api/replications/multiple/{entry.repository}"
        top = {"cronExp": entry.cron, "enableEventReplication": entry.on_event}
        body = {**top, "replications": [body]}
    platform.request("POST" if exists else "PUT", path, body=body, repeatable=True, hide=_secret(login))


def write_pushes(platform: Platform, entries: Sequence[Replication], logins: Sequence[Login]) -> None:
    """All pushes of one repository in one call; needs an Enterprise licence. Entries that are not named stay (5.3)."""
    first = entries[0]
    body = {
        "cronExp": first.cron,
        "enableEventReplication": first.on_event,
        "replications": [_push_body(entry, login) for entry, login in zip(entries, logins, strict=True)],
    }
    path = f"/artifactory/api/replications/multiple/{first.repository}"
    platform.request("PUT", path, body=body, hide=tuple(login.password for login in logins))


def write_pull(platform: Platform, entry: Replication, exists: bool) -> None:
    """Make or change the pull of a remote repository."""
    path = f"/artifactory/api/replications/{entry.repository}"
    platform.request("POST" if exists else "PUT", path, body=_body(entry), repeatable=True)


def remove(platform: Platform, repository: str, url: str = "") -> None:
    """Remove one entry (`url`), or all of a repository. Nothing there, or no repository, is success: 400 says so here."""
    try:
        path = f"/artifactory/api/replications/{repository}"
        platform.request("DELETE", path, params={"url": url} if url else None)
    except NotThere:
        return
    except Invalid as error:
        if error.status != 400:
            raise


def execute(platform: Platform, repository: str) -> None:
    """Start every enabled replication of the repository now; comes back at once. One that runs already is success."""
    try:
        platform.request("POST", f"/artifactory/api/replication/execute/{repository}", repeatable=True)
    except Conflict:
        return


def status(platform: Platform, repository: str, url: str) -> Status:
    """How the last run towards `url` ended."""
    answer = platform.get_json(f"/artifactory/api/replication/{repository}")
    targets = answer.get("targets") or []
    of_url = next((target for target in targets if target.get("url") == url), answer)
    return Status(str(of_url.get("status", "unknown")), _time(of_url.get("lastCompleted")))


def last_change(platform: Platform, repository: str) -> datetime | None:
    """When the newest item of the repository was last modified; None for an empty one."""
    try:
        answer = platform.get_json(f"/artifactory/api/storage/{repository}", params={"lastModified": ""})
    except NotThere:
        return None
    return _time(answer.get("lastModified"))


def blocks(platform: Platform) -> Blocks:
    """What is blocked now."""
    answer = platform.get_json("/artifactory/api/system/replications")
    return Blocks(push=bool(answer.get("blockPushReplications")), pull=bool(answer.get("blockPullReplications")))


def block(platform: Platform) -> None:
    """Block both directions, if they are not."""
    _switch(platform, "block", wanted=True)


def unblock(platform: Platform) -> None:
    """Unblock both directions, if they are."""
    _switch(platform, "unblock", wanted=False)


def _switch(platform: Platform, word: str, wanted: bool) -> None:
    if blocks(platform) == Blocks(push=wanted, pull=wanted):
        return
    params = {"push": "true", "pull": "true"}
    platform.request("POST", f"/artifactory/api/system/replications/{word}", params=params, repeatable=True)


def _replication(data: dict[str, Any]) -> Replication:
    pull = data.get("replicationType") == "PULL"
    return Replication(
        repository=str(data.get("repoKey", "")),
        cron=str(data.get("cronExp", "")),
        url="" if pull else str(data.get("url", "")),
        enabled=bool(data.get("enabled")),
        on_event=bool(data.get("enableEventReplication")),
        sync_deletes=bool(data.get("syncDeletes")),
        sync_properties=bool(data.get("syncProperties", True)),
        check_existence=bool(data.get("checkBinaryExistenceInFilestore")),
    )


def _body(entry: Replication) -> dict[str, Any]:
    return {
        "repoKey": entry.repository,
        "cronExp": entry.cron,
        "enabled": entry.enabled,
        "enableEventReplication": entry.on_event,  # POST sets it to false when it is left out
        "syncDeletes": entry.sync_deletes,
        "syncProperties": entry.sync_properties,
    }


def _push_body(entry: Replication, login: Login | None) -> dict[str, Any]:
    body = {**_body(entry), "url": entry.url, "socketTimeoutMillis": SOCKET_TIMEOUT_MS}
    body["checkBinaryExistenceInFilestore"] = entry.check_existence
    return {**body, "username": login.username, "password": login.password} if login else body


def _secret(login: Login | None) -> tuple[str, ...]:
    return (login.password,) if login else ()


def _time(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
