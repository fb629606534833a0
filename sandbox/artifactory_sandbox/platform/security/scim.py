"""SCIM 2.0 of Access: users and groups by the words of that protocol (4.6); an id is the name."""

import re
from collections.abc import Callable
from typing import Any

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, json_answer

USERS, GROUPS = "/access/api/v1/scim/v2/Users", "/access/api/v1/scim/v2/Groups"
_CORE = "urn:ietf:params:scim:schemas:core:2.0:"
_MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
_FILTER = re.compile(r'^\s*(userName|displayName)\s+eq\s+"([^"]*)"\s*$', re.IGNORECASE)
_PAGE, _ALL = 100, 1_000_000


def _shaped(handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """A handler whose refusals are SCIM's."""

    def run(call: Call) -> Answer:
        try:
            return handler(call)
        except Refused as refused:
            said = {"schemas": [f"{_MESSAGES}Error"], "status": refused.status, "detail": refused.message}
            raise Refused(refused.status, refused.message, "json", said) from None

    run.__doc__ = handler.__doc__
    return run


def users(call: Call) -> Answer:
    """Users, a page at a time; one of them by `userName eq "…"`."""
    return _page(call, [row["name"] for row in call.platform.security.state.users("", _ALL)], _user)


def user(call: Call) -> Answer:
    """One user."""
    return json_answer(_user(call, call.args["id"]))


def add_user(call: Call) -> Answer:
    """Creates a user, who has no password here."""
    sent = call.json_object()
    name = call.platform.security.identities.create_user(sent.get("userName"), _fields(sent, True))
    return json_answer(_user(call, name), 201)


def put_user(call: Call) -> Answer:
    """Changes a user; one that is not active cannot log in."""
    call.platform.security.identities.change_user(call.args["id"], _fields(call.json_object(), False))
    return json_answer(_user(call, call.args["id"]))


def patch_user(call: Call) -> Answer:
    """Applies operations: `active` and mail addresses."""
    changes: dict[str, Any] = {}
    for one in _operations(call):
        value = one.get("value")
        changes.update(value if isinstance(value, dict) else {str(one.get("path") or ""): value})
    if isinstance(changes.get("active"), str):
        changes["active"] = changes["active"].lower() == "true"
    call.platform.security.identities.change_user(call.args["id"], _fields(changes, False))
    return json_answer(_user(call, call.args["id"]))


def remove_user(call: Call) -> Answer:
    """Deletes a user."""
    call.platform.security.identities.delete_user(call.args["id"])
    return empty()


def groups(call: Call) -> Answer:
    """Groups, a page at a time; one of them by `displayName eq "…"`."""
    return _page(call, [row["name"] for row in call.platform.security.state.groups()], _group)


def group(call: Call) -> Answer:
    """One group."""
    return json_answer(_group(call, call.args["id"]))


def add_group(call: Call) -> Answer:
    """Creates a group with its members."""
    sent = call.json_object()
    name = call.platform.security.identities.create_group(sent.get("displayName"), {}, _members(sent.get("members")))
    return json_answer(_group(call, name), 201)


def put_group(call: Call) -> Answer:
    """Sets the members of a group."""
    _change_members(call, _members(call.json_object().get("members")), replace=True)
    return json_answer(_group(call, call.args["id"]))


def patch_group(call: Call) -> Answer:
    """Applies operations: members that come and go."""
    for one in _operations(call):
        kind, path = str(one.get("op") or "").lower(), str(one.get("path") or "")
        value = one.get("value")
        found = re.match(r'^members\[value eq "([^"]+)"\]$', path)
        names = [found[1]] if found else _members(value.get("members") if isinstance(value, dict) else value)
        if kind == "remove":
            _leave(call, names)
        elif kind in {"add", "replace"}:
            _change_members(call, names, replace=kind == "replace")
        else:
            raise Refused(400, f"Unknown operation: {kind[:50]}")
    return json_answer(_group(call, call.args["id"]))


def remove_group(call: Call) -> Answer:
    """Deletes a group."""
    call.platform.security.identities.delete_group(call.args["id"])
    return empty()


def _user(call: Call, name: str) -> dict[str, Any]:
    row = call.platform.security.identities.user(name)
    return {
        "schemas": [f"{_CORE}User"],
        "id": row["name"],
        "userName": row["name"],
        "active": row["status"] != "disabled",
        "emails": [{"value": row["email"], "primary": True}] if row["email"] else [],
        "groups": [{"value": one} for one in call.platform.security.state.groups_of(row["name"])],
        "meta": {"resourceType": "User"},
    }


def _group(call: Call, name: str) -> dict[str, Any]:
    row = call.platform.security.identities.group(name)
    members = call.platform.security.state.members_of(row["name"])
    return {
        "schemas": [f"{_CORE}Group"],
        "id": row["name"],
        "displayName": row["name"],
        "members": [{"value": one, "display": one} for one in members],
        "meta": {"resourceType": "Group"},
    }


def _page(call: Call, names: list[str], shown: Callable[[Call, str], dict[str, Any]]) -> Answer:
    if wanted := call.first("filter"):
        found = _FILTER.match(wanted)
        if found is None:
            raise Refused(400, "Only the filter eq on userName or displayName is supported")
        names = [name for name in names if name.lower() == found[2].lower()]
    start, count = max(call.number("startIndex", 1), 1), max(call.number("count", _PAGE), 0)
    page = names[start - 1 : start - 1 + count]
    return json_answer(
        {
            "schemas": [f"{_MESSAGES}ListResponse"],
            "totalResults": len(names),
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": [shown(call, name) for name in page],
        }
    )


def _fields(sent: dict[str, Any], new: bool) -> dict[str, Any]:
    """What of a user is Access's: the primary address, and whether the user is active."""
    made: dict[str, Any] = {}
    emails, active = sent.get("emails"), sent.get("active")
    if emails is not None:
        if not isinstance(emails, list) or not all(isinstance(one, dict) for one in emails):
            raise Refused(400, "emails is a list of addresses")
        made["email"] = next((one.get("value") for one in [*emails] if one.get("primary")), None) or (
            emails[0].get("value") if emails else None
        )
    if active is not None and not isinstance(active, bool):
        raise Refused(400, "active is true or false")
    if active is not None or new:
        made["status"] = "disabled" if active is False else "enabled"
    return made


def _operations(call: Call) -> list[dict[str, Any]]:
    found = call.json_object().get("Operations")
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise Refused(400, "Operations is a list of operations")
    return found


def _members(sent: Any) -> list[str]:
    if sent is not None and not isinstance(sent, list):
        raise Refused(400, "members is a list of users")
    found = [one.get("value") if isinstance(one, dict) else one for one in sent or []]
    names = [one for one in found if isinstance(one, str)]
    if len(names) < len(found):
        raise Refused(400, "members is a list of users")
    return names


def _change_members(call: Call, names: list[str], replace: bool) -> None:
    security = call.platform.security
    row = security.identities.group(call.args["id"])
    joined = security.identities.known_users(names)
    with call.platform.database.transaction():
        if replace:
            _leave(call, [one for one in security.state.members_of(row["name"]) if one not in set(joined)])
        for name in joined:
            security.state.join(name, [row["name"]])


def _leave(call: Call, names: list[str]) -> None:
    row = call.platform.security.identities.group(call.args["id"])
    with call.platform.database.transaction():
        for name in names:
            call.platform.security.state.leave(name.lower(), [row["name"]])


ROUTES = tuple(
    Route(method, path, "4.6", _shaped(handler))
    for method, path, handler in (
        ("GET", USERS, users),
        ("POST", USERS, add_user),
        ("GET", f"{USERS}/{{id}}", user),
        ("PUT", f"{USERS}/{{id}}", put_user),
        ("PATCH", f"{USERS}/{{id}}", patch_user),
        ("DELETE", f"{USERS}/{{id}}", remove_user),
        ("GET", GROUPS, groups),
        ("POST", GROUPS, add_group),
        ("GET", f"{GROUPS}/{{id}}", group),
        ("PUT", f"{GROUPS}/{{id}}", put_group),
        ("PATCH", f"{GROUPS}/{{id}}", patch_group),
        ("DELETE", f"{GROUPS}/{{id}}", remove_group),
    )
)
