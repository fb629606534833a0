"""Rows that an administrator may call, or a token made for them (1.2, 1.7, 8)."""

from artifactory_sandbox.platform.web import Call, Refused


def demand(call: Call, scope: str) -> None:
    """A 403 unless the caller is an administrator or its token has the scope."""
    if not call.caller.admin and scope not in call.caller.scope.split():
        raise Refused(403, "Forbidden")
