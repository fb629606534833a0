"""What single binary providers can be told (files reference 1.4 to 1.16). What is not given keeps Artifactory's default."""

from typing import Annotated, Literal

from pydantic import Field

from artifactory_estate.base import Duration, Model, SecretRef, Size
from artifactory_estate.base.text_form import form

BucketName = Annotated[str, form(r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", "3 to 63 lower-case letters, digits and dashes")]
Directory = Annotated[str, form(r"^/?[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", "a path without spaces or trailing slash")]
KeyPrefix = Annotated[
    str, form(r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", "a key prefix without leading or trailing slash")
]
NfsExport = Annotated[str, form(r"^[A-Za-z0-9.-]+:/[A-Za-z0-9._/-]*$", "an NFS export such as files.acme.example:/art")]
Host = Annotated[str, form(r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", "a host name without scheme or port")]
Plain = Annotated[str, form(r"^[^\s<>&@]+$", "a text without spaces, `@` or markup")]
Milliseconds = Annotated[int, Field(ge=1, le=86_400_000)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Caching(Model):
    """The node-local cache in front of every chain but `file-system` (1.4). Its size is `filestore.cache`."""

    largest: Size | None = None
    """`maxFileSizeLimit`: bigger artifacts bypass the cache. Default: none do."""
    uploads: bool = True
    """False (`skipDuringUpload`): uploads are not put into the cache."""
    directory: Directory | None = None
    """`cacheProviderDir`, below the data directory or absolute, on the node's own disk. Default `cache`."""
    validate_checksum: bool | None = None
    """`validateChecksum` on fetch. Default true."""


class Eventual(Model):
    """Uploads that are acknowledged first and sent to the store later (1.6, 1.7): only `mode: cached` and `cluster`."""

    workers: Annotated[int, Field(ge=2, le=200)] | None = None
    """Threads towards the store, at least 2; about 20 under high load. Default 5."""
    dispatcher_interval: Milliseconds | None = None
    """Milliseconds between scans of the folder. Default 5000 (`cached`) or 1000 (`cluster`)."""
    timeout: Milliseconds | None = None
    """Milliseconds for one upload; only `cached`. Default 120000."""
    queue: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """`queueSize`; only `cached`. Default 64."""
    stale_after: Milliseconds | None = None
    """`addStalePeriod`, milliseconds; only `cluster`. Default 300000."""


class Retry(Model):
    """Repeated calls of the store in `mode: cached` and `cluster` (1.5)."""

    interval: Milliseconds | None = None
    """Milliseconds between tries. Default 5000."""
    tries: Annotated[int, Field(ge=1, le=1000)] | None = None
    """`maxTrys`. Default 5."""


class Remote(Model):
    """How a node of a cluster reads and writes the files of another (1.8)."""

    connection_timeout: Milliseconds | None = None
    """Milliseconds. Default 5000."""
    socket_timeout: Milliseconds | None = None
    """Milliseconds. Default 15000."""
    max_connections: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Default 200."""
    retries: Annotated[int, Field(ge=0, le=100)] | None = None
    """`connectionRetry`. Default 2."""
    check_period: Milliseconds | None = None
    """Milliseconds until a node that failed is tried again. Default 15000."""


class CloudFront(Model):
    """Signs redirects for a distribution (1.13): all three together."""

    domain: Host
    """`cloudFrontDomainName`."""
    key_pair_id: Plain
    """`cloudFrontKeyPairId`."""
    private_key: SecretRef
    """Reference to `cloudFrontPrivateKey`."""


class Proxy(Model):
    """Outbound proxy towards the store (1.13)."""

    host: Host
    """`proxyHost`."""
    port: Port
    """`proxyPort`."""
    identity: Plain | None = None
    """`proxyIdentity`, with `credential`."""
    credential: SecretRef | None = None
    """Reference to `proxyCredential`."""
    non_proxy_host: Plain | None = None
    """`nonProxyHost`: hosts that bypass the proxy; 7.77.6 and newer."""


class Crt(Model):
    """The SDK v2's CRT client (1.13)."""

    target_throughput_gbps: Annotated[int, Field(ge=1, le=400)] | None = None
    """`crtTargetThroughputInGbps`; lower it when the network saturates."""
    connection_health: bool | None = None
    """`crtEnableConnectionHealth`."""
    minimum_throughput_bps: Annotated[int, Field(ge=1)] | None = None
    """`crtMinimumThroughputInBps`."""
    minimum_throughput_timeout: Duration | None = None
    """`crtMinimumThroughputTimeoutSeconds`."""


class S3(Model):
    """Parameters of s3-storage-v3 and of the buckets of `s3-sharding` (1.13)."""

    endpoint: Host | None = None
    """Default: the region's, `s3.<region>.amazonaws.com`. Another host is an S3-compatible store that is not ours to
    make: it needs `bucket.name`, `identity`, `credential` and an Enterprise licence."""
    identity: SecretRef | None = None
    """Reference to the access key of an S3-compatible store; on AWS the nodes' role is used."""
    credential: SecretRef | None = None
    """Reference to its secret key."""
    port: Port | None = None
    """Default 443, or 80 with `use_http`."""
    use_http: bool = False
    """Plain HTTP; only towards an S3-compatible store."""
    path_style: bool = False
    """`enablePathStyleAccess`, for S3-compatible stores."""
    test_connection: bool | None = None
    """A probe object at each start. Default true."""
    root_folders_name_length: Annotated[int, Field(ge=0, le=5)] | None = None
    """Characters of the checksum that name the folder. Never change it on a bucket in use. Default 2."""
    max_connections: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """HTTP pool. Default: the SDK's; JFrog's chart 50."""
    connection_timeout: Milliseconds | None = None
    """Milliseconds."""
    socket_timeout: Milliseconds | None = None
    """Milliseconds."""
    connection_acquisition_timeout: Milliseconds | None = None
    """Milliseconds to wait for a pooled connection; SDK v2."""
    multipart_limit: Size | None = None
    """`multiPartLimit`: bigger uploads are sent in parts. Default 100000000 bytes."""
    multipart_element_size: Size | None = None
    """Size of a part: 5 MiB to 5 GiB, at most 10000 an artifact."""
    presigning: bool = False
    """`usePresigning`; SDK v1 only."""
    signature_expiry: Duration | None = None
    """`signatureExpirySeconds` of presigned operations. Default 300s."""
    redirect_downloads: bool = False
    """`enableSignedUrlRedirect`: clients download from the store by a signed URL."""
    redirect_expiry: Duration | None = None
    """`signedUrlExpirySeconds`. Default 30s."""
    cloud_front: CloudFront | None = None
    """Redirect to a distribution instead."""
    proxy: Proxy | None = None
    """Outbound proxy."""
    server_side_kms_key: Plain | None = None
    """`server-side-encryption-aws-kms`: key asked for with each object. Default: the bucket's own."""
    client_side_kms_key: Plain | None = None
    """`kmsClientSideEncryptionKeyId` (`kmsServerSideEncryptionKeyId` before 7.31.10)."""
    kms_key_region: Plain | None = None
    """Region of the key, if not the bucket's."""
    kms_crypto_mode: Plain | None = None
    """Crypto mode of the SDK v1 encryption client."""
    encryption_format: Plain | None = None
    """Client-side encryption format of SDK v2."""
    sdk: Literal["v1", "v2"] | None = None
    """`awsSdkV2`, from 7.125.4 on. Default: v2 where the version knows it, v1 before."""
    disable_checksum_validation: bool | None = None
    """SDK v2."""
    disable_chunked_encoding: bool | None = None
    """For stores that reject aws-chunked bodies."""
    blocking_data_read_threads: Annotated[int, Field(ge=1, le=1000)] | None = None
    """SDK v2: threads that read from clients. Default 15."""
    crt: Crt | None = None
    """SDK v2's CRT client."""


class Google(Model):
    """A bucket of Google Cloud Storage, not made by us (1.15)."""

    bucket: Plain
    """`bucketName`."""
    credentials: SecretRef | None = None
    """Reference to a service account's key (JSON), written to `gcp.credentials.json` on the nodes. Without it the
    nodes need Google credentials of their own (`useInstanceCredentials`)."""
    endpoint: Host | None = None
    """Default: Google's."""
    redirect_downloads: bool = False
    """`enableSignedUrlRedirect`."""
    redirect_expiry: Duration | None = None
    """`signedUrlExpirySeconds`."""


class Azure(Model):
    """A container of Azure Blob Storage, not made by us (1.15)."""

    account: Annotated[str, form(r"^[a-z0-9]{3,24}$", "an account name: 3 to 24 lower-case letters and digits")]
    """`accountName`."""
    container: Annotated[
        str, form(r"^[a-z0-9](-?[a-z0-9]){2,62}$", "a container name: 3 to 63 lower-case letters, digits and dashes")
    ]
    """`containerName`."""
    account_key: SecretRef | None = None
    """Reference to `accountKey`. Without it the nodes need an Azure identity of their own (7.125.4 and newer)."""
    endpoint: Annotated[str, form(r"^https://[^\s<>&@]+$", "https://ACCOUNT.blob.core.windows.net/")] | None = None
    """Default: `https://<account>.blob.core.windows.net/`."""
    multipart_limit: Size | None = None
    """`multiPartLimit`."""
    multipart_element_size: Size | None = None
    """`multipartElementSize`."""
    sas_start_time_offset: Duration | None = None
    """`sasStartTimeOffsetSeconds`; 7.161.16 and newer. Default 900s."""


class FederatedRepo(Model):
    """How binaries move between the members of federations; beside any chain (1.16)."""

    remote_importers: Annotated[int, Field(ge=1, le=100)] | None = None
    """Workers that fetch binaries of other members in the background. Default 6."""
    local_importers: Annotated[int, Field(ge=1, le=100)] | None = None
    """Workers for what a client asks for first. Default 6."""
    max_retry: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Tries a binary. Default 10."""
    first_retry_delay: Milliseconds | None = None
    """Milliseconds."""
    maximum_idle_time: Milliseconds | None = None
    """Milliseconds."""
    error_recovery_interval: Milliseconds | None = None
    """Milliseconds."""
    maximum_exec_time: Milliseconds | None = None
    """Milliseconds."""


class Efs(Model):
    """An EFS file system of ours, encrypted, a mount target a zone (7.4)."""

    throughput: Literal["elastic", "bursting", "provisioned"] = "elastic"
    """How it is paid for and how fast it is."""
    provisioned_mib: Annotated[int, Field(ge=1, le=3414)] | None = None
    """MiB/s, with `throughput: provisioned`."""
    allow_delete: bool = False
    """Whether `destroy` may delete it with the binaries on it. Must have been applied before."""
