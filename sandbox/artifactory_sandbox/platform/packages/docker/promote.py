"""Promotion of images between repositories (12.10.3)."""

import re

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.packages.docker import digests, images
from artifactory_sandbox.platform.packages.docker import manifest as manifests
from artifactory_sandbox.platform.packages.docker.place import TYPES, folder_of, is_image, is_tag
from artifactory_sandbox.platform.packages.docker.state import LIST, DockerState
from artifactory_sandbox.platform.packages.sources import content, demand_type
from artifactory_sandbox.platform.web import Answer, Call, Refused, text

_KEY = re.compile(r"[A-Za-z0-9._-]+\Z")


def promote(call: Call) -> Answer:
    """Copies or moves one tag, or all tags of an image, to another repository or under another name."""
    wanted = call.json_object()
    repo, platform = call.args["repo"], call.platform
    demand_type(platform, repo, *sorted(TYPES))
    image, target = str(wanted.get("dockerRepository") or ""), str(wanted.get("targetRepo") or "")
    if not image or not target:
        raise Refused(400, "The target repository and the docker repository are mandatory")
    tag, to_image = str(wanted.get("tag") or ""), str(wanted.get("targetDockerRepository") or image)
    to_tag = str(wanted.get("targetTag") or tag)
    tags = [tag, to_tag] if tag else []
    if not (_KEY.match(target) and is_image(image) and is_image(to_image) and all(is_tag(one) for one in tags)):
        raise Refused(400, "The names of repositories, images and tags are invalid")
    demand_type(platform, target, *sorted(TYPES))
    if platform.repositories.class_of(repo) not in {"local", "federated"}:
        raise Refused(400, f"Images can only be promoted from a local repository, not from '{repo}'")
    store = platform.artifacts.deploy_target(target)
    move = not wanted.get("copy", False)
    pairs = _folders(call, repo, image, to_image, tag, to_tag)
    for source, end in pairs:
        platform.security.demand(call.caller, "read", repo, source)
        if move:
            platform.security.demand(call.caller, "delete", repo, source)
        platform.security.demand(call.caller, "write", store, end)
        if (repo, source) != (store, end) and platform.artifacts.state.item(store, end) is not None:
            platform.security.demand(call.caller, "delete", store, end)
    with platform.database.transaction():
        for source, end in pairs:
            _one(call, (repo, source), (store, end), to_image, move)
    return text("Promotion ended successfully")


def _folders(call: Call, repo: str, image: str, to_image: str, tag: str, to_tag: str) -> list[tuple[str, str]]:
    """What goes where: the tag's folder and, for a list, those of its manifests; every folder without a tag."""
    platform = call.platform
    state = DockerState(platform.database)
    if not tag:
        rows = state.manifests(repo, image)
        if not rows:
            raise Refused(404, f"Unable to find docker repository '{image}' in '{repo}'")
        return [(row["parent"], to_image + row["parent"][len(image) :]) for row in rows]
    row = images.kept(platform, repo, image, tag)
    if row is None:
        raise Refused(404, f"Unable to find tag '{tag}' in docker repository '{image}'")
    pairs = [(row["parent"], folder_of(to_image, to_tag))]
    if row["name"] == LIST:
        read = digests.known(platform, manifests.parse(content(platform, row), ""))
        inner = (images.kept(platform, repo, image, f"sha256:{one}") for one in read.manifests)
        pairs += [(one["parent"], to_image + one["parent"][len(image) :]) for one in inner if one is not None]
    return pairs


def _one(call: Call, source: tuple[str, str], target: tuple[str, str], image: str, move: bool) -> None:
    artifacts, origin = call.platform.artifacts, Origin(call.caller.name)
    if source == target:
        return
    artifacts.delete(*target, origin)
    artifacts.copy(source, target, origin, move)
    for row in artifacts.state.files(*target):
        if row["name"].endswith("manifest.json"):
            tag = target[1].rpartition("/")[2]
            wanted = {"docker.repoName": [image], "docker.manifest": [tag]}
            artifacts.set_properties(target[0], row["path"], wanted, origin, recursive=False)
            if row["parent"] == target[1] and not tag.startswith("sha256"):
                call.platform.webhooks.docker("promoted", row, call.caller.name)
