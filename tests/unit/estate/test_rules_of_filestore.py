"""Both sides of every rule of filestores, beside those of `test_rules_of_storage`."""

import json
from typing import Any

import pytest

from tests.unit.estate.judged import Rule

EU, EAST = "sites.eu-west", "sites.us-east"
AT = f"{EU}.filestore"
VOLUME = {"count": 3, "data_volume": {"size_gib": 500}}
TWO = {"shard-a": {"directory": "/mnt/a"}, "shard-b": {"directory": "/mnt/b"}}
ELSEWHERE = {"endpoint": "s3.acme.example", "identity": "env:ID", "credential": "env:KEY"}
AZURE = {"account": "acmestore", "container": "binaries", "account_key": "env:KEY"}
CLOUD_FRONT = {"domain": "d1.cloudfront.net", "key_pair_id": "K1", "private_key": "env:KEY"}
FORMER = {"kind": "nfs", "directory": "/mnt/old"}


def store(**declared: Any) -> dict[str, Any]:
    return {AT: {"cache": "1GiB", **declared}}


def sharding(shards: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return store(kind="sharding", shards=shards if shards is not None else TWO, **more)


def buckets(**more: Any) -> dict[str, Any]:
    return store(kind="s3-sharding", **{"shards": {"s3-shard1": {}, "s3-shard2": {}}, **more})


def on_volumes(count: int = 3, ceiling: int = 3, **declared: Any) -> dict[str, Any]:
    return {**store(**declared), f"{EU}.nodes": {**VOLUME, "count": count, "max": ceiling}}


def one_node(**declared: Any) -> dict[str, Any]:
    return {**store(**declared), f"{EU}.nodes": {"count": 1, "data_volume": {"size_gib": 100}}}


def release(version: str, **declared: Any) -> dict[str, Any]:
    return {**store(**declared), "artifactory.version": version}


def copied(to: str = "us-east", **checksum: Any) -> dict[str, Any]:
    return {f"{AT}.bucket.replicate_to": to, **checksum}


def zoned(one: str | None, two: str | None, **sharding_: Any) -> dict[str, Any]:
    shards = {
        name: {"directory": f"/mnt/{name}", **({"zone": zone} if zone else {})}
        for name, zone in (("shard-a", one), ("shard-b", two))
    }
    return sharding(shards, sharding=sharding_)


def exports(*directories: str) -> dict[str, Any]:
    return {
        name: {**shard, "export": f"nas.acme.example:{directory}"}
        for (name, shard), directory in zip(TWO.items(), directories, strict=True)
    }


def beside(declared: dict[str, Any]) -> dict[str, Any]:
    """The same filestore at two sites; `{}` in it is the site."""
    text = json.dumps({"cache": "1GiB", **declared})
    return {f"{site}.filestore": json.loads(text.replace("{}", site.removeprefix("sites."))) for site in (EAST, EU)}


MANY = {f"shard-{n:02}": {"directory": f"/mnt/{n:02}"} for n in range(11)}
SIZED = {name: {**shard, "size": "100GiB"} for name, shard in TWO.items()}
BY_ZONE = {"read_behaviour": "zone", "write_behaviour": "zonePercentageFreeSpace"}
DRAINED = {**TWO, "shard-b": {"directory": "/mnt/b", "write_enabled": False}}
CLUSTER = {"kind": "cluster-file-system"}

RULES = {
    "no legacy chain": Rule(
        store(), store(kind="s3"), f"{AT}.kind", "files reference 1.2: the JetS3t chain is unsupported from 7.46.3"
    ),
    "R at most M": Rule(
        sharding(redundancy=2),
        sharding(redundancy=3),
        f"{AT}.redundancy",
        "3 is more than the 2 mounts (seed 001: R must not exceed M)",
    ),
    "R at most M of buckets": Rule(
        buckets(redundancy=2), buckets(redundancy=3), f"{AT}.redundancy", "3 is more than the 2 mounts (seed 001"
    ),
    "copies go where may be written": Rule(
        sharding(DRAINED, redundancy=1),
        sharding(DRAINED, redundancy=2),
        f"{AT}.redundancy",
        "more than the 1 mounts that may be written (files reference 1.12",
    ),
    "somewhere to write": Rule(
        sharding(DRAINED, redundancy=1),
        sharding({"shard-a": {"directory": "/mnt/a", "write_enabled": False}}, redundancy=1),
        f"{AT}.shards",
        "none may be written (files reference 1.9",
    ),
    "few shards": Rule(
        sharding({name: MANY[name] for name in list(MANY)[:10]}),
        sharding(MANY),
        f"{AT}.shards",
        "11 shards (seed 001: more than 10 shards cost performance)",
    ),
    "shards at all": Rule(sharding(), sharding({}), f"{AT}.shards", "missing (files reference 1.11"),
    "two buckets": Rule(buckets(), buckets(shards={"only-one": {}}), f"{AT}.shards", "s3-sharding has 2 or more"),
    "a mount a shard": Rule(
        sharding(),
        sharding({**TWO, "shard-b": {"directory": "/mnt/a"}}),
        f"{AT}.shards.shard-b.directory",
        "files reference 1.9: its own mount per shard, and shard-a is at /mnt/a",
    ),
    "no shard inside another": Rule(
        sharding(),
        sharding({**TWO, "shard-b": {"directory": "/mnt/a/b"}}),
        f"{AT}.shards.shard-b.directory",
        "/mnt/a/b (files reference 1.9",
    ),
    "no bucket at a mount": Rule(
        sharding(),
        sharding({**TWO, "shard-b": {"directory": "/mnt/b", "bucket": "acme-b"}}),
        f"{AT}.shards.shard-b.bucket",
        "files reference 1.9: its shards are mounts",
    ),
    "no directory at a bucket": Rule(
        buckets(),
        buckets(shards={"s3-shard1": {"directory": "/mnt/a"}, "s3-shard2": {}}),
        f"{AT}.shards.s3-shard1.directory",
        "files reference 1.10: its shards are buckets",
    ),
    "an export has its place": Rule(
        sharding({"shard-a": {"directory": "/mnt/a", "export": "nfs.acme.example:/a"}}),
        sharding({"shard-a": {"export": "nfs.acme.example:/a"}}),
        f"{AT}.shards.shard-a.directory",
        "an export is mounted at an absolute directory",
    ),
    "ids of shards": Rule(
        sharding(), sharding({"Shard_A": {"directory": "/mnt/a"}}), f"{AT}.shards.Shard_A", "lower-case letters"
    ),
    "lenient limit at most R": Rule(
        sharding(redundancy=2, lenient_limit=2),
        sharding(redundancy=2, lenient_limit=3),
        f"{AT}.lenient_limit",
        "3 is more than the redundancy of 2 (files reference 1.12",
    ),
    "strict only where a node may be down": Rule(
        on_volumes(**CLUSTER, redundancy=2, lenient_limit=0),
        on_volumes(**CLUSTER, redundancy=3, lenient_limit=0),
        f"{AT}.lenient_limit",
        "files reference 1.12: 0 is strict",
    ),
    "room for all copies": Rule(
        sharding(SIZED, planned="80GiB"),
        sharding(SIZED, planned="95GiB"),
        f"{AT}.planned",
        "2 copies of 95GiB on mounts of 200GiB (seed 001: a mount is added before storage is depleted; 10 % stay spare",
    ),
    "room on the smallest mount": Rule(
        sharding({**SIZED, "shard-b": {"directory": "/mnt/b", "size": "90GiB"}}, planned="80GiB"),
        sharding({**SIZED, "shard-b": {"directory": "/mnt/b", "size": "60GiB"}}, planned="70GiB"),
        f"{AT}.planned",
        "the smallest has 60GiB (seed 001: R = M",
    ),
    "room on the smaller mounts": Rule(
        sharding({**SIZED, "shard-c": {"directory": "/mnt/c", "size": "900GiB"}}, planned="180GiB"),
        sharding({**SIZED, "shard-c": {"directory": "/mnt/c", "size": "900GiB"}}, planned="181GiB"),
        f"{AT}.planned",
        "2 copies of 181GiB, and a mount takes one of each binary (seed 001: R copies on R mounts",
    ),
    "no room on a mount that is drained": Rule(
        sharding({**SIZED, "shard-c": {"directory": "/mnt/c", "write_enabled": False}}, planned="90GiB"),
        sharding(
            {**SIZED, "shard-c": {"directory": "/mnt/c", "size": "900GiB", "write_enabled": False}}, planned="95GiB"
        ),
        f"{AT}.planned",
        "2 copies of 95GiB on mounts of 200GiB",
    ),
    "every mount's size": Rule(
        sharding(SIZED, planned="80GiB"),
        sharding(planned="80GiB"),
        f"{AT}.shards.shard-a.size",
        "planned is checked against the size of every mount",
    ),
    "a zone a member": Rule(
        zoned("one", "two", **BY_ZONE, zones=["one", "two"]),
        zoned("one", None, **BY_ZONE),
        f"{AT}.shards.shard-b.zone",
        "files reference 1.12: each member gets a zone",
    ),
    "zones that somebody looks at": Rule(
        zoned("one", "two", **BY_ZONE),
        zoned("one", "two"),
        f"{AT}.sharding.zones",
        "zones, and no behaviour by zone (files reference 1.11",
    ),
    "zones that exist": Rule(
        zoned("one", "two", **BY_ZONE, zones=["one", "two"]),
        zoned("one", "two", **BY_ZONE, zones=["one", "two", "three"]),
        f"{AT}.sharding.zones",
        "no shard is in three",
    ),
    "all zones": Rule(
        zoned("one", "two", **BY_ZONE, zones=["two", "one"]),
        zoned("one", "two", **BY_ZONE, zones=["one"]),
        f"{AT}.sharding.zones",
        "two is not named (files reference 1.12",
    ),
    "a cluster's behaviour": Rule(
        on_volumes(**CLUSTER, sharding={"read_behaviour": "crossNetworkStrategy"}),
        on_volumes(**CLUSTER, sharding={"read_behaviour": "roundRobin"}),
        f"{AT}.sharding.read_behaviour",
        "roundRobin, with cluster-file-system (files reference 1.11",
    ),
    "no cluster's behaviour of mounts": Rule(
        sharding(sharding={"write_behaviour": "freeSpace"}),
        sharding(sharding={"write_behaviour": "crossNetworkStrategy"}),
        f"{AT}.sharding.write_behaviour",
        "crossNetworkStrategy, with sharding",
    ),
    "no free space of a bucket": Rule(
        buckets(sharding={"write_behaviour": "roundRobin"}),
        buckets(sharding={"write_behaviour": "freeSpace"}),
        f"{AT}.sharding.write_behaviour",
        "a bucket has no free space to compare",
    ),
    "a sample that is used": Rule(
        sharding(sharding={"free_space_sample_interval": "1h"}),
        sharding(sharding={"free_space_sample_interval": "1h", "write_behaviour": "roundRobin"}),
        f"{AT}.sharding.free_space_sample_interval",
        "roundRobin does not look at free space",
    ),
    "a cluster's zones": Rule(
        on_volumes(**CLUSTER, sharding={"zones": ["local", "remote"]}),
        on_volumes(**CLUSTER, sharding={"zones": ["here", "there"]}),
        f"{AT}.sharding.zones",
        "files reference 1.2: the zones of a cluster's chain are local and remote",
    ),
    "no zone of a node's own shard": Rule(
        on_volumes(kind="sharding-cluster", shards={"disk-1": {}, "disk-2": {}}),
        on_volumes(kind="sharding-cluster", shards={"disk-1": {"zone": "one"}}),
        f"{AT}.shards.disk-1.zone",
        "the node's own shards are the zone local",
    ),
    "more than half of the nodes": Rule(
        on_volumes(count=4, ceiling=4, **CLUSTER, redundancy=3),
        on_volumes(count=4, ceiling=4, **CLUSTER, redundancy=2),
        f"{AT}.redundancy",
        "2 copies (files reference 1.12: more than half of the 4 nodes",
    ),
    "no more copies than nodes": Rule(
        on_volumes(count=3, ceiling=4, **CLUSTER),
        on_volumes(count=2, ceiling=4, **CLUSTER),
        f"{AT}.redundancy",
        "3 copies (files reference 1.12: a copy a node, and there are 2; never scale below the redundancy",
    ),
    "a cluster of nodes": Rule(
        on_volumes(**CLUSTER),
        on_volumes(count=1, ceiling=1, **CLUSTER),
        f"{AT}.kind",
        "one node is no cluster (files reference 1.12",
    ),
    "a cluster's files on volumes": Rule(
        on_volumes(**CLUSTER),
        store(**CLUSTER),
        f"{AT}.kind",
        "cluster-file-system without a data volume (files reference 1.6: an acknowledged upload is on an instance's disk",
    ),
    "eventual uploads of a cluster on volumes": Rule(
        on_volumes(mode="cluster"), store(mode="cluster"), f"{AT}.mode", "mode: cluster without a data volume"
    ),
    "eventual uploads of one node on a volume": Rule(
        one_node(mode="cached"),
        {**store(mode="cached"), f"{EU}.nodes": {"count": 1}},
        f"{AT}.mode",
        "mode: cached without a data volume",
    ),
    "one eventual folder": Rule(
        one_node(mode="cached"),
        on_volumes(mode="cached"),
        f"{AT}.mode",
        "cached, with 3 nodes (files reference 1.2, 1.6: with several nodes the eventual folder must be one shared mount",
    ),
    "local shards on a volume": Rule(
        one_node(kind="sharding", shards={"disk-1": {}}),
        {**store(kind="sharding", shards={"disk-1": {}}), f"{EU}.nodes": {"count": 1}},
        f"{AT}.shards.disk-1.directory",
        "design 4: an acknowledged upload would go with the instance",
    ),
    "local shards of one node": Rule(
        one_node(kind="sharding", shards={"disk-1": {}}),
        on_volumes(kind="sharding", shards={"disk-1": {}}),
        f"{AT}.shards.disk-1.directory",
        "seed 004: the 3 nodes of a cluster share one filestore",
    ),
    "a cluster's shard is each node's own": Rule(
        on_volumes(**CLUSTER),
        on_volumes(**CLUSTER, directory="/mnt/shared"),
        f"{AT}.directory",
        "/mnt/shared is absolute (files reference 1.9",
    ),
    "no shared shard of a cluster": Rule(
        on_volumes(kind="sharding-cluster", shards={"disk-1": {"directory": "/mnt/one"}}),
        on_volumes(kind="sharding-cluster", shards={"disk-1": {"directory": "/mnt/one", "export": "h:/one"}}),
        f"{AT}.shards.disk-1.export",
        "h:/one is shared (files reference 1.2",
    ),
    "mode of a kind that has one": Rule(
        store(mode="direct"), sharding(mode="direct"), f"{AT}.mode", "given, with kind: sharding"
    ),
    "no shards of a bucket": Rule(store(), store(shards=TWO), f"{AT}.shards", "s3-storage-v3 does not read it"),
    "nothing eventual of a direct chain": Rule(
        one_node(mode="cached", eventual={"workers": 20}),
        store(eventual={"workers": 20}),
        f"{AT}.eventual",
        "given, with kind: s3-storage-v3, mode: direct",
    ),
    "eventual's own words": Rule(
        one_node(mode="cached", eventual={"queue": 128}),
        on_volumes(mode="cluster", eventual={"queue": 128}),
        f"{AT}.eventual.queue",
        "files reference 1.6, 1.7: of mode: cached",
    ),
    "two uploaders at least": Rule(
        one_node(mode="cached", eventual={"workers": 2}),
        one_node(mode="cached", eventual={"workers": 1}),
        f"{AT}.eventual.workers",
        "at least 2",
    ),
    "a mount is absolute": Rule(
        store(kind="nfs", directory="/mnt/filestore", efs={}),
        store(kind="nfs", efs={}),
        f"{AT}.directory",
        "filestore is not absolute (files reference 7.4",
    ),
    "one thing mounted": Rule(
        store(kind="nfs", directory="/mnt/f", export="nfs.acme.example:/f"),
        store(kind="nfs", directory="/mnt/f", export="nfs.acme.example:/f", efs={}),
        f"{AT}.export",
        "an export, and efs",
    ),
    "provisioned with a figure": Rule(
        store(kind="nfs", directory="/mnt/f", efs={"throughput": "provisioned", "provisioned_mib": 100}),
        store(kind="nfs", directory="/mnt/f", efs={"throughput": "provisioned"}),
        f"{AT}.efs.provisioned_mib",
        "throughput: provisioned, provisioned_mib: not given",
    ),
    "a cache that holds the largest artifact": Rule(
        store(cache="10GiB", largest_artifact="8GiB"),
        store(cache="10GiB", largest_artifact="12GiB"),
        f"{AT}.cache",
        "10GiB is too little (files reference 1.4: larger than the largest artifact of 12GiB)",
    ),
    "a cache that is larger": Rule(
        store(cache="8193MiB", largest_artifact="8GiB"),
        store(cache="8GiB", largest_artifact="8GiB"),
        f"{AT}.cache",
        "8GiB is too little",
    ),
    "a default cache that holds the largest artifact": Rule(
        store(cache=None, largest_artifact="399GiB"),
        store(cache=None, largest_artifact="400GiB"),
        f"{AT}.cache",
        "the default of 429496729600 bytes is too little",
    ),
    "a mount's default cache": Rule(
        store(cache=None, kind="nfs", directory="/mnt/f", efs={}, largest_artifact="4GiB"),
        store(cache=None, kind="nfs", directory="/mnt/f", efs={}, largest_artifact="5GiB"),
        f"{AT}.cache",
        "the default of 5000000000 bytes is too little",
    ),
    "no directory of the machine's": Rule(
        store(kind="nfs", directory="/var/lib/artifactory"),
        store(kind="nfs", directory="/var/opt/jfrog/artifactory/data/filestore"),
        f"{AT}.directory",
        "is the machine's own (files reference 7.4",
    ),
    "a shard within its directory": Rule(
        one_node(kind="sharding", shards={"disk-1": {"directory": "one/disk"}}),
        one_node(kind="sharding", shards={"disk-1": {"directory": "../disk"}}),
        f"{AT}.shards.disk-1.directory",
        "../disk leads out of its directory (files reference 1.3",
    ),
    "what bypasses the cache": Rule(
        store(cache="10GiB", largest_artifact="12GiB", caching={"largest": "5GiB"}),
        store(cache="4GiB", largest_artifact="12GiB", caching={"largest": "5GiB"}),
        f"{AT}.cache",
        "larger than the largest artifact of 5GiB",
    ),
    "room beside the cache of a data volume": Rule(
        on_volumes(**CLUSTER, cache="400GiB"),
        on_volumes(**CLUSTER, cache="500GiB"),
        f"{AT}.cache",
        "the node's data volume has 500 GiB",
    ),
    "a cache of the node's own": Rule(
        store(kind="nfs", directory="/mnt/f", efs={}, caching={"directory": "/mnt/cache"}),
        store(kind="nfs", directory="/mnt/f", efs={}, caching={"directory": "/mnt/f"}),
        f"{AT}.caching.directory",
        "files reference 1.4: the cache is on each node's own disk, never shared",
    ),
    "a cache beside the binaries": Rule(
        store(kind="nfs", directory="/mnt/f", efs={}, caching={"directory": "/mnt/f-cache"}),
        store(kind="nfs", directory="/mnt/f", efs={}, caching={"directory": "/mnt/f/cache"}),
        f"{AT}.caching.directory",
        "/mnt/f/cache holds binaries (files reference 1.4",
    ),
    "a regional endpoint": Rule(
        store(s3={"endpoint": "s3.eu-west-1.amazonaws.com"}),
        store(s3={"endpoint": "s3.us-east-1.amazonaws.com"}),
        f"{AT}.s3.endpoint",
        "files reference 1.13: the endpoint of the bucket's region, eu-west-1",
    ),
    "no static keys on AWS": Rule(
        store(bucket={"name": "binaries"}, s3=ELSEWHERE),
        store(s3={"identity": "env:ID", "credential": "env:KEY"}),
        f"{AT}.s3.identity",
        "files reference 1.13: leave out static keys where the nodes' role is used",
    ),
    "keys elsewhere": Rule(
        store(bucket={"name": "binaries"}, s3=ELSEWHERE),
        store(bucket={"name": "binaries"}, s3={"endpoint": "s3.acme.example"}),
        f"{AT}.s3.credential",
        "the nodes' role is nobody at s3.acme.example",
    ),
    "a bucket elsewhere has a name": Rule(
        store(bucket={"name": "binaries"}, s3=ELSEWHERE),
        store(s3=ELSEWHERE),
        "defaults.filestore.bucket.name",
        "a bucket at s3.acme.example is not made by us",
    ),
    "TLS on AWS": Rule(
        store(bucket={"name": "binaries"}, s3={**ELSEWHERE, "use_http": True}),
        store(s3={"use_http": True}),
        f"{AT}.s3.use_http",
        "plain HTTP, for a bucket on AWS",
    ),
    "parts that S3 takes": Rule(
        store(s3={"multipart_element_size": "5MiB"}),
        store(s3={"multipart_element_size": "4MiB"}),
        f"{AT}.s3.multipart_element_size",
        "4MiB (files reference 1.13: a part has 5 MiB to 5 GiB",
    ),
    "parts enough": Rule(
        store(cache="100GiB", largest_artifact="90GiB", s3={"multipart_element_size": "10MiB"}),
        store(cache="100GiB", largest_artifact="90GiB", s3={"multipart_element_size": "9MiB"}),
        f"{AT}.s3.multipart_element_size",
        "at most 10000 parts, and the largest artifact has 90GiB",
    ),
    "one upload's limit": Rule(
        store(s3={"multipart_limit": "5GiB"}),
        store(s3={"multipart_limit": "6GiB"}),
        f"{AT}.s3.multipart_limit",
        "6GiB (files reference 1.13",
    ),
    "SDK since": Rule(
        release("7.125.4", s3={"sdk": "v1"}),
        release("7.111.4", s3={"sdk": "v1"}),
        f"{AT}.s3.sdk",
        "files reference 1.13: exists from 7.125.4 on",
    ),
    "no presigning by SDK v2": Rule(
        release("7.146.7", s3={"sdk": "v1", "presigning": True}),
        release("7.146.7", s3={"presigning": True}),
        f"{AT}.s3.presigning",
        "files reference 1.13: SDK v2 ignores usePresigning",
    ),
    "no client-side key with the first SDK v2": Rule(
        release("7.146.29", s3={"client_side_kms_key": "alias/a"}),
        release("7.146.28", s3={"client_side_kms_key": "alias/a"}),
        f"{AT}.s3.client_side_kms_key",
        "files reference 1.13: not with SDK v2 before 7.146.29",
    ),
    "crypto mode of SDK v1": Rule(
        release("7.111.4", s3={"kms_crypto_mode": "StrictAuthenticatedEncryption"}),
        release("7.146.7", s3={"kms_crypto_mode": "StrictAuthenticatedEncryption"}),
        f"{AT}.s3.kms_crypto_mode",
        "with SDK v2",
    ),
    "CRT of SDK v2": Rule(
        release("7.146.7", s3={"crt": {"connection_health": True}}),
        release("7.111.4", s3={"crt": {"connection_health": True}}),
        f"{AT}.s3.crt",
        "with SDK v1 (files reference 1.13: of SDK v2",
    ),
    "hosts beside the proxy since": Rule(
        release("7.77.6", s3={"proxy": {"host": "proxy", "port": 80, "non_proxy_host": "x"}}),
        release("7.77.5", s3={"proxy": {"host": "proxy", "port": 80, "non_proxy_host": "x"}}),
        f"{AT}.s3.proxy.non_proxy_host",
        "files reference 1.13: 7.77.6 and newer",
    ),
    "a proxy's user and password": Rule(
        store(s3={"proxy": {"host": "p", "port": 80, "identity": "me", "credential": "env:P"}}),
        store(s3={"proxy": {"host": "p", "port": 80, "identity": "me"}}),
        f"{AT}.s3.proxy",
        "a user with a password, or neither",
    ),
    "CloudFront signs redirects": Rule(
        store(s3={"redirect_downloads": True, "cloud_front": CLOUD_FRONT}),
        store(s3={"cloud_front": CLOUD_FRONT}),
        f"{AT}.s3.cloud_front",
        "without redirect_downloads (files reference 1.13",
    ),
    "all three of CloudFront": Rule(
        store(s3={"redirect_downloads": True, "cloud_front": CLOUD_FRONT}),
        store(s3={"redirect_downloads": True, "cloud_front": {"domain": "d1.cloudfront.net", "key_pair_id": "K1"}}),
        f"{AT}.s3.cloud_front.private_key",
        "missing",
    ),
    "presigned operations' life": Rule(
        release("7.111.4", s3={"presigning": True, "signature_expiry": "60s"}),
        release("7.111.4", s3={"signature_expiry": "60s"}),
        f"{AT}.s3.signature_expiry",
        "without presigning",
    ),
    "a key is named, not written": Rule(
        store(kind="azure-blob-storage-v2", azure=AZURE),
        store(kind="azure-blob-storage-v2", azure={**AZURE, "account_key": "aGVsbG8="}),
        f"{AT}.azure.account_key",
        "not a reference to a secret",
    ),
    "Google's place": Rule(
        store(kind="google-storage-v2", google={"bucket": "b"}),
        store(kind="google-storage-v2"),
        f"{AT}.google",
        "missing (files reference 1.15",
    ),
    "Azure's identity since": Rule(
        release("7.125.4", kind="azure-blob-storage-v2", azure={**AZURE, "account_key": None}),
        release("7.111.4", kind="azure-blob-storage-v2", azure={**AZURE, "account_key": None}),
        f"{AT}.azure.account_key",
        "missing, with 7.111.4 (files reference 1.15: an identity of the nodes from 7.125.4 on",
    ),
    "Azure's clock since": Rule(
        release("7.161.16", kind="azure-blob-storage-v2", azure={**AZURE, "sas_start_time_offset": "900s"}),
        release("7.161.15", kind="azure-blob-storage-v2", azure={**AZURE, "sas_start_time_offset": "900s"}),
        f"{AT}.azure.sas_start_time_offset",
        "7.161.16 and newer",
    ),
    "importers": Rule(
        store(federated_repo={"remote_importers": 12}),
        store(federated_repo={"remote_importers": 0}),
        f"{AT}.federated_repo.remote_importers",
        "at least 1",
    ),
    "a copy in another region": Rule(
        copied(),
        {**copied(), f"{EU}.aws.region": "us-east-1"},
        f"{AT}.bucket.replicate_to",
        "us-east is in us-east-1 too (files reference 7.3: a copy in the same region goes with it)",
    ),
    "a copy in the same account": Rule(
        copied(),
        {**copied(), f"{EU}.aws.account": "210987654321"},
        f"{AT}.bucket.replicate_to",
        "us-east is in the account 123456789012",
    ),
    "a copy keeps its key": Rule(
        {**copied(), f"{EAST}.filestore.path": "filestore"},
        {**copied(), f"{EAST}.filestore.path": "binaries"},
        f"{AT}.bucket.replicate_to",
        "files reference 7.3: an object keeps its key, and us-east reads binaries",
    ),
    "a copy one way": Rule(
        copied(),
        {**copied(), f"{EAST}.filestore.bucket.replicate_to": "eu-west"},
        f"{AT}.bucket.replicate_to",
        "us-east copies back",
    ),
    "bucket and repositories together": Rule(
        {f"{EAST}.filestore.bucket.replicate_to": "us-west", "sites.us-west.filestore.checksum_replication": 0},
        {f"{EAST}.filestore.bucket.replicate_to": "us-west"},
        f"{EAST}.filestore.bucket.replicate_to",
        "the pair east sends the same binaries to us-west (files reference 6.1",
    ),
    "deletions of a copy": Rule(
        {**copied(), f"{AT}.bucket.replicate_deletes": True},
        {f"{AT}.bucket.replicate_deletes": True},
        f"{AT}.bucket.replicate_deletes",
        "there is no copy to follow",
    ),
    "two shards, two buckets": Rule(
        buckets(shards={"s3-shard1": {"bucket": "acme-1"}, "s3-shard2": {"bucket": "acme-2"}}),
        buckets(shards={"s3-shard1": {"bucket": "acme-1"}, "s3-shard2": {"bucket": "acme-1"}}),
        f"{AT}.shards.s3-shard1.bucket",
        "two shards in one bucket are one copy",
    ),
    "two shards, two exports": Rule(
        sharding(exports("/one", "/two")),
        sharding(exports("/one", "/one/")),
        f"{AT}.shards.shard-b.export",
        "nas.acme.example:/one is another shard's too (files reference 1.12: two shards in one export are one copy",
    ),
    "two sites, two exports": Rule(
        beside({"kind": "nfs", "directory": "/mnt/f", "export": "nas.acme.example:/{}"}),
        beside({"kind": "nfs", "directory": "/mnt/f", "export": "nas.acme.example:/one"}),
        f"{AT}.export",
        "the same export as us-east's (files reference 7.3: the garbage collection of one cluster",
    ),
    "two sites, two containers": Rule(
        beside({"kind": "azure-blob-storage-v2", "azure": {**AZURE, "container": "{}"}}),
        beside({"kind": "azure-blob-storage-v2", "azure": AZURE}),
        f"{AT}.azure.container",
        "the same container as us-east's",
    ),
    "two sites, two places in Google's bucket": Rule(
        beside({"kind": "google-storage-v2", "google": {"bucket": "acme"}, "path": "{}"}),
        beside({"kind": "google-storage-v2", "google": {"bucket": "acme"}}),
        f"{AT}.google.bucket",
        "the same bucket as us-east's",
    ),
    "one name at two stores": Rule(
        beside({"bucket": {"name": "binaries"}, "s3": {**ELSEWHERE, "endpoint": "{}.acme.example"}}),
        beside({"bucket": {"name": "binaries"}, "s3": ELSEWHERE}),
        f"{AT}.bucket.name",
        "the same bucket as us-east's",
    ),
    "checksum replication since": Rule(
        release("7.55.2", checksum_replication=3),
        release("7.55.1", checksum_replication=3),
        f"{AT}.checksum_replication",
        "files reference 3.3: 7.55.2 and newer",
    ),
    "a move to somewhere else": Rule(
        store(kind="nfs", directory="/mnt/new", efs={}, move_from=FORMER),
        store(kind="nfs", directory="/mnt/old", efs={}, move_from=FORMER),
        f"{AT}.move_from.directory",
        "a move into itself",
    ),
    "a move into one place": Rule(
        store(move_from=FORMER),
        sharding(move_from=FORMER),
        f"{AT}.move_from",
        "decision 0012: binaries are moved into one place",
    ),
    "a move from what is shared": Rule(
        store(move_from=FORMER),
        store(move_from={"kind": "file-system"}),
        f"{AT}.move_from.directory",
        "filestore is on the node's own disk (seed 004",
    ),
}


@pytest.mark.parametrize("rule", RULES.values(), ids=[name.replace(" ", "-") for name in RULES])
def test_accepts_and_refuses(rule: Rule) -> None:
    rule.holds()
