"""binarystore.xml: every chain template starts, and what Artifactory does not start with says why (files reference 1)."""

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import moto
import pytest

from artifactory_sandbox.platform.binaries.chain import Binaries
from artifactory_sandbox.platform.boot import binarystore
from artifactory_sandbox.platform.boot.chain_templates import TEMPLATES
from artifactory_sandbox.platform.boot.files import Files
from artifactory_sandbox.platform.boot.refusal import CannotStart
from tests.platform.running import running, until

SHARD = '<sub-provider id="{0}" type="state-aware"/>'


def provider(id_: str, kind: str = "", inner: str = "", **parameters: object) -> str:
    text = "".join(f"<{name}>{value}</{name}>" for name, value in parameters.items())
    return f'<provider id="{id_}" type="{kind or id_}">{text}{inner}</provider>'


def template(name: str, *providers: str) -> str:
    return f'<config version="2"><chain template="{name}"/>{"".join(providers)}</config>'


def chain(*providers: str) -> str:
    return f'<config version="4"><chain>{providers[0]}</chain>{"".join(providers[1:])}</config>'


def built(root: Path, text: str, zones: str = "", version: str = "7.111.4") -> Binaries:
    files = Files(root)
    (files.home / "app").mkdir(parents=True, exist_ok=True)
    (files.home / "app/version.txt").write_text(version)
    (files.etc / "artifactory").mkdir(parents=True, exist_ok=True)
    (files.etc / "artifactory/binarystore.xml").write_text(text)
    return binarystore.build(files, zones)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket in a simulated S3."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with moto.mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        for name in ("store-1", "store-2"):
            client.create_bucket(Bucket=name)
        yield "store-1"


S3 = {"bucketName": "store-1", "region": "us-east-1"}
LEAVES = {
    "s3-storage-v3": provider("s3-storage-v3", **S3),
    "google-storage": provider("google-storage", bucketName="b", identity="i", credential="c"),
    "google-storage-v2": provider("google-storage-v2", bucketName="b", useInstanceCredentials="true"),
    "azure-blob-storage": provider("azure-blob-storage", accountName="a", accountKey="k", containerName="c"),
    "azure-blob-storage-v2": provider("azure-blob-storage-v2", accountName="a", accountKey="k", containerName="c"),
}
SHARDS = "".join(
    provider(f"s3-shard{n}", "state-aware-s3", bucketName=f"store-{n}", region="us-east-1") for n in (1, 2)
)


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - {"full-db", "full-db-direct"}))
def test_every_template_keeps_binaries(
    tmp_path: Path, bucket: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        binaries = built(tmp_path, template(name, leaves_of(name), provider("federated-repo", maxRetry=7)))
    assert (binaries.kind, dict(binaries.federated)) == (name, {"maxRetry": 7})
    cloud = any(word in name for word in ("s3", "google", "azure"))
    assert binaries.endless == cloud
    assert ("simulated: a directory stands for the object store" in caplog.text) == (
        "google" in name or "azure" in name
    )
    file = tmp_path / "upload"
    file.write_bytes(os.urandom(3000))
    sha1 = hashlib.sha1(file.read_bytes()).hexdigest()
    binaries.store.put(sha1, file)
    with binaries.store.open(sha1, 5) as opened:
        assert opened.read() == file.read_bytes()[5:]
    assert list(binaries.store.all()) == [(sha1, 3000)]
    binaries.store.remove(sha1)
    assert not binaries.store.has(sha1)


def leaves_of(name: str) -> str:
    """What the last link of a template needs to be told."""
    if name == "s3-sharding":
        return SHARDS
    return "".join(text for key, text in LEAVES.items() if f'"{key}"' in TEMPLATES[name])


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_collection_and_pruning_work_on_every_template(tmp_path: Path, bucket: str, name: str) -> None:
    quick = [
        provider(id_, kind, dispatcherInterval=20)
        for id_, kind in re.findall(r'id="([\w-]+)" type="(eventual(?:-cluster)?)"', TEMPLATES[name])
    ]
    binaries = built(tmp_path, template(name, leaves_of(name), *quick))
    with running(tmp_path / "platform", binaries=binaries) as (platform,):
        platform.make("kept")
        platform.api("PATCH", "system/configuration", data="trashcanConfig: {enabled: false}")
        kept = platform.put("kept/kept", b"kept").json()["checksums"]["sha1"]
        gone = platform.put("kept/gone", b"gone").json()["checksums"]["sha1"]
        until(lambda: not list(tmp_path.glob(f"**/eventual/*/{gone}")), "everything to be sent")
        platform("DELETE", "/artifactory/kept/gone")
        assert platform.api("POST", "system/storage/gc").status_code == 200
        file = tmp_path / "orphan"
        file.write_bytes(b"orphan")
        binaries.store.put(hashlib.sha1(b"orphan").hexdigest(), file)
        assert platform.api("POST", "system/storage/prune").status_code == 200
        until(lambda: list(binaries.store.all()) == [(kept, 4)], "what nobody needs to go")
        assert platform.get("kept/kept").content == b"kept"
        assert platform.api("GET", "storageinfo").json()["fileStoreSummary"]["storageType"] == name
        assert platform.api("POST", "system/storage/optimize").status_code == (202 if binaries.rebalance else 412)


def test_a_bucket_that_is_gone_is_read_around(tmp_path: Path, bucket: str) -> None:
    copies = provider("sharding", redundancy=2, lenientLimit=1)
    binaries = built(tmp_path, template("s3-sharding", SHARDS, copies, provider("cache-fs", maxFileSizeLimit=1)))
    file = tmp_path / "upload"
    file.write_bytes(os.urandom(3000))
    sha1 = hashlib.sha1(file.read_bytes()).hexdigest()
    binaries.store.put(sha1, file)
    client = boto3.client("s3", region_name="us-east-1")
    for name in ("store-1", "store-2"):
        assert client.list_objects_v2(Bucket=name)["KeyCount"] == 1
    client.delete_object(Bucket="store-1", Key=f"filestore/{sha1[:2]}/{sha1}")
    client.delete_bucket(Bucket="store-1")
    for _ in range(2):
        with binaries.store.open(sha1) as opened:
            assert opened.read() == file.read_bytes()
    assert sorted(place.active for place in binaries.places()) == [False, True]


REDUNDANT = "redundant-shards"
WORKLOAD = {"accountName": "a", "containerName": "c", "useInstanceCredentials": "true"}
REFUSED = [
    (template("s3"), "chain template 's3' is not supported since 7.46.3"),
    (template("cluster-s3"), "chain template 'cluster-s3' is not supported since 7.46.3"),
    (template("double"), "chain template 'double' is not supported since 5.0"),
    (template("s3-storage-v4"), "unknown chain template 's3-storage-v4'"),
    (chain(provider("x", "s3")), "provider type 's3' is not supported since 7.46.3"),
    (chain(provider("x", "file-sistem")), "unknown provider type 'file-sistem'"),
    (chain(provider("cache-fs")), "cache-fs: cache-fs needs one provider inside"),
    (chain(provider("cache-fs", inner=provider("cache-fs", "file-system"))), "the id 'cache-fs' stands for two providers"),
    (chain(provider("cache-fs", inner=provider("state-aware"))), "a state-aware cannot stand here"),
    (chain(SHARD.format("a")), "a chain begins with one provider"),
    (template("cache-fs", provider("cache-fs", "file-system")), "provider cache-fs is a cache-fs in the chain and a file-system"),
    (template("cache-fs", provider("cache-fs", maxCacheSize="5e+10")), "maxCacheSize: '5e+10' is not a plain integer"),
    (template("cache-fs", provider("cache-fs", maxCacheSize="-1")), "maxCacheSize: '-1' is not a plain integer"),
    (template(REDUNDANT, provider("sharding", redundancy=3)), "sharding: redundancy: 3 is more than the 2 mounts"),
    (template(REDUNDANT, provider("sharding", redundancy=0)), "redundancy: 0 copies keep nothing"),
    (template(REDUNDANT, provider("sharding", lenientLimit=3)), "lenientLimit: 3 is more than the redundancy of 2"),
    (template(REDUNDANT, provider("sharding", writeBehavior="random")), "writeBehavior: 'random' is none of roundRobin"),
    (template(REDUNDANT, provider("sharding", readBehavior="freeSpace")), "readBehavior: 'freeSpace' is none of roundRobin"),
    (template(REDUNDANT, provider("shard-state-aware-1", "state-aware", writeEnabled="no")), "'no' is not true or false"),
    (chain(provider("sharding", inner=provider("a", "state-aware"))), "sharding has sub-providers, and nothing else"),
    (chain(provider("sharding")), "sharding has sub-providers, and nothing else"),
    (chain(provider("sharding-cluster", inner=SHARD.format("a"))), "has sub-providers and one dynamic-provider"),
    (chain(provider("sharding", inner='<sub-provider id="f" type="file-system"/>')), "is no member of a sharded filestore"),
    (template("s3-storage-v3-direct"), "s3-storage-v3: bucketName is missing"),
    (template("s3-storage-v3-direct", provider("s3-storage-v3", **{**S3, "bucketName": "no-such"})), "'no-such': NoSuchBucket"),
    (template("s3-storage-v3-direct", provider("s3-storage-v3", **S3, rootFoldersNameLength=6)), "6 is more than 5"),
    (template("s3-storage-v3-direct", provider("s3-storage-v3", **S3, identity="AKIA")), "identity and credential belong together"),
    (template("s3-sharding", provider("s3-shard1", "state-aware-s3", **S3)), "s3-shard2: bucketName is missing"),
    (template("google-storage-v2", provider("google-storage-v2", bucketName="b")), "no credentials"),
    (template("google-storage-v2"), "google-storage-v2: bucketName is missing"),
    (template("azure-blob-storage", provider("azure-blob-storage", accountName="a", containerName="c")), "accountKey is missing"),
    (template("azure-blob-storage", provider("azure-blob-storage", accountName="a")), "containerName is missing"),
    (template("azure-blob-storage-v2-direct", provider("azure-blob-storage-v2", **WORKLOAD)), "is supported since 7.125.4"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_cannot_be_started_says_why(tmp_path: Path, bucket: str, text: str, reason: str) -> None:
    with pytest.raises(CannotStart) as stopped:
        built(tmp_path, text)
    assert reason in str(stopped.value)
    assert str(stopped.value).startswith("/opt/jfrog/artifactory/var/etc/artifactory/binarystore.xml: ")


def test_what_is_ignored_is_logged(tmp_path: Path, bucket: str, caplog: pytest.LogCaptureFixture) -> None:
    wrong = provider("cache", "cache-fs", maxCacheSize=1)
    unknown = provider("s3-storage-v3", **S3, usePresigning="true", bucketname="other")
    with caplog.at_level(logging.WARNING):
        built(tmp_path, template("s3-storage-v3-direct", wrong, unknown))
    assert "no provider of the chain has the id 'cache'" in caplog.text
    assert "usePresigning is not supported by the AWS SDK v2 and is ignored" in caplog.text
    assert "a s3-storage-v3 does not read 'bucketname'" in caplog.text


def test_a_template_written_out_is_the_same_chain(tmp_path: Path) -> None:
    mounts = "".join(f'<sub-provider id="mount-{n}" type="state-aware"/>' for n in range(3))
    text = chain(
        provider("cache-fs", inner=provider("sharding", inner=mounts)),
        provider("sharding", redundancy=2, lenientLimit=1, writeBehavior="percentageFreeSpace"),
        *(provider(f"mount-{n}", "state-aware", fileStoreDir=f"/mnt/nfs-{n}/filestore") for n in range(3)),
    )
    binaries = built(tmp_path, text)
    assert [place.directory for place in binaries.places()] == [
        str(tmp_path / f"mnt/nfs-{n}/filestore") for n in range(3)
    ]
    assert all(place.total and place.free and place.active for place in binaries.places())
