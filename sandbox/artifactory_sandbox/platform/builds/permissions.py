"""Who may do what with builds and release bundles: permission targets over their repositories (4.6)."""

from typing import TYPE_CHECKING

from artifactory_sandbox.platform.security.authentication import login_needed
from artifactory_sandbox.platform.web import Caller, Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def may(platform: "Platform", caller: Caller, action: str, repo: str, name: str, resource: str = "build") -> bool:
    """Whether a caller may `read`, `write`, `annotate`, `delete` or `manage` the runs of a build."""
    return platform.security.may_resource(caller, action, resource, name, repo)


def demand(platform: "Platform", caller: Caller, action: str, repo: str, name: str, resource: str = "build") -> None:
    """A 401 or 403 when a caller may not."""
    if may(platform, caller, action, repo, name, resource):
        return
    if not caller.known:
        raise login_needed()
    what = "build info" if resource == "build" else "release bundle"
    raise Refused(403, f"User '{caller.name}' is not permitted to {action} {what} '{name}'.")
