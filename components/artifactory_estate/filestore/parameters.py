"""Declared settings under Artifactory's own names (files reference 1.4 to 1.16): plain digits, nothing that is not declared."""

from collections.abc import Mapping

from artifactory_estate.base import Model

Parameters = Mapping[str, str]

CACHE = {"largest": "maxFileSizeLimit", "directory": "cacheProviderDir", "validate_checksum": "validateChecksum"}
EVENTUAL = {
    "workers": "numberOfThreads",
    "dispatcher_interval": "dispatcherInterval",
    "timeout": "timeout",
    "queue": "queueSize",
}
EVENTUAL_CLUSTER = {
    "workers": "maxWorkers",
    "dispatcher_interval": "dispatcherInterval",
    "stale_after": "addStalePeriod",
}
RETRY = {"interval": "interval", "tries": "maxTrys"}
REMOTE = {
    "connection_timeout": "connectionTimeout",
    "socket_timeout": "socketTimeout",
    "max_connections": "maxConnections",
    "retries": "connectionRetry",
    "check_period": "checkPeriod",
}
SHARDING = {
    "stream_wait_timeout": "concurrentStreamWaitTimeout",
    "stream_buffer_kb": "concurrentStreamBufferKb",
    "min_spare_uploaders": "minSpareUploaderExecutor",
    "uploader_cleanup_idle_time": "uploaderCleanupIdleTime",
}
SHARDING_SECONDS = {
    "max_balancing_run_time": "maxBalancingRunTime",
    "free_space_sample_interval": "freeSpaceSampleInterval",
}
"""Declared in seconds, written in milliseconds."""
S3 = {
    "port": "port",
    "test_connection": "testConnection",
    "root_folders_name_length": "rootFoldersNameLength",
    "max_connections": "maxConnections",
    "connection_timeout": "connectionTimeout",
    "socket_timeout": "socketTimeout",
    "connection_acquisition_timeout": "connectionAcquisitionTimeout",
    "multipart_limit": "multiPartLimit",
    "multipart_element_size": "multipartElementSize",
    "signature_expiry": "signatureExpirySeconds",
    "redirect_expiry": "signedUrlExpirySeconds",
    "server_side_kms_key": "server-side-encryption-aws-kms",
    "kms_key_region": "kmsKeyRegion",
    "kms_crypto_mode": "kmsCryptoMode",
    "encryption_format": "encryptionFormat",
    "disable_checksum_validation": "disableChecksumValidation",
    "disable_chunked_encoding": "disableChunkedEncoding",
    "blocking_data_read_threads": "blockingDataReadThreads",
}
S3_SWITCHES = {
    "use_http": "useHttp",
    "path_style": "enablePathStyleAccess",
    "presigning": "usePresigning",
    "redirect_downloads": "enableSignedUrlRedirect",
}
"""False at Artifactory too: written only when true."""
PROXY = {"host": "proxyHost", "port": "proxyPort", "identity": "proxyIdentity", "non_proxy_host": "nonProxyHost"}
CLOUD_FRONT = {"domain": "cloudFrontDomainName", "key_pair_id": "cloudFrontKeyPairId"}
CRT = {
    "target_throughput_gbps": "crtTargetThroughputInGbps",
    "connection_health": "crtEnableConnectionHealth",
    "minimum_throughput_bps": "crtMinimumThroughputInBps",
    "minimum_throughput_timeout": "crtMinimumThroughputTimeoutSeconds",
}
GOOGLE = {"bucket": "bucketName", "endpoint": "endpoint", "redirect_expiry": "signedUrlExpirySeconds"}
AZURE = {
    "account": "accountName",
    "container": "containerName",
    "multipart_limit": "multiPartLimit",
    "multipart_element_size": "multipartElementSize",
    "sas_start_time_offset": "sasStartTimeOffsetSeconds",
}
FEDERATED_REPO = {
    "remote_importers": "numberOfRemoteImporters",
    "local_importers": "numberOfLocalImporters",
    "max_retry": "maxRetry",
    "first_retry_delay": "firstRetryDelayMs",
    "maximum_idle_time": "maximumIdleTimeMs",
    "error_recovery_interval": "errorRecoveryInterval",
    "maximum_exec_time": "maximumExecTimeMs",
}


def named(settings: Model, names: Mapping[str, str], factor: int = 1) -> Parameters:
    """What `settings` says, by Artifactory's name; numbers times `factor`."""
    found = ((xml, getattr(settings, field)) for field, xml in names.items())
    return {xml: plain(value, factor) for xml, value in found if value is not None}


def switched_on(settings: Model, names: Mapping[str, str]) -> Parameters:
    """Those switches that are on."""
    return {xml: "true" for field, xml in names.items() if getattr(settings, field)}


def plain(value: object, factor: int = 1) -> str:
    """A value as binarystore.xml wants it; never an exponent (files reference 1.1).

    >>> plain(True), plain(50_000_000_000), plain(36, 1000), plain("v")
    ('true', '50000000000', '36000', 'v')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value * factor) if isinstance(value, int) else str(value)


def secret(name: str) -> str:
    """Where the bootstrap fills in the site's secret `filestore-<name>`."""
    return f"@@SECRET:filestore-{name}@@"
