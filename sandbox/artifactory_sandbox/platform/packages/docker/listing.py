"""What a registry lists: tags, images, referrers."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from artifactory_sandbox.platform.packages import sources
from artifactory_sandbox.platform.packages.docker import images, upstream
from artifactory_sandbox.platform.packages.docker import manifest as manifests
from artifactory_sandbox.platform.packages.docker.place import TYPES, Place, digest_of
from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.docker.state import DockerState
from artifactory_sandbox.platform.state import Row
from artifactory_sandbox.platform.web import Answer, Call, Refused, json_answer


def tags(call: Call, place: Place) -> Answer:
    """Tags of an image, sorted, by pages."""
    found: set[str] = set()
    known = False
    state = DockerState(call.platform.database)
    for source in sources.sources(call.platform, call.caller, place.repo, place.image):
        rows = state.manifests(source.store, place.image)
        known = known or bool(rows)
        asked = upstream.tags(call.platform, source, place.image) if source.remote else None
        if asked is not None:
            known = True
            found.update(asked)
        else:
            names = (row["parent"].rpartition("/")[2] for row in rows)
            found.update(name for name in names if not name.startswith("sha256:"))
    if not known:
        raise refused(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": place.name})
    shown, headers = _page(call, sorted(found), f"{place.base}/tags/list")
    return json_answer({"name": place.name, "tags": shown}, headers=headers)


def catalog(call: Call, place: Place) -> Answer:
    """Images of one repository."""
    shown, headers = _page(call, _images(call, place.repo), f"{place.root}/{place.repo}/_catalog")
    return json_answer({"repositories": shown}, headers=headers)


def repository_catalog(call: Call) -> Answer:
    """Images of one repository, by Artifactory's own address."""
    repo = call.args["repo"]
    shown, headers = _page(call, _images(call, repo), f"/artifactory/api/docker/{quote(repo)}/v2/_catalog")
    return json_answer({"repositories": shown}, headers=headers)


def whole_catalog(call: Call) -> Answer:
    """Images of every Docker and OCI repository that the caller may read, each with its repository's key before it."""
    state = call.platform.repositories.state
    keys = [row["key"] for kind in sorted(TYPES) for row in state.listed("", kind, "")]
    found = []
    for key in keys:
        try:
            found += [f"{key}/{image}" for image in _images(call, key)]
        except Refused:
            continue
    shown, headers = _page(call, sorted(found), "/v2/_catalog")
    return json_answer({"repositories": shown}, headers=headers)


def _images(call: Call, repo: str) -> list[str]:
    found: set[str] = set()
    state, security = DockerState(call.platform.database), call.platform.security
    for source in sources.sources(call.platform, call.caller, repo):
        known = state.images(source.store)
        if source.remote:
            known = upstream.images(call.platform, source) or known
        found.update(image for image in known if security.may(call.caller, "read", source.repo, image))
    return sorted(found)


def referrers(call: Call, place: Place) -> Answer:
    """The index of manifests that name a digest as their subject, narrowed to one kind of artifact when asked."""
    digest = place.reference
    digest_of(digest)
    found: dict[str, dict[str, Any]] = {}
    for source in sources.sources(call.platform, call.caller, place.repo, place.image):
        rows = DockerState(call.platform.database).referring(source.store, place.image, digest)
        listed = [_descriptor(call, row) for row in rows]
        if source.remote:
            listed += upstream.referrers(call.platform, source, place.image, digest)
        listed += _tagged(call, source.store, place.image, digest)
        for one in listed:
            found.setdefault(str(one.get("digest")), one)
    kind = call.first("artifactType")
    shown = [one for one in found.values() if not kind or one.get("artifactType") == kind]
    index = {"schemaVersion": 2, "mediaType": manifests.OCI_INDEX, "manifests": shown}
    headers = {"OCI-Filters-Applied": "artifactType"} if kind else {}
    return Answer(200, json.dumps(index).encode(), manifests.OCI_INDEX, headers)


def _descriptor(call: Call, row: Row) -> dict[str, Any]:
    data = sources.content(call.platform, row, manifests.LIMIT)
    known = call.platform.artifacts.state.properties(row["id"]).get("docker.manifest.type", [""])
    read = manifests.parse(data, known[0])
    made: dict[str, Any] = {"mediaType": read.media, "digest": read.digest, "size": len(data)}
    if read.artifact:
        made["artifactType"] = read.artifact
    if read.annotations:
        made["annotations"] = dict(read.annotations)
    return made


def _tagged(call: Call, store: str, image: str, digest: str) -> list[dict[str, Any]]:
    """What clients of older registries listed under the tag `sha256-…`."""
    row = images.kept(call.platform, store, image, digest.replace(":", "-"))
    if row is None:
        return []
    found = json.loads(sources.content(call.platform, row, manifests.LIMIT)).get("manifests")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _page(call: Call, names: list[str], path: str) -> tuple[list[str], dict[str, str]]:
    """The names after `last`, at most `n` of them, and the link to the next page."""
    last, wanted = call.first("last"), call.first("n")
    if last:
        names = [name for name in names if name > last]
    if not wanted:
        return names, {}
    if not (wanted.isdecimal() and len(wanted) < 10):
        raise refused(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", {"n": wanted[:50]})
    page = names[: int(wanted)]
    if len(page) == len(names) or not page:
        return page, {}
    query = urlencode({"n": wanted, "last": page[-1]})
    return page, {"Link": f'<{path}?{query}>; rel="next"'}
