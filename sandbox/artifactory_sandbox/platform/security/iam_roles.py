"""Roles of a cloud's own accounts by which users sign on without a password (4.6)."""

import re

from artifactory_sandbox.platform.web import Answer, Call, Refused, Route, empty, json_answer

PATH = "/access/api/v1/aws/iam_role"
_KEPT = "aws-iam-roles"
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@:-]+\Z")


def put(call: Call) -> Answer:
    """Gives a user a role, in place of a former one."""
    sent = call.json_object()
    name, role = sent.get("username"), sent.get("iam_role")
    if not isinstance(name, str) or not name:
        raise Refused(400, "username is required")
    if not isinstance(role, str) or not _ROLE.match(role):
        raise Refused(400, "iam_role must be the ARN of a role")
    user = str(call.platform.security.identities.user(name)["name"])
    with call.platform.database.transaction():
        call.platform.settings.set(_KEPT, {**_kept(call), user: role})
    return json_answer({"username": user, "iam_role": role})


def get(call: Call) -> Answer:
    """The role of a user; a 400 without one."""
    name, role = _found(call)
    return json_answer({"username": name, "iam_role": role})


def delete(call: Call) -> Answer:
    """Takes it away."""
    name, _ = _found(call)
    with call.platform.database.transaction():
        call.platform.settings.set(_KEPT, {user: role for user, role in _kept(call).items() if user != name})
    return empty()


def _found(call: Call) -> tuple[str, str]:
    name = call.args["name"].lower()
    role = _kept(call).get(name)
    if role is None or call.platform.security.identities.state.user(name) is None:
        raise Refused(400, f"No IAM role is assigned to user '{name[:100]}'")
    return name, role


def _kept(call: Call) -> dict[str, str]:
    found: dict[str, str] = call.platform.settings.get(_KEPT, {})
    return found


ROUTES = (
    Route("PUT", PATH, "4.6", put),
    Route("GET", f"{PATH}/{{name}}", "4.6", get),
    Route("DELETE", f"{PATH}/{{name}}", "4.6", delete),
)
