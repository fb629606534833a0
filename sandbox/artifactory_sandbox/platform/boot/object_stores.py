"""The last link of a chain in an object store: S3 for real, Google's and Azure's played by a directory (1.13, 1.15)."""

import logging
import os
from pathlib import Path

from artifactory_sandbox.platform.binaries.file_system import FileSystem
from artifactory_sandbox.platform.binaries.s3 import S3, Bucket, BucketFailed
from artifactory_sandbox.platform.boot.chain_file import Provider
from artifactory_sandbox.platform.boot.files import Files

log = logging.getLogger(__name__)

PLAYED = "SANDBOX_OBJECT_STORES"
"""Directory that the nodes of a sandbox share for Google's and Azure's buckets; without it each node has its own."""
_GOOGLE_KEY = "artifactory/gcp.credentials.json"
_FOLDERS_MOST = 5


def make(files: Files, provider: Provider) -> S3 | FileSystem:
    """A provider's store; raises `CannotStart`."""
    if provider.type == "s3-storage-v3":
        return s3(provider)
    return _google(files, provider) if provider.type.startswith("google") else _azure(files, provider)


def s3(provider: Provider) -> S3:
    """The bucket, probed unless `testConnection` is false."""
    name = provider.text("bucketName")
    if not name:
        raise provider.wrong("bucketName is missing")
    length = provider.number("rootFoldersNameLength", 2)
    if length > _FOLDERS_MOST:
        raise provider.wrong(f"rootFoldersNameLength: {length} is more than {_FOLDERS_MOST}")
    if bool(provider.text("identity")) != bool(provider.text("credential")):
        raise provider.wrong("identity and credential belong together")
    if provider.flag("usePresigning", False):
        log.warning(
            "%s: %s: usePresigning is not supported by the AWS SDK v2 and is ignored", provider.place, provider.id
        )
    bucket = Bucket(
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
        provider.number("multiPartLimit", 100_000_000),
        provider.number("multipartElementSize", 50_000_000),
    )
    try:
        store = S3(bucket)
        if provider.flag("testConnection", True):
            store.probe()
    except (BucketFailed, ValueError) as error:
        raise provider.wrong(str(error)) from error
    return store


def _google(files: Files, provider: Provider) -> FileSystem:
    if not provider.text("bucketName"):
        raise provider.wrong("bucketName is missing")
    named = provider.text("identity") and provider.text("credential")
    if not (provider.flag("useInstanceCredentials", False) or named or (files.etc / _GOOGLE_KEY).is_file()):
        raise provider.wrong(f"no credentials: {files.shown(files.etc / _GOOGLE_KEY)} is missing")
    return _played(files, provider, provider.text("bucketName"))


def _azure(files: Files, provider: Provider) -> FileSystem:
    for name in ("accountName", "containerName"):
        if not provider.text(name):
            raise provider.wrong(f"{name} is missing")
    by_identity = provider.type == "azure-blob-storage-v2" and provider.flag("useInstanceCredentials", False)
    if by_identity and not files.version().at_least("7.125.4"):
        raise provider.wrong("useInstanceCredentials: workload identity is supported since 7.125.4")
    if not by_identity and not provider.text("accountKey"):
        raise provider.wrong("no credentials: accountKey is missing")
    return _played(files, provider, f"{provider.text('accountName')}/{provider.text('containerName')}")


def _played(files: Files, provider: Provider, bucket: str) -> FileSystem:
    shared = os.environ.get(PLAYED)
    base = Path(shared) if shared else files.root / "var/lib/sandbox/object-stores"
    directory = base / provider.type / bucket / provider.text("path", "filestore").strip("/")
    log.warning("%s: simulated: a directory stands for the object store of %s", provider.place, provider.id)
    return FileSystem(directory, own_copies=True)
