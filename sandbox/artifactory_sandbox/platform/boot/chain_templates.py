"""Chain templates and providers as data (configuration files reference 1.2 to 1.16)."""

from collections.abc import Mapping


def _line(*providers: str) -> str:
    """Providers, each inside the one before: `id:type`, or a type that is its own id; the last may be elements."""
    text = ""
    for name in reversed(providers):
        if name.startswith("<"):
            text = name + text
            continue
        id_, _, kind = name.partition(":")
        text = f'<provider id="{id_}" type="{kind or id_}">{text}</provider>'
    return text


def _members(tag: str, *members: str) -> str:
    return "".join(
        _line(member).replace("<provider ", f"<{tag} ").replace("</provider>", f"</{tag}>") for member in members
    )


def _cluster(local: str, remote: str) -> str:
    """Defaults of the built-in cluster templates: two copies, one is enough for now, one's own node first (1.2)."""
    zones = '<property name="zones" value="local,remote"/>'
    wide = "<readBehavior>crossNetworkStrategy</readBehavior><writeBehavior>crossNetworkStrategy</writeBehavior>"
    remote_id, _, kind = remote.partition(":")
    dynamic = f'<dynamic-provider id="{remote_id}" type="{kind or remote_id}"><zone>remote</zone></dynamic-provider>'
    return f"{wide}<redundancy>2</redundancy><lenientLimit>1</lenientLimit>{zones}{local}{dynamic}"


def _eventual_cluster(cache: str, name: str, eventual: str, retry: str, leaf: str, remote: str) -> str:
    id_ = f"{eventual}:eventual-cluster" if eventual != "eventual-cluster" else eventual
    inner = _line(f"{retry}:retry", leaf)
    local = f'<sub-provider id="{eventual}" type="{id_.rpartition(":")[2]}"><zone>local</zone>{inner}</sub-provider>'
    return _line(
        f"{cache}:cache-fs", f"sharding-cluster-eventual-{name}:sharding-cluster", _cluster(local, f"{remote}:remote")
    )


_TWO_COPIES = "<redundancy>2</redundancy>"
_STATE_AWARE = '<sub-provider id="state-aware" type="state-aware"><zone>local</zone></sub-provider>'

TEMPLATES: Mapping[str, str] = {
    "file-system": _line("file-system"),
    "cache-fs": _line("cache-fs", "file-system"),
    "full-db": _line("cache-fs", "blob"),
    "full-db-direct": _line("blob"),
    "s3-storage-v3": _line("cache-fs", "eventual", "retry", "s3-storage-v3"),
    "s3-storage-v3-direct": _line("cache-fs", "s3-storage-v3"),
    "s3-storage-v3-archive": _line("s3-storage-v3-archive", "s3-storage-v3"),
    "s3-sharding": _line(
        "cache-fs", "sharding", _members("sub-provider", "s3-shard1:state-aware-s3", "s3-shard2:state-aware-s3")
    ),
    "cluster-s3-storage-v3": _eventual_cluster(
        "cache-fs-eventual-s3", "s3", "eventual-cluster-s3", "retry-s3", "s3-storage-v3", "remote-s3"
    ),
    "cluster-file-system": _line("cache-fs", "sharding-cluster", _cluster(_STATE_AWARE, "remote-fs:remote")),
    "double-shards": _line(
        "cache-fs", "sharding", _members("sub-provider", "shard-fs-1:state-aware", "shard-fs-2:state-aware")
    ),
    "redundant-shards": _line(
        "cache-fs",
        "sharding",
        _TWO_COPIES + _members("sub-provider", "shard-state-aware-1:state-aware", "shard-state-aware-2:state-aware"),
    ),
    "google-storage": _line("cache-fs", "eventual", "retry", "google-storage"),
    "google-storage-v2": _line("cache-fs", "eventual", "retry", "google-storage-v2"),
    "google-storage-v2-direct": _line("cache-fs", "google-storage-v2"),
    "cluster-google-storage-v2": _eventual_cluster(
        *(
            "cache-fs-eventual-google-storage",
            "google-storage",
            "eventual-cluster",
            "retry",
            "google-storage-v2",
            "remote",
        )
    ),
    "azure-blob-storage": _line("cache-fs", "eventual", "retry-azure-blob-storage:retry", "azure-blob-storage"),
    "azure-blob-storage-direct": _line("cache-fs", "azure-blob-storage"),
    "cluster-azure-blob-storage": _eventual_cluster(
        *("cache-fs", "azure-blob-storage", "eventual-cluster-azure-blob-storage", "retry-azure-blob-storage"),
        *("azure-blob-storage", "remote-azure-blob-storage"),
    ),
    "azure-blob-storage-v2-direct": _line("cache-fs", "azure-blob-storage-v2"),
}
"""What each template expands to, as if it had been written out."""

LEGACY_S3 = frozenset({"s3", "s3Old", "cluster-s3"})
"""Gone since 7.46.3; the sandbox plays no JetS3t before that either."""
OLD = frozenset({"double"})
"""4.x only."""

_BASE = {"baseDataDir": "text", "tempDir": "text"}
_FILES = {**_BASE, "fileStoreDir": "text", "binariesDir": "text"}
_MEMBER = {"checkPeriod": "int", "writeEnabled": "flag", "zone": "text"}
_S3 = {
    **dict.fromkeys(
        (
            *(
                "bucketName",
                "path",
                "region",
                "endpoint",
                "identity",
                "credential",
                "roleName",
                "proxyHost",
                "proxyIdentity",
            ),
            *("proxyCredential", "nonProxyHost", "kmsServerSideEncryptionKeyId", "kmsClientSideEncryptionKeyId"),
            *("server-side-encryption-aws-kms", "kmsKeyRegion", "kmsCryptoMode", "encryptionFormat", "providerId"),
            *("cloudFrontDomainName", "cloudFrontKeyPairId", "cloudFrontPrivateKey"),
        ),
        "text",
    ),
    **dict.fromkeys(
        (
            *("port", "proxyPort", "rootFoldersNameLength", "maxConnections", "connectionTimeout", "socketTimeout"),
            *("connectionAcquisitionTimeout", "multiPartLimit", "multipartElementSize", "signatureExpirySeconds"),
            *("signedUrlExpirySeconds", "blockingDataReadThreads", "crtMinimumThroughputInBps"),
            *("crtMinimumThroughputTimeoutSeconds",),
        ),
        "int",
    ),
    **dict.fromkeys(
        (
            *("testConnection", "useInstanceCredentials", "useHttp", "enablePathStyleAccess", "usePresigning"),
            *("enableSignedUrlRedirect", "awsSdkV2", "disableChecksumValidation", "disableChunkedEncoding"),
            *("crtEnableConnectionHealth",),
        ),
        "flag",
    ),
    "crtTargetThroughputInGbps": "number",
}
_SHARDING = {
    **dict.fromkeys(("readBehavior", "writeBehavior", "zone"), "text"),
    **dict.fromkeys(
        (
            *("redundancy", "lenientLimit", "concurrentStreamWaitTimeout", "concurrentStreamBufferKb"),
            *("maxBalancingRunTime", "freeSpaceSampleInterval", "minSpareUploaderExecutor", "uploaderCleanupIdleTime"),
        ),
        "int",
    ),
}
_GOOGLE = {
    **dict.fromkeys(("providerId", "endpoint", "bucketName", "path", "identity", "credential"), "text"),
    **dict.fromkeys(
        ("useInstanceCredentials", "enableSignedUrlRedirect", "httpsOnly", "bucketExists", "testConnection"), "flag"
    ),
    **dict.fromkeys(("signedUrlExpirySeconds", "port", "httpsPort", "multiPartLimit"), "int"),
}
_AZURE = {
    **dict.fromkeys(("accountName", "accountKey", "endpoint", "containerName", "path"), "text"),
    **dict.fromkeys(("multiPartLimit", "multipartElementSize", "sasStartTimeOffsetSeconds", "maxConnections"), "int"),
    **dict.fromkeys(("useInstanceCredentials", "testConnection", "enableSignedUrlRedirect"), "flag"),
}

PARAMETERS: Mapping[str, Mapping[str, str]] = {
    "file-system": _FILES,
    "blob": _BASE,
    "cache-fs": {
        **_BASE,
        "cacheProviderDir": "text",
        **dict.fromkeys(("skipDuringUpload", "multiReadEnabled", "validateChecksum"), "flag"),
        **dict.fromkeys(
            ("maxCacheSize", "maxFileSizeLimit", "cacheSynchQuietPeriod", "binaryProviderInfoEvictionTime"), "int"
        ),
    },
    "retry": {"interval": "int", "maxTrys": "int"},
    "eventual": {
        **_BASE,
        **dict.fromkeys(
            ("numberOfThreads", "dispatcherInterval", "timeout", "queueSize", "hazelcastWaitingTime"), "int"
        ),
    },
    "eventual-cluster": {
        **_BASE,
        **dict.fromkeys(("addStalePeriod", "maxWorkers", "dispatcherInterval", "checkPeriod"), "int"),
        "zone": "text",
    },
    "remote": {
        **dict.fromkeys(
            ("connectionTimeout", "socketTimeout", "maxConnections", "connectionRetry", "checkPeriod", "timeout"), "int"
        ),
        **dict.fromkeys(("zone", "serviceId"), "text"),
    },
    "state-aware": {**_FILES, **_MEMBER},
    "state-aware-s3": {**_S3, **_MEMBER},
    "sharding": _SHARDING,
    "sharding-cluster": _SHARDING,
    "s3-storage-v3": _S3,
    "s3-storage-v3-archive": _S3,
    "google-storage": _GOOGLE,
    "google-storage-v2": _GOOGLE,
    "azure-blob-storage": _AZURE,
    "azure-blob-storage-v2": _AZURE,
    "federated-repo": dict.fromkeys(
        (
            *(
                "numberOfRemoteImporters",
                "numberOfLocalImporters",
                "maxRetry",
                "firstRetryDelayMs",
                "maximumIdleTimeMs",
            ),
            *("errorRecoveryInterval", "maximumExecTimeMs"),
        ),
        "int",
    ),
}
"""Parameters of each provider type and the form of their values; `remote-fs` is another name of `remote`."""
