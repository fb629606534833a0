"""Targets of access federation, and broadcasts to them: from here to there only (4.4)."""

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from artifactory_sandbox.platform.jobs import Jobs
from artifactory_sandbox.platform.peers import PeerFailed
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.trust.access import entities
from artifactory_sandbox.platform.trust.access.state import AccessState
from artifactory_sandbox.platform.web import Call, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

WIRE = "/api/internal/federation"
PLATFORM_FEDERATION = "platform-federation"
LOOK_S = 1.5
REST_MS = 5000
_CAMEL = {
    "permissionFilters": "permission_filters",
    "groupFilters": "group_filters",
    "forceOverride": "force_override",
    "includePatterns": "include_patterns",
    "excludePatterns": "exclude_patterns",
}
_FILTERS = ("permission_filters", "group_filters")


class AccessFederation:
    """One node of a cluster sends at a time; a target has what it had when its digest was noted."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self.state = AccessState(platform.database)
        self._next_look = 0.0

    def create(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """A new target."""
        wanted = _snake(sent)
        config = _config({}, wanted)
        name, url = str(wanted.get("name") or ""), str(wanted.get("url") or "")
        if not name or not url:
            raise Refused(400, "name and url are required")
        _check_url(url)
        with self._platform.database.transaction():
            if self.state.target(name) is not None:
                raise Refused(409, f"Federation target '{name}' already exists")
            self.state.put(name, url, config)
        self._platform.wake()
        return self.get(name)

    def get(self, name: str) -> dict[str, Any]:
        """One target as the API shows it."""
        return shown(self._row(name))

    def change(self, name: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Merges a partial target; its name and address stay."""
        row, wanted = self._row(name), _snake(sent)
        for field in ("name", "url"):
            if wanted.get(field) not in (None, row[field]):
                raise Refused(400, f"The {field} of a federation target cannot be changed")
        self.state.put(name, row["url"], _config(json.loads(row["config"]), wanted))
        self._platform.wake()
        return self.get(name)

    def delete(self, name: str) -> None:
        """Takes a target away; what it received stays there."""
        if not self.state.delete(name):
            raise Refused(404, f"Federation target '{name}' was not found")

    def broadcast(self, name: str) -> int:
        """Full Broadcast, now: 204 when it is through, 202 when one runs already, 304 for a target that is switched off."""
        row = self._row(name)
        if not json.loads(row["config"])["active"] or not json.loads(row["config"])["entities"]:
            return 304
        if not self._platform.locks.take(_lease(name)):
            return 202
        try:
            if said := self._send(row, again=True):
                raise Refused(500, f"The broadcast to '{name}' failed: {said}")
        finally:
            self._platform.locks.release(_lease(name))
        return 204

    def validate(self, url: str) -> None:
        """A 412 when a platform does not trust this one."""
        _check_url(url)
        try:
            self._call(url, "GET", "trust")
        except PeerFailed as error:
            raise Refused(412, f"Trust with {url} could not be established: {error}") from None

    def tick(self, jobs: Jobs) -> None:
        """Sends to every target whose entities differ from what it has."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_S
        now = int(time.time() * 1000)
        for row in self.state.targets():
            if json.loads(row["config"])["active"] and row["retry_at"] <= now:
                jobs.start(_lease(row["name"]), lambda name=row["name"]: self._catch_up(name))  # type: ignore[misc]

    def source(self, call: Call) -> str:
        """The platform that sends entities: one of the circle of trust, or one that was bound; 401 for anybody else."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        found = None
        if kind.lower() == "bearer":
            found = self._platform.trust.circle.issuer(token) or self._platform.trust.bound(token, PLATFORM_FEDERATION)
        if found is None:
            raise Refused(401, "The platform is not trusted: it is not in the circle of trust, and is not bound")
        return found

    def take(self, source: str, sent: Mapping[str, Any]) -> int:
        """Entities of a source."""
        try:
            issuer = sent.get("token_issuer")
            if isinstance(issuer, str) and issuer:
                self._platform.trust.keep_token_issuer(source, issuer)
            force = bool(sent.get("force_override"))
            return entities.taken_over(self._platform, self.state, source, dict(sent.get("entities") or {}), force)
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(400, f"Error parsing json body: {error}") from None

    def _catch_up(self, name: str) -> None:
        if not self._platform.locks.take(_lease(name)):
            return
        try:
            if row := self.state.target(name):
                self._send(row, again=False)
        finally:
            self._platform.locks.release(_lease(name))

    def _send(self, row: Row, again: bool) -> str:
        """Sends what a target is to have; the reason when it could not."""
        config = json.loads(row["config"])
        data = entities.gathered(self._platform, config)
        digest = entities.digest(data)
        if digest == row["sent"] and not again:
            return ""
        body: dict[str, Any] = {"entities": data, "force_override": config["force_override"]}
        if "tokens" in data:
            body["token_issuer"] = self._platform.trust.circle.certificate
        try:
            self._call(row["url"], "PUT", "entities", json=body)
        except PeerFailed as error:
            retry_at = int(time.time() * 1000) + REST_MS
            self.state.result(row["name"], "ERROR", str(error), None, retry_at)
            return str(error)
        self.state.result(row["name"], "OK", "", digest, 0)
        return ""

    def _call(self, url: str, method: str, what: str, **options: Any) -> None:
        trust = self._platform.trust
        token = trust.token_for(url, PLATFORM_FEDERATION) or trust.circle.token()
        self._platform.peers.call(method, f"{url.rstrip('/')}{WIRE}/{what}", auth=token, **options)

    def _row(self, name: str) -> Row:
        row = self.state.target(name)
        if row is None:
            raise Refused(404, f"Federation target '{name}' was not found")
        return row


def shown(row: Row) -> dict[str, Any]:
    """A target as the API shows it."""
    return {"name": row["name"], "url": row["url"], **json.loads(row["config"])}


def _lease(name: str) -> str:
    return f"access-federation:{name}"


def _snake(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Both spellings of the fields are known (4.4)."""
    return {
        _CAMEL.get(name, name): _snake(value) if isinstance(value, Mapping) else value for name, value in sent.items()
    }


def _config(current: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "entities": list(entities.KINDS),
        "permission_filters": {"include_patterns": [], "exclude_patterns": []},
        "group_filters": {"include_patterns": [], "exclude_patterns": []},
        "active": True,
        "force_override": False,
        **current,
    }
    if wanted.get("entities") is not None:
        made["entities"] = _entities(wanted["entities"])
    for name in _FILTERS:
        if wanted.get(name) is not None:
            made[name] = _filter(name, wanted[name])
    for name in ("active", "force_override"):
        if wanted.get(name) is not None:
            if not isinstance(wanted[name], bool):
                raise Refused(400, f"{name} must be true or false")
            made[name] = wanted[name]
    return made


def _entities(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(400, "entities must be an array of texts")
    wanted = [one.lower() for one in value]
    if unknown := [one for one in wanted if one not in entities.KINDS]:
        raise Refused(400, f"Unknown entity: {unknown[0][:70]}")
    return wanted


def _filter(name: str, value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise Refused(400, f"{name} must be an object")
    made = {}
    for field in ("include_patterns", "exclude_patterns"):
        listed = value.get(field) or []
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise Refused(400, f"{name}.{field} must be an array of texts")
        made[field] = listed
    return made


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise Refused(400, f"Invalid url: {url[:200]}")
