"""What every upload of a package protocol must pass before anything is stored."""

from artifactory_sandbox.platform.artifacts import deploy
from artifactory_sandbox.platform.web import Call, Refused


def demand_deploy(call: Call, target: str, path: str, sha256: str) -> None:
    """Refuses a path that may not be, whoever may not write, and who may not replace the other file that is there."""
    deploy.check_path(path, target)
    deploy.check_policy(call.platform.repositories.find(target) or {}, path)
    security = call.platform.security
    security.demand(call.caller, "write", target, path)
    if call.matrix:
        security.demand(call.caller, "annotate", target, path)
    older = call.platform.artifacts.state.item(target, path)
    if older is None or older["folder"] or older["sha256"] == sha256:
        return
    if not security.may(call.caller, "delete", target, path):
        raise Refused(
            403,
            f"Not enough permissions to overwrite artifact '{target}:{path}' (user '{call.caller.name}' needs DELETE permission).",
        )
