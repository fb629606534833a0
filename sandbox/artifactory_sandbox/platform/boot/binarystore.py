"""binarystore.xml: the chain it names, built (configuration files reference 1)."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from artifactory_sandbox.platform.binaries.cache_fs import DEFAULT_SIZE, CacheFs
from artifactory_sandbox.platform.binaries.chain import Binaries, Store
from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.binaries.s3 import S3, Bucket, BucketFailed
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart

_S3_CHAIN = ("cache-fs", "eventual", "retry", "s3-storage-v3")
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "file-system": ("file-system",),
    "cache-fs": ("cache-fs", "file-system"),
    "s3-storage-v3": _S3_CHAIN,
    "s3-storage-v3-direct": ("cache-fs", "s3-storage-v3"),
}
"""Chains from the outermost provider inwards; a provider's id is its type."""

NOT_SIMULATED = frozenset(
    {
        *(
            "full-db",
            "full-db-direct",
            "s3-storage-v3-archive",
            "s3-sharding",
            "cluster-s3-storage-v3",
            "cluster-file-system",
        ),
        *("double-shards", "redundant-shards", "google-storage", "google-storage-v2", "google-storage-v2-direct"),
        *("cluster-google-storage-v2", "azure-blob-storage", "azure-blob-storage-direct", "cluster-azure-blob-storage"),
        *("azure-blob-storage-v2-direct", "double"),
    }
)
GONE = frozenset({"s3", "s3Old", "cluster-s3"})
PASS_THROUGH = frozenset({"eventual", "retry"})
TYPES = frozenset({"file-system", "cache-fs", "s3-storage-v3", "federated-repo"}) | PASS_THROUGH
_TYPES_NOT_SIMULATED = frozenset(
    {
        *(
            "blob",
            "eventual-cluster",
            "remote",
            "sharding",
            "sharding-cluster",
            "state-aware",
            "state-aware-s3",
            "remote-fs",
        ),
        *(
            "google-storage",
            "google-storage-v2",
            "azure-blob-storage",
            "azure-blob-storage-v2",
            "s3-storage-v3-archive",
        ),
    }
)


@dataclass(slots=True)
class Provider:
    """One provider of the chain with its parameters."""

    id: str
    type: str
    parameters: dict[str, str] = field(default_factory=dict)
    place: str = ""

    def text(self, name: str, default: str) -> str:
        """A parameter."""
        return self.parameters.get(name, default)

    def number(self, name: str, default: int) -> int:
        """A parameter in plain digits."""
        value = self.parameters.get(name, str(default))
        if not value.isdigit():
            raise CannotStart(f"{self.place}: {self.id}: {name}: '{value}' is not a plain integer")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        """A parameter that is `true` or `false`."""
        value = self.parameters.get(name, str(default)).lower()
        if value not in {"true", "false"}:
            raise CannotStart(f"{self.place}: {self.id}: {name}: '{value}' is not true or false")
        return value == "true"


def build(files: Files) -> Binaries:
    """The stores of this node, probed where the file asks for it."""
    path = files.etc / "artifactory/binarystore.xml"
    base = files.var / "data/artifactory"
    if not path.exists():
        return Binaries("file-system", str(base / "filestore"), FileSystem(base / "filestore"))
    template, providers = _read(files, path)
    inner = providers[-1]
    store: Store
    signed = None
    if inner.type == "s3-storage-v3":
        bucket = _bucket(inner)
        store, where = bucket, inner.text("bucketName", "")
        signed = bucket.signed if inner.flag("enableSignedUrlRedirect", False) else None
    elif inner.type == "file-system":
        directory = _directory(files, inner, "fileStoreDir", "filestore")
        store, where = FileSystem(directory), str(directory)
    else:
        raise CannotStart(f"{inner.place}: the chain ends with {inner.type}, which stores nothing")
    for provider in reversed(providers[:-1]):
        if provider.type == "cache-fs":
            store = _cache(files, provider, store)
        elif provider.type not in PASS_THROUGH:
            raise CannotStart(f"{provider.place}: {provider.type} cannot stand before another provider")
    return Binaries(template or inner.type, where, store, signed)


def _read(files: Files, path: Path) -> tuple[str, list[Provider]]:
    place = files.shown(path)
    try:
        root = ET.fromstring(files.read(path))  # noqa: S314  a file of the node's own
    except ET.ParseError as error:
        raise CannotStart(f"{place} is not valid XML: {error}") from error
    if root.tag != "config":
        raise CannotStart(f"{place}: the root element is {root.tag}, not config")
    if not root.get("version"):
        raise CannotStart(f"{place}: config has no version")
    chain = root.find("chain")
    if chain is None:
        raise CannotStart(f"{place}: there is no chain")
    template = chain.get("template", "")
    providers = _of_template(template, place) if template else _written_out(chain, place)
    by_id = {provider.id: provider for provider in providers}
    for element in root.findall("provider"):
        kind, name = element.get("type", ""), element.get("id", "")
        _check_type(kind, place)
        known = by_id.get(name)
        if known is not None:
            if known.type != kind:
                raise CannotStart(f"{place}: provider {name} is a {known.type} in the chain and a {kind} below it")
            known.parameters.update({child.tag: (child.text or "").strip() for child in element})
    return template, providers


def _of_template(template: str, place: str) -> list[Provider]:
    if template in GONE:
        raise CannotStart(f"{place}: chain template '{template}' is not supported since 7.46.3")
    if template in NOT_SIMULATED:
        raise CannotStart(f"{place}: the sandbox does not simulate the chain template '{template}'")
    if template not in TEMPLATES:
        raise CannotStart(f"{place}: unknown chain template '{template}'")
    return [Provider(name, name, place=place) for name in TEMPLATES[template]]


def _written_out(chain: ET.Element, place: str) -> list[Provider]:
    providers: list[Provider] = []
    at: ET.Element | None = chain
    while at is not None:
        inner = [child for child in at if child.tag in {"provider", "sub-provider", "dynamic-provider"}]
        if len(inner) > 1 or any(child.tag != "provider" for child in inner):
            raise CannotStart(f"{place}: the sandbox does not simulate chains that branch")
        at = inner[0] if inner else None
        if at is not None:
            kind = at.get("type", "")
            _check_type(kind, place)
            own = {child.tag: (child.text or "").strip() for child in at if child.tag != "provider"}
            providers.append(Provider(at.get("id") or kind, kind, own, place))
    if not providers:
        raise CannotStart(f"{place}: the chain is empty")
    return providers


def _check_type(kind: str, place: str) -> None:
    if kind in _TYPES_NOT_SIMULATED:
        raise CannotStart(f"{place}: the sandbox does not simulate the provider type '{kind}'")
    if kind not in TYPES:
        raise CannotStart(f"{place}: unknown provider type '{kind}'")


def _directory(files: Files, provider: Provider, name: str, default: str) -> Path:
    base = files.inside(provider.text("baseDataDir", "data/artifactory"), files.var)
    return files.inside(provider.text(name, default), base)


def _cache(files: Files, provider: Provider, behind: Store) -> CacheFs:
    return CacheFs(
        _directory(files, provider, "cacheProviderDir", "cache"),
        behind,
        provider.number("maxCacheSize", DEFAULT_SIZE),
        provider.number("maxFileSizeLimit", 0) or None,
        provider.flag("skipDuringUpload", False),
    )


def _bucket(provider: Provider) -> S3:
    name = provider.text("bucketName", "")
    if not name:
        raise CannotStart(f"{provider.place}: {provider.id}: bucketName is missing")
    length = provider.number("rootFoldersNameLength", 2)
    if length > 5:
        raise CannotStart(f"{provider.place}: {provider.id}: rootFoldersNameLength: {length} is more than 5")
    try:
        store = S3(
            Bucket(
                name,
                provider.text("path", "filestore").strip("/"),
                provider.parameters.get("region"),
                provider.parameters.get("endpoint"),
                length,
                provider.parameters.get("identity"),
                provider.parameters.get("credential"),
                provider.flag("enablePathStyleAccess", False),
                provider.flag("useHttp", False),
                provider.number("signedUrlExpirySeconds", 30),
            )
        )
        if provider.flag("testConnection", True):
            store.probe()
    except (BucketFailed, ValueError) as error:
        raise CannotStart(f"{provider.place}: {provider.id}: {error}") from error
    return store
