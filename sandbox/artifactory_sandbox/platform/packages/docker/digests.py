"""Digests as clients write them, and the SHA-256 by which the items are known: SHA-512 is noted when a client sends it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from artifactory_sandbox.platform.packages.docker.place import digest_of, is_digest
from artifactory_sandbox.platform.packages.docker.state import DockerState

if TYPE_CHECKING:
    from artifactory_sandbox.platform.packages.docker.manifest import Manifest
    from artifactory_sandbox.platform.platform import Platform

_OWN, _OTHER = "sha256:", "sha512:"
_CHUNK = 256 * 1024


def is_other(reference: str) -> bool:
    """Whether a reference is a digest of another algorithm than the items'."""
    return reference.startswith(_OTHER) and is_digest(reference)


def settled(platform: Platform, reference: str) -> str:
    """A reference with the items' algorithm; a tag, and a digest that nothing here has, stay as they are."""
    known = DockerState(platform.database).noted(reference) if is_other(reference) else ""
    return f"{_OWN}{known}" if known else reference


def sha256_of(platform: Platform, reference: str) -> str:
    """The SHA-256 of what has a digest, empty when nothing here has it; raises DIGEST_INVALID."""
    digest_of(reference)
    found = settled(platform, reference)
    return "" if is_other(found) else found.removeprefix(_OWN)


def fits(reference: str, sha256: str, opened: Callable[[], BinaryIO]) -> bool:
    """Whether content has a digest; it is read only where its SHA-256 does not tell."""
    if not is_other(reference):
        return reference == f"{_OWN}{sha256}"
    made = hashlib.sha512()
    with closing(opened()) as file:
        while data := file.read(_CHUNK):
            made.update(data)
    return reference == f"{_OTHER}{made.hexdigest()}"


def note(platform: Platform, reference: str, sha256: str) -> None:
    """Remembers what a digest of another algorithm stands for; for a digest that fits, inside a transaction."""
    if is_other(reference):
        DockerState(platform.database).note(reference, sha256)


def known(platform: Platform, read: Manifest) -> Manifest:
    """A manifest that names what it refers to by SHA-256; what nothing here has keeps its digest."""

    def one(digest: str) -> str:
        return settled(platform, digest).removeprefix(_OWN)

    blobs, manifests = (tuple(dict.fromkeys(one(digest) for digest in all_)) for all_ in (read.blobs, read.manifests))
    return replace(read, blobs=blobs, manifests=manifests, config=one(read.config))
