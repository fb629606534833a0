"""Filestores of every kind and mode, as a document declares them: the golden files', and random ones."""

from typing import Any

from hypothesis import strategies as st

from artifactory_estate.filestore.model import Filestore
from artifactory_estate.filestore.render import binarystore_xml

Declared = dict[str, Any]
NODES = 3
GIB = "GiB"

MOUNTS = {"shard-a": {"directory": "/mnt/shard-a"}, "shard-b": {"directory": "/mnt/shard-b"}}
GOOGLE: Declared = {"kind": "google-storage-v2", "cache": "10GiB", "google": {"bucket": "acme-store"}}
AZURE: Declared = {"account": "acmestore", "container": "artifactory", "account_key": "env:AZURE_KEY"}
IMPORTERS = {"remote_importers": 8, "local_importers": 12, "max_retry": 20, "maximum_idle_time": 60000}

GOLDEN: dict[str, Declared] = {
    "file-system": {"kind": "file-system"},
    "cache-fs": {"kind": "cache-fs", "cache": "400GiB", "directory": "/mnt/binaries"},
    "nfs": {"kind": "nfs", "cache": "400GiB", "directory": "/mnt/filestore", "efs": {}},
    "cluster-file-system": {"kind": "cluster-file-system", "cache": "50GiB", "remote": {"max_connections": 300}},
    "s3-storage-v3": {"kind": "s3-storage-v3", "cache": "1GiB"},
    "s3-storage-v3-cached": {"mode": "cached", "cache": "1GiB", "eventual": {"workers": 20}, "retry": {"tries": 10}},
    "s3-storage-v3-cluster": {"mode": "cluster", "cache": "1GiB", "eventual": {"workers": 20, "stale_after": 600000}},
    "s3-storage-v3-redirect": {
        "cache": "1GiB",
        "s3": {
            "redirect_downloads": True,
            "redirect_expiry": "60s",
            "cloud_front": {"domain": "d1.cloudfront.net", "key_pair_id": "K1", "private_key": "env:CLOUD_FRONT"},
            "multipart_limit": "100MiB",
            "multipart_element_size": "50MiB",
            "max_connections": 200,
            "proxy": {"host": "proxy.acme.example", "port": 3128},
        },
        "federated_repo": IMPORTERS,
    },
    "s3-compatible": {
        "bucket": {"name": "acme-store"},
        "s3": {
            "endpoint": "s3.acme.example",
            "path_style": True,
            "identity": "env:S3_USER",
            "credential": "env:S3_KEY",
            "disable_chunked_encoding": True,
        },
    },
    "google-storage-v2": {**GOOGLE, "google": {"bucket": "acme-store", "credentials": "env:GOOGLE"}},
    "google-storage-v2-cached": {**GOOGLE, "mode": "cached"},
    "google-storage-v2-cluster": {**GOOGLE, "mode": "cluster"},
    "azure-blob-storage-v2": {"kind": "azure-blob-storage-v2", "cache": "10GiB", "azure": AZURE},
    "sharding": {"kind": "sharding", "cache": "50GiB", "shards": MOUNTS, "lenient_limit": 1},
    "sharding-zones": {
        "kind": "sharding",
        "cache": "50GiB",
        "redundancy": 2,
        "shards": {
            "one-a": {"directory": "/mnt/one-a", "zone": "one"},
            "one-b": {"directory": "/mnt/one-b", "zone": "one", "write_enabled": False},
            "two-a": {"directory": "/mnt/two-a", "zone": "two", "check_period": 30000},
        },
        "sharding": {
            "read_behaviour": "zone",
            "write_behaviour": "zonePercentageFreeSpace",
            "zones": ["one", "two"],
            "max_balancing_run_time": "1h",
            "free_space_sample_interval": "1h",
        },
    },
    "sharding-cluster": {
        "kind": "sharding-cluster",
        "cache": "50GiB",
        "shards": {"disk-1": {}, "disk-2": {"directory": "/mnt/disk-2"}},
    },
    "s3-sharding": {"kind": "s3-sharding", "cache": "50GiB", "shards": {"s3-shard1": {}, "s3-shard2": {}}},
}


def rendered(declared: Declared, version: str = "7.111.4", region: str = "us-east-1") -> str:
    """binarystore.xml of a site with a bucket `acme-store` and room for three nodes."""
    filestore = Filestore.from_data(declared)
    return binarystore_xml(filestore, version=version, bucket="acme-store", region=region, nodes=NODES)


sizes = st.integers(1, 4000).map("{}GiB".format)
milliseconds = st.integers(1, 600_000)
seconds = st.integers(1, 4000).map("{}s".format)
small = st.integers(2, 100)
settings = st.fixed_dictionaries(
    {},
    optional={
        "cache": sizes,
        "caching": st.fixed_dictionaries({}, optional={"largest": sizes, "uploads": st.booleans()}),
        "federated_repo": st.fixed_dictionaries({}, optional={"max_retry": small, "first_retry_delay": milliseconds}),
    },
)
s3 = st.fixed_dictionaries(
    {},
    optional={
        "test_connection": st.booleans(),
        "root_folders_name_length": st.integers(0, 5),
        "connection_timeout": milliseconds,
        "multipart_element_size": sizes,
        "server_side_kms_key": st.just("alias/acme"),
        "blocking_data_read_threads": small,
        "crt": st.fixed_dictionaries({}, optional={"connection_health": st.booleans()}),
        "sdk": st.sampled_from(["v1", "v2"]),
    },
)
later = st.fixed_dictionaries(
    {},
    optional={
        "eventual": st.fixed_dictionaries({}, optional={"workers": small, "dispatcher_interval": milliseconds}),
        "retry": st.fixed_dictionaries({}, optional={"tries": small, "interval": milliseconds}),
    },
)
directories = st.from_regex(r"/mnt/[a-z]{1,5}(/[a-z0-9]{1,4})?", fullmatch=True)
ids = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True).filter(
    lambda name: name not in {"cache-fs", "sharding", "remote", "state-aware"}
)


@st.composite
def sharded(draw: st.DrawFn) -> Declared:
    """Mounts, a cluster's own directories, or buckets; copies as many as there are at most."""
    kind = draw(st.sampled_from(["sharding", "sharding-cluster", "s3-sharding"]))
    names = draw(st.lists(ids, min_size=2, max_size=5, unique=True))
    optional = {"check_period": milliseconds, "write_enabled": st.booleans()}
    shards = {name: draw(st.fixed_dictionaries({}, optional=optional)) for name in names}
    if kind == "sharding":
        shards = {name: {**shard, "directory": f"/mnt/{name}"} for name, shard in shards.items()}
    copies = draw(st.integers(1, len(names)))
    tuned = {"max_balancing_run_time": seconds, "stream_buffer_kb": small}
    return {
        "kind": kind,
        "shards": shards,
        "redundancy": copies,
        "lenient_limit": draw(st.integers(0, copies)),
        "sharding": draw(st.fixed_dictionaries({}, optional=tuned)),
    }


def filestores() -> st.SearchStrategy[Declared]:
    """Of every kind and mode."""
    modes = st.sampled_from(["direct", "cached", "cluster"])
    kinds = st.one_of(
        st.just({"kind": "file-system"}),
        st.fixed_dictionaries({"kind": st.sampled_from(["cache-fs", "nfs"]), "directory": directories}),
        st.just({"kind": "cluster-file-system"}),
        st.fixed_dictionaries({"kind": st.just("s3-storage-v3"), "mode": modes, "s3": s3}),
        st.fixed_dictionaries({"mode": modes}).map(lambda mode: {**GOOGLE, **mode}),
        st.just({"kind": "azure-blob-storage-v2", "azure": AZURE}),
        sharded(),
    )
    return st.tuples(kinds, settings, later).map(lambda parts: {**parts[1], **parts[2], **parts[0]})
