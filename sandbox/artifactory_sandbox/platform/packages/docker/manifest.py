"""Reading manifests: which kind they are, what they refer to, which properties their items carry."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from artifactory_sandbox.platform.packages.docker.place import is_digest
from artifactory_sandbox.platform.packages.docker.refusal import refused
from artifactory_sandbox.platform.packages.docker.state import LIST, MANIFEST, SUBJECT
from artifactory_sandbox.platform.web import Refused

LIMIT = 4 * 1024 * 1024
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json"
SIGNED_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json"
ACCEPTED = ", ".join((OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, SIGNED_SCHEMA_1))
_LISTS = frozenset({OCI_INDEX, DOCKER_LIST})
_MEDIA = re.compile(r"[\x21-\x7e]{1,255}\Z")
_VAGUE = frozenset({"", "application/json", "application/octet-stream", "text/plain"})


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest, as it was sent."""

    data: bytes
    media: str
    blobs: tuple[str, ...] = ()
    """SHA-256 of the blobs that it needs; another algorithm is named."""
    config: str = ""
    manifests: tuple[str, ...] = ()
    """SHA-256 of the manifests in a list; another algorithm is named."""
    subject: str = ""
    artifact: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Its digest, without the name of the algorithm."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def digest(self) -> str:
        """Its digest."""
        return f"sha256:{self.sha256}"

    @property
    def file(self) -> str:
        """File name in Artifactory's layout."""
        return LIST if self.media in _LISTS else MANIFEST

    def properties(self, image: str, tag: str, labels: Mapping[str, str]) -> dict[str, list[str]]:
        """Properties of the item."""
        made = {
            "docker.manifest": [tag],
            "docker.manifest.digest": [self.digest],
            "docker.manifest.type": [self.media],
            "docker.repoName": [image],
            "artifactory.content-type": [self.media],
            "sha256": [self.sha256],
            **{f"docker.label.{name}": [value] for name, value in labels.items()},
        }
        if self.subject:
            made[SUBJECT] = [self.subject]
        return made


def invalid(why: str) -> Refused:
    """MANIFEST_INVALID."""
    return refused(400, "MANIFEST_INVALID", "manifest invalid", why)


def parse(data: bytes, content_type: str) -> Manifest:
    """A manifest; raises MANIFEST_INVALID."""
    try:
        shown = json.loads(data)
    except (ValueError, RecursionError):
        raise invalid("the manifest is not JSON") from None
    if not isinstance(shown, dict):
        raise invalid("the manifest is not a JSON object")
    media = media_of(shown, content_type)
    if media in {SIGNED_SCHEMA_1, SCHEMA_1} or shown.get("schemaVersion") == 1:
        return _first_schema(data, shown, media)
    if shown.get("schemaVersion", 2) != 2:
        raise invalid("unrecognized manifest schema version")
    made = _read(data, shown, media)
    subject = _digest(shown["subject"], "subject") if shown.get("subject") is not None else ""
    annotations = {} if shown.get("annotations") is None else shown["annotations"]
    if not isinstance(annotations, dict):
        raise invalid("annotations: an object is expected")
    return replace(made, subject=subject, annotations={str(name): str(value) for name, value in annotations.items()})


def _read(data: bytes, shown: Mapping[str, Any], media: str) -> Manifest:
    artifact = str(shown.get("artifactType") or "")
    if media in _LISTS:
        inner = tuple(_digest(one, "manifests").removeprefix("sha256:") for one in _array(shown, "manifests"))
        return Manifest(data, media, manifests=inner, artifact=artifact)
    if media == OCI_ARTIFACT:
        return Manifest(data, media, _stored(_array(shown, "blobs"), "blobs"), artifact=artifact)
    if "config" not in shown:
        raise invalid("config: is missing")
    config = _digest(shown["config"], "config").removeprefix("sha256:")
    blobs = tuple(dict.fromkeys((config, *_stored(_array(shown, "layers"), "layers"))))
    return Manifest(data, media, blobs, config, artifact=artifact or str(shown["config"].get("mediaType") or ""))


def media_of(shown: Mapping[str, Any], content_type: str) -> str:
    """Media type: what the client says, else what the manifest says, else what its members say."""
    said = content_type.partition(";")[0].strip()
    own = shown.get("mediaType")
    if own is not None and not isinstance(own, str):
        raise invalid("mediaType: a text is expected")
    if not all(one is None or _MEDIA.match(one) for one in (own, said or None)):
        raise invalid("mediaType: it is none")
    if said not in _VAGUE:
        if own and own != said:
            raise invalid(f"mediaType {own} is not the Content-Type {said}")
        return said
    if own:
        return own
    if shown.get("schemaVersion") == 1:
        return SIGNED_SCHEMA_1 if "signatures" in shown else SCHEMA_1
    return OCI_INDEX if "manifests" in shown else OCI_MANIFEST


def _first_schema(data: bytes, shown: Mapping[str, Any], media: str) -> Manifest:
    layers = shown.get("fsLayers") or []
    if not isinstance(layers, list) or not all(isinstance(one, dict) for one in layers):
        raise invalid("fsLayers: an array of objects is expected")
    sums = {_digest({"digest": one.get("blobSum")}, "fsLayers").removeprefix("sha256:") for one in layers}
    return Manifest(data, media, tuple(sorted(sums)))


def _array(shown: Mapping[str, Any], name: str) -> list[Any]:
    found = [] if shown.get(name) is None else shown[name]
    if not isinstance(found, list):
        raise invalid(f"{name}: an array is expected")
    return found


def _stored(descriptors: list[Any], name: str) -> tuple[str, ...]:
    """Digests of those that the registry has to hold: a layer with addresses of its own may be elsewhere."""
    found = []
    for one in descriptors:
        digest = _digest(one, name)
        if not one.get("urls"):
            found.append(digest.removeprefix("sha256:"))
    return tuple(dict.fromkeys(found))


def _digest(descriptor: Any, name: str) -> str:
    digest = descriptor.get("digest") if isinstance(descriptor, dict) else None
    if not isinstance(digest, str) or not is_digest(digest):
        raise invalid(f"{name}: a descriptor with a digest is expected")
    return digest
