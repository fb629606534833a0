"""What a site keeps binaries in (binarystore.xml, and the buckets, file systems and volumes behind it)."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, Size
from artifactory_estate.base.name import Name
from artifactory_estate.base.text_form import form
from artifactory_estate.filestore.settings import (
    S3,
    Azure,
    BucketName,
    Caching,
    Directory,
    Efs,
    Eventual,
    FederatedRepo,
    Google,
    KeyPrefix,
    Milliseconds,
    NfsExport,
    Remote,
    Retry,
)

Kind = Literal[
    "file-system",
    "cache-fs",
    "nfs",
    "cluster-file-system",
    "s3-storage-v3",
    "google-storage-v2",
    "azure-blob-storage-v2",
    "sharding",
    "sharding-cluster",
    "s3-sharding",
    "s3",
]
Mode = Literal["direct", "cached", "cluster"]
ShardId = Annotated[str, form(r"^[a-z][a-z0-9-]{0,29}[a-z0-9]$", "2 to 31 lower-case letters, digits and dashes")]
Zone = Annotated[str, form(r"^[A-Za-z0-9_-]{1,40}$", "1 to 40 letters, digits, dashes and underscores")]
LOCAL_ZONE, REMOTE_ZONE = "local", "remote"
"""A node's own shards and those of the other nodes, in a cluster's chain (files reference 1.2)."""


class Bucket(Model):
    """The versioned, encrypted bucket of an S3 filestore."""

    name: BucketName | None = None
    """Default: `<estate>-<site>-filestore-<account>`."""
    keep_old_versions: Duration = 35 * 86400
    """How long a deleted or replaced object can be brought back. At least the database's point-in-time window, or a
    restored database points at purged objects (files reference 7.3). Default 35d."""
    replicate_to: Name | None = None
    """Site in another region whose bucket receives a copy of every object, within 15 minutes (replication time
    control). Its stack comes first. Beside replicated repositories that site needs `checksum_replication`."""
    replicate_deletes: bool = False
    """Whether the copy follows deletions. Only for a standby that is to follow the garbage collection (7.3)."""
    allow_delete: bool = False
    """Whether `destroy`, or the removal of its shard, may delete a bucket that holds objects. Must have been applied
    before."""


class Shard(Model):
    """One member of a sharded filestore: a mount (files reference 1.9), or a bucket (1.10)."""

    directory: Directory | None = None
    """`fileStoreDir`: a mount by its absolute path, or a directory on the node's data volume. Default: the shard's id."""
    export: NfsExport | None = None
    """NFS export that the nodes mount at `directory`. Without it somebody else mounts it (an image, `pre_install`)."""
    bucket: BucketName | None = None
    """Of `s3-sharding`. Default: the site's filestore bucket with the shard's id."""
    path: KeyPrefix = "filestore"
    """Key prefix, of `s3-sharding`."""
    zone: Zone | None = None
    """Sharding zone, with a read or write behaviour by zone."""
    write_enabled: bool = True
    """False: nothing is written to it any more; reads and garbage collection go on. Drains a mount (6.18)."""
    size: Size | None = None
    """Of the mount, for the check of spare space."""
    check_period: Milliseconds | None = None
    """Milliseconds until a shard that failed is tried again. Default 15000."""


class Sharding(Model):
    """How the members of a sharded filestore are used (files reference 1.11)."""

    read_behaviour: Literal["roundRobin", "zone", "crossNetworkStrategy"] | None = None
    """Which member serves reads. Default roundRobin; in a cluster crossNetworkStrategy."""
    write_behaviour: (
        Literal[
            "roundRobin",
            "freeSpace",
            "percentageFreeSpace",
            "zoneFreeSpace",
            "zonePercentageFreeSpace",
            "crossNetworkStrategy",
        ]
        | None
    ) = None
    """Which members take a write. Default percentageFreeSpace, for buckets roundRobin, in a cluster crossNetworkStrategy."""
    zones: tuple[Zone, ...] = ()
    """Order in which zones are used."""
    max_balancing_run_time: Duration | None = None
    """Longest balancing session; the rest waits for the next garbage collection. 10 h in the source of 6.20."""
    free_space_sample_interval: Duration | None = None
    """How often free space is measured for the behaviours by free space. 10 h in the source of 6.20."""
    spare_space: Annotated[int, Field(ge=0, le=90)] = 10
    """Percent of the mounts that `planned` binaries must leave free."""
    stream_wait_timeout: Milliseconds | None = None
    """`concurrentStreamWaitTimeout`: milliseconds to wait for the slowest parallel writer. Default 30000."""
    stream_buffer_kb: Annotated[int, Field(ge=1, le=65536)] | None = None
    """`concurrentStreamBufferKb`. Default 32."""
    min_spare_uploaders: Annotated[int, Field(ge=0, le=1000)] | None = None
    """`minSpareUploaderExecutor`. Default 2."""
    uploader_cleanup_idle_time: Milliseconds | None = None
    """Milliseconds. Default 120000."""


class Former(Model):
    """What a site kept binaries in before, while they are moved (decision 0012)."""

    kind: Literal["file-system", "cache-fs", "nfs"]
    """Binaries on one directory."""
    directory: Directory = "filestore"
    """As the site had it."""
    export: NfsExport | None = None
    """As the site had it."""
    efs: Efs | None = None
    """As the site had it."""
    switch: bool = False
    """Let the nodes run on the new filestore; refused before `estate filestore move` has verified every binary there. Run
    it once more afterwards, for what was uploaded meanwhile, then remove `move_from`."""


class Filestore(Model):
    """A binary provider chain (files reference 1.2)."""

    kind: Kind = "s3-storage-v3"
    """Object stores: `s3-storage-v3`, `google-storage-v2`, `azure-blob-storage-v2`, `s3-sharding` (several buckets).
    Mounts that all nodes share: `nfs`, `file-system`, `cache-fs`, `sharding` (several). The nodes' own data volumes,
    synchronised by Artifactory: `cluster-file-system`, `sharding-cluster` (several directories a node). `s3` is gone."""
    mode: Mode | None = None
    """Of `s3-storage-v3` and `google-storage-v2`. `direct`, the default: an acknowledged upload is in the bucket, never
    only on a node's disk. `cached`: it is on the node first (one node only); `cluster`: on `redundancy` nodes first."""
    cache: Size | None = None
    """`maxCacheSize` of the node-local cache; larger than the largest artifact. Default before an object store: 80 % of
    the node's disk (files reference 1.4), else 5000000000 bytes."""
    caching: Caching = Caching()
    """More about the cache."""
    largest_artifact: Size | None = None
    """The largest artifact expected: the cache and an upload's parts are checked against it."""
    planned: Size | None = None
    """All distinct binaries expected: `sharding` is checked to have room for `redundancy` copies of them."""
    directory: Directory = "filestore"
    """`fileStoreDir` of `file-system`, `cache-fs`, `nfs` and `cluster-file-system`; with a leading slash absolute: a mount
    that all nodes share."""
    export: NfsExport | None = None
    """NFS export that the nodes mount at `directory`; of `nfs`."""
    efs: Efs | None = None
    """An EFS file system that we make and the nodes mount at `directory`; of `nfs`."""
    redundancy: Annotated[int, Field(ge=1)] | None = None
    """Copies a binary, at most one a member (seed 001: R <= M). Default: `sharding` 2, `s3-sharding` 1, of a cluster
    more than half of `nodes.max`."""
    lenient_limit: Annotated[int, Field(ge=0)] | None = None
    """Copies that must be written for an upload to succeed; 0: all. Default 0, in a cluster 1 (files reference 1.11)."""
    shards: Annotated[dict[ShardId, Shard], Field(max_length=40)] = {}
    """Members of `sharding`, `sharding-cluster` and `s3-sharding`, by id. Add one when the others fill, then run
    `estate filestore balance`."""
    sharding: Sharding = Sharding()
    """How the members are used."""
    path: KeyPrefix = "filestore"
    """Key prefix in the bucket."""
    bucket: Bucket = Bucket()
    """Of `s3-storage-v3` and `s3-sharding`."""
    checksum_replication: Annotated[int, Field(ge=0, le=30)] | None = None
    """This site's filestore may receive binaries from underneath, by `replicate_to` of another: replications of
    repositories to it then need not send them again. Days for which a listed binary is trusted unseen; 0: none. 7.55.2
    and newer, Enterprise+."""
    s3: S3 = S3()
    """Of `s3-storage-v3` and `s3-sharding`."""
    google: Google | None = None
    """Of `google-storage-v2`, required there."""
    azure: Azure | None = None
    """Of `azure-blob-storage-v2`, required there."""
    eventual: Eventual = Eventual()
    """Of `mode: cached` and `cluster`."""
    retry: Retry = Retry()
    """Of `mode: cached` and `cluster`."""
    remote: Remote = Remote()
    """Of `mode: cluster`, `cluster-file-system` and `sharding-cluster`."""
    federated_repo: FederatedRepo | None = None
    """How binaries move between members of federations."""
    move_from: Former | None = None
    """Where the binaries are now. The site runs on it until `estate filestore move` has copied and verified them, and
    `switch` says so."""
