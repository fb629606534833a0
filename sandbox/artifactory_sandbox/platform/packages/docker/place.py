"""What an address of the registry means: repository, image and what is asked of it."""

import re
from dataclasses import dataclass

from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.sources import package_type
from artifactory_sandbox.platform.web import Call

TYPES = frozenset({"docker", "oci", "helmoci"})

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*\Z")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}\Z")
_DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\Z")
_REST = re.compile(r"(?P<image>.+)/(?:(?P<kind>blobs|manifests|referrers)/(?P<reference>[^/]+)|(?P<tags>tags/list))\Z")
_UPLOADS = re.compile(r"(?P<image>.+)/blobs/uploads(?:/(?P<reference>[^/]+))?\Z")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Place:
    """One image of a repository. `root` is the part of the path before the image, as the client called it."""

    repo: str
    image: str
    kind: str
    """`uploads`, `blobs`, `manifests`, `referrers`, `tags` or `catalog`."""
    reference: str
    root: str
    whole: bool
    """Whether names that are shown begin with the repository, as with the repository path method."""

    @property
    def name(self) -> str:
        """The image as the client calls it."""
        return f"{self.repo}/{self.image}" if self.whole else self.image

    @property
    def base(self) -> str:
        """Path of everything about the image."""
        return f"{self.root}/{self.name}" if self.whole else f"{self.root}/{self.image}"

    def address(self, call: Call, end: str) -> str:
        """A generated address."""
        return f"{call.base_url}{self.base}/{end}"


def root_of(call: Call) -> tuple[str, bool]:
    """The part of a call's path that names the registry, and whether the repository's key follows it."""
    if call.path.startswith("/v2"):
        return "/v2", True
    parts = call.path.split("/")  # "", artifactory, api, docker or oci, …
    if parts[4] == "v2" and call.args.get("repo") != "v2":
        return "/".join(parts[:5]), True
    return "/".join(parts[:6]), False


def read(call: Call) -> Place:
    """The place that a call is about; raises NAME_UNKNOWN or NAME_INVALID."""
    root, whole = root_of(call)
    repo, rest = call.args["repo"], call.args.get("rest", "")
    demand_registry(call, repo)
    if rest == "_catalog":
        return Place(repo, "", "catalog", "", root, whole)
    found = _UPLOADS.match(rest)
    kind = "uploads"
    if found is None and (found := _REST.match(rest)):
        kind = found["kind"] or "tags"
    if found is None:
        raise refused(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": f"{repo}/{rest}"})
    image = found["image"]
    if not is_image(image):
        raise refused(400, "NAME_INVALID", "invalid repository name", {"name": image})
    return Place(repo, image, kind, found.groupdict().get("reference") or "", root, whole)


def demand_registry(call: Call, repo: str) -> None:
    """Refuses what is no Docker or OCI repository."""
    if package_type(call.platform, repo) not in TYPES:
        raise refused(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": repo})


def is_image(name: str) -> bool:
    """Whether a text may be the name of an image."""
    return bool(_NAME.match(name)) and len(name) <= _LONGEST_NAME


def is_tag(reference: str) -> bool:
    """Whether a text may be a tag."""
    return bool(_TAG.match(reference))


def is_digest(reference: str) -> bool:
    """Whether a text is a digest of one of the two kinds that are taken, SHA-256 and SHA-512."""
    return bool(_DIGEST.match(reference))


def digest_of(reference: str) -> str:
    """A digest without the name of SHA-256, the items' algorithm; raises DIGEST_INVALID."""
    if not is_digest(reference):
        raise refused(400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": reference})
    return reference.removeprefix("sha256:")


def folder_of(image: str, reference: str) -> str:
    """Folder of a manifest: the tag's, or the digest's."""
    return f"{image}/{reference}"


def layer_name(sha256: str) -> str:
    """File name of a blob."""
    return f"sha256__{sha256}"
