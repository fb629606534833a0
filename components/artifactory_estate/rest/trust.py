"""Trust between Artifactory services: pairing tokens, and the master tokens they are exchanged for (REST reference 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from xml.etree import ElementTree

from artifactory_estate.rest.errors import BadAnswer, NotThere
from artifactory_estate.rest.transport import Platform

Use = Literal["federated-repo/*", "federated-repo/r"]
"""Both ways, or a receiving-only master token for the side that accepts."""

_PAIRING = "/artifactory/api/v1/service_trust/pairing"
_REVOKE = "/artifactory/api/v1/service_trust/pairings/*"


@dataclass(frozen=True)
class MasterToken:
    """What one site keeps of another: which one, and until when it is good."""

    base_url: str
    """Platform URL of the peer, without `/artifactory`, in lower case."""
    expires: datetime | None
    """None: it says nothing of its end."""


def pairing_token(platform: Platform, use: Use) -> str:
    """A token that the other site must accept within 5 minutes, once."""
    call = f"POST {_PAIRING}/{use}"
    answer = platform.json_of(platform.request("POST", f"{_PAIRING}/{use}", repeatable=True))
    if not isinstance(answer, dict) or not answer.get("pairing_token"):
        raise BadAnswer(platform.site, call, "answered without a pairing token")
    return str(answer["pairing_token"])


def accept(platform: Platform, use: Use, token: str) -> None:
    """Exchange the other site's pairing token for master tokens; an older pairing with that site is replaced.

    Not repeated when the answer is lost: the token is single-use. The next run reads what came of it.
    """
    platform.request("PUT", f"{_PAIRING}/{use}", body={"pairing_token": token}, repeatable=False, hide=(token,))


def revoke(platform: Platform, base_url: str) -> None:
    """Take this site's trust in `base_url` away. None there is success."""
    try:
        platform.request("DELETE", _REVOKE, body={"base_url": base_url})
    except NotThere:
        return


def held(platform: Platform) -> Sequence[MasterToken]:
    """The master tokens this site holds.

    There is no GET of pairings; the tokens stand in the configuration descriptor under `authentication>tokens` (REST
    reference 2.9, last point), with their last refresh and life span in milliseconds. Their values are not returned.
    """
    call = "GET /artifactory/api/system/configuration"
    text = platform.request("GET", "/artifactory/api/system/configuration").text
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  (the administrator's own server; expat expands no external entities)
    except ElementTree.ParseError as error:
        raise BadAnswer(platform.site, call, "answered with something that is not XML") from error
    tokens = (element for element in root.iter() if _tag(element) == "token")
    return tuple(found for found in map(_master_token, tokens) if found.base_url)


def _master_token(element: ElementTree.Element) -> MasterToken:
    fields = {_tag(child): (child.text or "").strip() for child in element}
    refreshed, life = fields.get("lastRefreshDateMillis", ""), fields.get("expirationInMillis", "")
    expires = None
    if refreshed.isdigit() and life.isdigit() and int(life):
        expires = datetime.fromtimestamp(int(refreshed) / 1000, UTC) + timedelta(milliseconds=int(life))
    return MasterToken(_platform_url(fields.get("baseUrl", "")), expires)


def _platform_url(url: str) -> str:
    return url.rstrip("/").removesuffix("/artifactory").lower()


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
