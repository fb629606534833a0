"""What a site keeps binaries in (binarystore.xml and the bucket behind it)."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, Size
from artifactory_estate.base.text_form import form

Kind = Literal["file-system", "cache-fs", "s3-storage-v3"]

BucketName = Annotated[str, form(r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", "3 to 63 lower-case letters, digits and dashes")]
Directory = Annotated[str, form(r"^/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", "a path without spaces or trailing slash")]
KeyPrefix = Annotated[
    str, form(r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", "a key prefix without leading or trailing slash")
]


class Bucket(Model):
    """The versioned, encrypted bucket of an S3 filestore."""

    name: BucketName | None = None
    """Default: `<estate>-<site>-filestore-<account>`."""
    keep_old_versions: Duration = 35 * 86400
    """How long a deleted or replaced object can be brought back. At least the database's point-in-time window, or a
    restored database points at purged objects (files reference 7.3). Default 35d."""
    replicate_to: str | None = None
    """Site whose bucket receives a copy, with replication time control."""
    allow_delete: bool = False
    """Whether `destroy` may delete a bucket that holds objects. Must have been applied before."""


class Filestore(Model):
    """A binary provider chain (files reference 1.2)."""

    kind: Kind = "s3-storage-v3"
    """`s3-storage-v3` renders the template `s3-storage-v3-direct`: acknowledged uploads are in the bucket, never only
    on a node's disk. `file-system` and `cache-fs` keep binaries under `directory`."""
    cache: Size | None = None
    """`maxCacheSize` of the node-local cache; larger than the largest artifact. Default 5000000000 bytes."""
    directory: Directory = "filestore"
    """`fileStoreDir` of `file-system` and `cache-fs`; with a leading slash absolute: a mount that all nodes share."""
    redundancy: Annotated[int, Field(ge=1)] | None = None
    """Copies per binary of a sharding chain; not for the kinds named here."""
    path: KeyPrefix = "filestore"
    """Key prefix in the bucket."""
    bucket: Bucket = Bucket()
    """Only for `s3-storage-v3`."""
