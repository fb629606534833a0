"""What is sent of a platform's Access, and how another one takes it over."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.security.patterns import matches
from artifactory_sandbox.platform.trust.access.state import AccessState

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

KINDS = ("users", "groups", "permissions", "tokens")
_OWN_USERS = frozenset({"admin", "anonymous", "_internal"})
_EVERYBODY = 1 << 30
_THEIR_OWN = {"last_login": 0, "failures": 0, "locked": 0}
"""What each platform notes of a user for itself."""
Entities = dict[str, Any]


def gathered(platform: "Platform", config: Mapping[str, Any]) -> Entities:
    """The entities that a target is to have."""
    state, wanted = platform.security.state, set(config["entities"])
    data: Entities = {}
    if "users" in wanted:
        users = [{**dict(row), **_THEIR_OWN} for row in state.users("", _EVERYBODY) if row["name"] not in _OWN_USERS]
        data["users"] = [{**user, "groups": state.groups_of(user["name"])} for user in users]
    if "groups" in wanted:
        data["groups"] = [dict(row) for row in state.groups() if _takes(config["group_filters"], row["name"])]
    if "permissions" in wanted:
        found = [
            (name, resources) for name, resources in state.permissions() if _takes(config["permission_filters"], name)
        ]
        data["permissions"] = [{"name": name, "resources": resources} for name, resources in found]
    if "tokens" in wanted:
        now = platform.clock.now() // 1000
        data["tokens"] = [dict(row) for row in state.tokens(now)]
    return data


def digest(data: Entities) -> str:
    """What tells two states apart; when somebody was here last does not."""
    lasting = {
        kind: [{name: value for name, value in entity.items() if not name.startswith("last_")} for entity in listed]
        for kind, listed in data.items()
    }
    return hashlib.sha256(json.dumps(lasting, sort_keys=True, default=str).encode()).hexdigest()


def taken_over(platform: "Platform", received: AccessState, source: str, sent: Mapping[str, Any], force: bool) -> int:
    """Makes what a source sent stand here too; how many entities changed hands.

    An entity of the same name that did not come from this source stays as it is, unless `force`. What the source sent
    before and sends no more is removed.
    """
    state = platform.security.state
    takers: Mapping[str, tuple[str, Callable[[str], Any], Callable[[dict[str, Any]], None], Callable[[str], Any]]] = {
        "groups": ("name", state.group, state.put_group, state.delete_group),
        "users": ("name", state.user, lambda user: _put_user(platform, user), state.delete_user),
        "permissions": (
            "name",
            state.permission,
            lambda one: state.put_permission(str(one["name"]), dict(one["resources"])),
            state.delete_permission,
        ),
        "tokens": ("id", state.token, lambda token: _put_token(platform, token), state.delete_token),
    }
    count = 0
    with platform.database.transaction():
        for kind, (key, find, put, delete) in takers.items():
            if not isinstance(sent.get(kind), list):
                continue
            before = received.received(source, kind)
            for entity in _objects(sent[kind]):
                name = str(entity[key])
                if name in _OWN_USERS or (not force and name not in before and find(name) is not None):
                    before.discard(name)
                    continue
                put(entity)
                received.note(source, kind, name)
                before.discard(name)
                count += 1
            for name in before:
                delete(name)
                received.forget(source, kind, name)
    return count


def _put_user(platform: "Platform", user: dict[str, Any]) -> None:
    state = platform.security.state
    groups = set(user.pop("groups", ()))
    known = state.user(user["name"])
    state.put_user({**user, **({name: known[name] for name in _THEIR_OWN} if known is not None else {})})
    here = set(state.groups_of(user["name"]))
    state.join(user["name"], sorted(group for group in groups - here if state.group(group) is not None))
    state.leave(user["name"], sorted(here - groups))


def _put_token(platform: "Platform", token: dict[str, Any]) -> None:
    platform.security.state.delete_token(str(token["id"]))
    platform.security.state.put_token(token)


def _objects(value: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return [dict(one) for one in value if isinstance(one, dict)]


def _takes(filters: Mapping[str, Any], name: str) -> bool:
    return matches(name, filters.get("include_patterns") or ("**",), filters.get("exclude_patterns") or ())
