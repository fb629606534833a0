"""The shell files around the installation, as texts for the bundle."""

from artifactory_estate.base import Refusal, Refused
from artifactory_estate.base.project import in_project
from artifactory_estate.site.installation import Artifactory


def hooks_of(artifactory: Artifactory) -> dict[str, str]:
    """`pre_install` and `post_install`, those that are declared. Raises `Refused` for a file that cannot be read."""
    declared = {"pre_install": artifactory.pre_install, "post_install": artifactory.post_install}
    return {hook: _read(hook, path) for hook, path in declared.items() if path}


def _read(hook: str, path: str) -> str:
    try:
        return in_project(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        do = "Relative paths begin at the folder of Pulumi.yaml."
        raise Refused([Refusal(("artifactory", hook), f"{path} cannot be read", why, do)]) from error
