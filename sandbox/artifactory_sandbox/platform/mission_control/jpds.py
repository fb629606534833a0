"""Registered platforms: pairing, and looking at how they are (7.1). The first, `JPD-1`, is this one."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.mission_control.state import MissionControlState
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.security.tokens import ADMIN_SCOPE, unverified_claims
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

HOME = "JPD-1"
STATUSES = ("ONLINE", "OFFLINE", "PARTIAL", "UNAUTHORIZED")
EXCHANGE = "mc/api/v1/internal/pairing"
_SCOPE = "internal:service-trust/pairing/mission-control:x"
_HOME_NAME, _HOME_URL = "HOME", "http://jpd.local/"
_HOME_LOCATION = {"city_name": "Nuuk", "country_code": "GL", "latitude": 64.18, "longitude": -51.72}
_WORDS = {"ONLINE": "Online", "OFFLINE": "Offline", "PARTIAL": "Partial", "UNAUTHORIZED": "Unauthorized"}
_FRESH_MS = 2000
_PATIENCE_S = (1.0, 4.0)
_TEXT_LIMIT = 255


class Jpds:
    """A platform is looked at when it is asked for and the last look is older than two seconds."""

    def __init__(self, platform: "Platform", state: MissionControlState) -> None:
        self._platform = platform
        self.state = state

    def all(self) -> list[dict[str, Any]]:
        """Every JPD as the API shows it, the home one first."""
        rows = [row for row in self.state.jpds() if row["id"] != HOME]
        return [self._home(), *(self._shown(row) for row in rows)]

    def get(self, name: str) -> dict[str, Any]:
        """One JPD; a 404 when there is none."""
        if name == HOME:
            return self._home()
        return self._shown(self.row(name))

    def row(self, name: str) -> Row:
        """What is stored of a JPD that is not the home one."""
        found = self.state.jpd(name)
        if found is None:
            raise Refused(404, f"JPD with id {name} was not found.")
        return found

    def register(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Adds a platform that answers; with a token it is paired."""
        url = _checked(sent)
        self._demand_new(url, sent["name"])
        self._demand_answer(url)
        token, service_id = self._paired(url, str(sent.get("token") or ""))
        with self._platform.database.transaction():
            self._demand_new(url, sent["name"])
            number = max(self.state.next_number(), int(self._platform.settings.get("jpd-number", 1)) + 1)
            self._platform.settings.set("jpd-number", number)
            name = f"JPD-{number}"
            self.state.put_jpd(_row(name, number, url, sent, token, service_id))
        return self.get(name)

    def change(self, name: str, sent: Mapping[str, Any]) -> None:
        """Replaces name, address, place and tags; a token pairs anew."""
        if name != HOME:
            self.row(name)
        older = self.state.jpd(name)
        url = _checked(sent)
        if any(jpd["url"] == url and jpd["id"] != name for jpd in self.all()):
            raise Refused(409, f"A JPD with the url {url} is registered already")
        token, service_id = (older["token"], older["service_id"]) if older else ("", "")
        if name != HOME and sent.get("token"):
            self._demand_answer(url)
            token, service_id = self._paired(url, str(sent["token"]))
        number = int(name.removeprefix("JPD-"))
        with self._platform.database.transaction():
            if name != HOME:
                self.row(name)
            self.state.put_jpd(_row(name, number, url, sent, token, service_id))

    def remove(self, name: str) -> None:
        """Takes a platform off the list; the home one stays."""
        if name == HOME:
            raise Refused(400, "The home JPD cannot be removed")
        if not self.state.delete_jpd(name):
            raise Refused(404, f"JPD with id {name} was not found.")

    def exchange(self, offer: Mapping[str, Any]) -> dict[str, Any]:
        """The other side of pairing: a pairing token of ours, once, or the join key, for an administrator's token."""
        platform = self._platform
        token = str(offer.get("token") or "")
        claims = platform.security.tokens.claims(token)
        if claims is None:
            if not self._is_join_key(token):
                raise Refused(401, "The token is neither a pairing token of this platform nor its join key")
        elif claims.get("scp") != _SCOPE or int(claims.get("exp", 0)) * 1000 <= platform.clock.now():
            raise Refused(401, "The pairing token is of another use case, or has expired")
        elif not platform.trust.state.use(str(claims["jti"]), platform.clock.now()):
            raise Refused(401, "The pairing token was used already")
        made = platform.security.tokens.create(
            "admin", ADMIN_SCOPE, 0, description="Mission Control", force_revocable=True
        )
        return {"token": made["access_token"], "service_id": platform.service_id, "version": str(platform.version)}

    def call(self, name: str, method: str, path: str, **options: Any) -> Any:
        """A call to another platform as its administrator; raises `PeerFailed`."""
        row = self.row(name)
        return self._platform.peers.call(method, f"{row['url']}{path}", auth=row["token"] or None, **options)

    def _paired(self, url: str, token: str) -> tuple[str, str]:
        """The lasting token of a platform and its service id; nothing without a token to begin with."""
        if not token:
            return "", ""
        try:
            made = self._platform.peers.call("POST", f"{url}{EXCHANGE}", json={"token": token}).json()
        except (PeerFailed, ValueError) as error:
            raise Refused(400, f"Pairing with {url} failed: {error}") from None
        if (claims := unverified_claims(token)) and claims.get("iss") == self._platform.service_id:
            raise Refused(400, "A platform cannot be registered at itself")
        return str(made["token"]), str(made["service_id"])

    def _demand_new(self, url: str, name: str) -> None:
        """By what is stored: whoever asks holds up other writers, so no platform is looked at."""
        known = [self._home(), *(row for row in self.state.jpds() if row["id"] != HOME)]
        if any(jpd["url"] == url for jpd in known):
            raise Refused(409, f"A JPD with the url {url} is registered already")
        if any(jpd["name"] == name for jpd in known):
            raise Refused(409, f"A JPD with the name {name} is registered already")

    def _demand_answer(self, url: str) -> None:
        if not self._answers(f"{url}artifactory/api/system/ping"):
            raise Refused(400, f"Cannot connect to {url}")

    def _answers(self, url: str) -> bool:
        try:
            self._platform.peers.call("GET", url, timeout=_PATIENCE_S)
        except PeerFailed as error:
            return not error.unreachable
        return True

    def _is_join_key(self, key: str) -> bool:
        known = self._platform.settings.get("join-key")
        return bool(key) and known == hashlib.sha256(f"join\n{key}".encode()).hexdigest()

    def _home(self) -> dict[str, Any]:
        platform, row = self._platform, self.state.jpd(HOME)
        url = f"{platform.configuration.base_url}/" if platform.configuration.base_url else _HOME_URL
        seen = {
            "status": "ONLINE",
            "services": {"ARTIFACTORY": "ONLINE", "JFMC": "ONLINE"},
            "licenses": _licences(platform.licences.pool()),
        }
        home = {"id": HOME, "name": _HOME_NAME, "url": url, "location": _HOME_LOCATION, "tags": [], "cold": 0}
        return _jpd(home if row is None else _opened(row), seen)

    def _shown(self, row: Row) -> dict[str, Any]:
        seen = json.loads(row["seen"])
        now = int(time.time() * 1000)  # real time: how fresh a look is has nothing to do with the simulated clock
        if now - row["checked"] > _FRESH_MS:
            seen = self._look(row)
            self.state.saw(row["id"], seen, now)
        return _jpd(_opened(row), seen)

    def _look(self, row: Row) -> dict[str, Any]:
        """What a platform answers now."""
        url = row["url"]
        if not self._answers(f"{url}artifactory/api/system/ping"):
            return {"status": "OFFLINE", "services": {"ARTIFACTORY": "OFFLINE"}, "licenses": []}
        services = {"ARTIFACTORY": "ONLINE"}
        services["JFMC"] = "ONLINE" if self._answers(f"{url}mc/api/v1/system/ping") else "OFFLINE"
        if not row["token"]:
            return {"status": "UNAUTHORIZED", "services": services, "licenses": []}
        options: dict[str, Any] = {"auth": row["token"], "timeout": _PATIENCE_S}
        try:
            answer = self._platform.peers.call("GET", f"{url}artifactory/api/system/licenses", **options)
            status = "ONLINE" if set(services.values()) == {"ONLINE"} else "PARTIAL"
            return {"status": status, "services": services, "licenses": _licences(answer.json().get("licenses") or [])}
        except PeerFailed as error:
            status = "UNAUTHORIZED" if error.status in {401, 403} else "PARTIAL"
        except ValueError:
            status = "PARTIAL"
        return {"status": status, "services": services, "licenses": []}


def _checked(sent: Mapping[str, Any]) -> str:
    """The address with one slash at its end; a 400 for what cannot be registered."""
    for name in ("name", "url"):
        if not isinstance(sent.get(name), str) or not sent[name].strip() or len(sent[name]) > _TEXT_LIMIT:
            raise Refused(400, f"{name} is required and must be a text")
    if not sent["url"].startswith(("http://", "https://")) or not sent["url"].partition("//")[2].strip("/"):
        raise Refused(400, f"Invalid url: {sent['url'][:100]}")
    location, tags = sent.get("location"), sent.get("tags")
    if location is not None and not isinstance(location, dict):
        raise Refused(400, "location must be an object")
    for name in ("latitude", "longitude"):
        value = (location or {}).get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise Refused(400, f"location.{name} must be a number")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise Refused(400, "tags must be an array of texts")
    return str(sent["url"]).strip().rstrip("/") + "/"


def _row(name: str, number: int, url: str, sent: Mapping[str, Any], token: str, service_id: str) -> dict[str, Any]:
    return {
        "id": name,
        "number": number,
        "name": sent["name"],
        "url": url,
        "location": sent.get("location") or {},
        "tags": sent.get("tags") or [],
        "token": token,
        "service_id": service_id,
        "cold": sent.get("is_cold_storage") is True,
    }


def _opened(row: Row) -> dict[str, Any]:
    return {**dict(row), "location": json.loads(row["location"]), "tags": json.loads(row["tags"])}


def _jpd(row: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "url": row["url"],
        "base_url": row["url"],
        "local": row["id"] == HOME,
        "location": row["location"],
        "status": {"code": seen["status"], "message": _WORDS[seen["status"]], "warnings": []},
        "services": [{"type": kind, "status": {"code": status}} for kind, status in seen["services"].items()],
        "licenses": seen["licenses"],
        "tags": row["tags"],
        "is_cold_storage": bool(row["cold"]),
        "cold_storage_jpd": "",
    }


def _licences(pool: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "type": one.get("type"),
            "expired": bool(one.get("expired")),
            "license_hash": one.get("licenseHash"),
            "licensed_to": one.get("licensedTo"),
            "valid_through": one.get("validThrough"),
        }
        for one in pool
    ]
