"""Where the plain paths of items meet the package types: computed files, and what an arriving package says of itself.

A package type registers itself here; downloads and deployments ask.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages.sources import package_type
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Upload

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform

COMPUTED: dict[str, Callable[[Call, str, str], Answer | None]] = {}
"""By package type: answers a GET of a path whose file is derived, such as an index; None for every other path."""

DESCRIBED: dict[str, Callable[["Platform", Row], Mapping[str, list[str]]]] = {}
"""By package type: the properties that a package gets when it is deployed by its plain path."""

CHECKED: dict[str, Callable[[Call, str, str, Upload], None]] = {}
"""By package type: refuses what the repository does not let in under a path, before it is stored."""

KEPT: dict[str, Callable[["Platform", str, str], str]] = {}
"""By package type: the path under which a repository keeps what is deployed to a path."""

ARRIVED: dict[str, Callable[["Platform", Row], None]] = {}
"""By package type: what follows when a file has been deployed by its plain path."""


def computed(call: Call, repo: str, path: str) -> Answer | None:
    """The derived file at a plain path, None when the path is an item's."""
    answer = COMPUTED.get(package_type(call.platform, repo)) if COMPUTED else None
    return answer(call, repo, path) if answer else None


def kept_path(platform: "Platform", target: str, path: str) -> str:
    """The path under which a repository keeps what is deployed to a path."""
    renamed = KEPT.get(package_type(platform, target))
    return renamed(platform, target, path) if renamed else path


def described(platform: "Platform", row: Row) -> None:
    """Notes on a package what it says of itself, beside the properties it was deployed with."""
    if row["folder"]:
        return
    kind = package_type(platform, row["repo"])
    if (follow := ARRIVED.get(kind)) is not None:
        follow(platform, row)
    read = DESCRIBED.get(kind)
    if read is None:
        return
    has = platform.artifacts.state.properties(row["id"])
    found = {name: values for name, values in read(platform, row).items() if name not in has}
    if found:
        platform.artifacts.set_properties(row["repo"], row["path"], found, Origin("_system_"), recursive=False)


def checked(call: Call, target: str, path: str) -> None:
    """Refuses an upload that its repository does not let in."""
    check = CHECKED.get(package_type(call.platform, target))
    if check is not None and call.upload is not None:
        check(call, target, path, call.upload)
