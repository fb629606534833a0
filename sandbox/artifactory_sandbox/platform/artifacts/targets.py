"""Where a repository's items are, and where what is deployed to it goes."""

from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts.trash import TRASH
from artifactory_sandbox.platform.repositories.behaviour import CACHE_SUFFIX
from artifactory_sandbox.platform.web import Refused

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def store_of(platform: "Platform", repo: str) -> str | None:
    """The repository itself, or the cache of a remote one; None for virtual and unknown ones."""
    rclass = platform.repositories.state.class_of(repo)
    if rclass == "remote":
        return repo + CACHE_SUFFIX
    if rclass == "virtual":
        return None
    if rclass is not None or repo == TRASH or platform.repositories.class_of(repo) == "remote":
        return repo
    return None


def deploy_target(platform: "Platform", repo: str) -> str:
    """The local repository that takes an upload; refuses what cannot (6.1)."""
    config = platform.repositories.find(repo)
    if config is not None and config["rclass"] == "virtual":
        target = config["defaultDeploymentRepo"]
        if not target:
            raise Refused(405, f"No default deployment repository is configured for the virtual repository '{repo}'.")
        config = platform.repositories.find(target)
    if config is None or config["rclass"] in {"remote", "virtual"}:
        raise Refused(404, f"Could not find a local repository named {repo} to deploy to.")
    if config.get("blackedOut"):
        raise Refused(403, f"The repository '{config['key']}' is blacked out.")
    key: str = config["key"]
    return key
