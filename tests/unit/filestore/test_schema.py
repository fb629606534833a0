"""Every rendered file against the schema of the reference."""

import pytest
from hypothesis import given
from hypothesis import settings as examples

from tests.unit.filestore.declared import GOLDEN, Declared, filestores, rendered
from tests.unit.filestore.judge import complaints

VERSIONS = ("7.30.1", "7.111.4", "7.161.16")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", GOLDEN)
def test_reviewed_files_are_valid(name: str, version: str) -> None:
    assert complaints(rendered(GOLDEN[name], version)) == []


@examples(max_examples=120, deadline=None)
@given(filestores())
def test_every_filestore_is_valid(declared: Declared) -> None:
    assert complaints(rendered(declared)) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("s3-storage-v3", "1073741824", "5e+10"),
        ("s3-storage-v3", "1073741824", ""),
        ("s3-storage-v3", 'id="cache-fs"', 'id="cache"'),
        ("s3-storage-v3", "<region>us-east-1</region>", ""),
        ("s3-storage-v3", "maxCacheSize", "maxCachesize"),
        ("s3-storage-v3", "s3-storage-v3-direct", "s3-storage-direct"),
        ("s3-storage-v3", "<useInstanceCredentials>", "<identity>me</identity><useInstanceCredentials>"),
        ("s3-storage-v3", 'version="2"', 'version="7"'),
        ("s3-storage-v3-cached", "<numberOfThreads>20", "<numberOfThreads>1"),
        ("s3-storage-v3-cluster", "cache-fs-eventual-s3", "cache-fs"),
        ("s3-storage-v3-redirect", "<cloudFrontKeyPairId>K1</cloudFrontKeyPairId>", ""),
        ("sharding", "<redundancy>2", "<redundancy>3"),
        ("sharding", "<lenientLimit>1", "<lenientLimit>3"),
        ("sharding", "percentageFreeSpace", "mostFreeSpace"),
        ("sharding", '<sub-provider id="shard-b"', '<sub-provider id="shard-a"'),
        ("sharding", 'provider id="shard-a" type="state-aware">', 'provider id="shard-x" type="state-aware">'),
        ("sharding-cluster", "crossNetworkStrategy", "roundRobin"),
        ("azure-blob-storage-v2", "<accountKey>", "<useInstanceCredentials>true</useInstanceCredentials><accountKey>"),
        ("google-storage-v2-cluster", 'type="retry"', 'type="again"'),
    ],
)
def test_a_wrong_file_is_not(name: str, old: str, new: str) -> None:
    xml = rendered(GOLDEN[name])
    assert old in xml
    assert complaints(xml.replace(old, new))
