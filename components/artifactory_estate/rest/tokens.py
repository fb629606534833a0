"""Access tokens (REST reference 4.5). Short-lived ones (under 3 hours by default) are not stored by the server, so they can
neither be listed nor revoked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from artifactory_estate.rest.errors import BadAnswer, NotThere
from artifactory_estate.rest.transport import Platform

_PATH = "/access/api/v1/tokens"


@dataclass(frozen=True)
class NewToken:
    """A token just made. Never keep the value in state."""

    id: str
    value: str = field(repr=False)
    expires_in_s: int | None
    """Seconds; None: never."""


class KnownToken(NamedTuple):
    """What the server tells of a stored token."""

    id: str
    subject: str
    description: str
    expires: datetime | None = None
    """None: never."""


def create(
    platform: Platform, *, username: str, scope: str, expires_in_s: int, description: str = "", audience: str = "*@*"
) -> NewToken:
    """A new token; `scope` such as `applied-permissions/admin`, `expires_in_s` 0 for never (administrators only).

    Not repeated after a broken answer: each call makes another token.
    """
    body = {
        "grant_type": "client_credentials",
        "username": username,
        "scope": scope,
        "expires_in": expires_in_s,
        "description": description,
        "audience": audience,
    }
    answer = platform.json_of(platform.request("POST", _PATH, body=body))
    if not answer.get("access_token"):
        raise BadAnswer(platform.site, f"POST {_PATH}", "answered no token")
    return NewToken(str(answer.get("token_id", "")), str(answer["access_token"]), answer.get("expires_in"))


def known(platform: Platform) -> Sequence[KnownToken]:
    """The stored tokens."""
    return tuple(
        KnownToken(
            str(token["token_id"]),
            str(token.get("subject", "")),
            str(token.get("description") or ""),
            datetime.fromtimestamp(token["expiry"], UTC) if token.get("expiry") else None,
        )
        for token in platform.get_json(_PATH).get("tokens", ())
    )


def revoke(platform: Platform, token_id: str) -> bool:
    """Whether there was one to revoke."""
    try:
        platform.request("DELETE", f"{_PATH}/{token_id}")
    except NotThere:
        return False
    return True
