"""Small documents of the platform's own that are kept as items: build-infos, release bundle manifests, run reports."""

import json
from typing import TYPE_CHECKING, Any

from artifactory_sandbox.platform.artifacts.behaviour import Origin
from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.state import Row

if TYPE_CHECKING:
    from artifactory_sandbox.platform.platform import Platform


def put(platform: "Platform", place: tuple[str, str], data: Any, by: str) -> Row:
    """Stores a JSON document, or text as it is, as `(repository, path)`."""
    repo, path = place
    content = data.encode() if isinstance(data, str) else json.dumps(data, ensure_ascii=False).encode()
    return platform.artifacts.put_file(repo, path, platform.artifacts.store_bytes(content), Origin(by))


def content(platform: "Platform", item: Row) -> bytes:
    """The bytes of an item; none when the filestore has lost them."""
    try:
        with platform.binaries.store.open(item["sha1"]) as file:
            return file.read()
    except MissingBinary:
        return b""
