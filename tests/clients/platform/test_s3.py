"""The store in a bucket, against a simulated S3."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import moto
import pytest

from artifactory_sandbox.platform.binaries.chain import MissingBinary
from artifactory_sandbox.platform.binaries.s3 import S3, Bucket, BucketFailed


def binary(folder: Path, size: int = 1000) -> tuple[str, Path]:
    file = folder / "upload"
    file.write_bytes(os.urandom(size))
    return hashlib.sha1(file.read_bytes()).hexdigest(), file


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket in a simulated S3."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    with moto.mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="filestore-bucket")
        yield "filestore-bucket"


@pytest.mark.parametrize(("path", "prefix"), [("artifactory/filestore", "artifactory/filestore/"), ("", "")])
def test_objects_stand_below_the_path_and_two_letters(tmp_path: Path, bucket: str, path: str, prefix: str) -> None:
    store = S3(Bucket(bucket, path, "us-east-1"))
    store.probe()
    sha1, file = binary(tmp_path)
    store.put(sha1, file)
    listed = boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listed] == [f"{prefix}{sha1[:2]}/{sha1}"]
    with store.open(sha1, 7) as opened:
        assert opened.read() == file.read_bytes()[7:]
    assert list(store.all()) == [(sha1, 1000)]
    store.remove(sha1)
    assert not store.has(sha1)
    with pytest.raises(MissingBinary):
        store.open(sha1)


def test_a_missing_bucket_fails_the_probe(bucket: str) -> None:
    with pytest.raises(BucketFailed, match="bucket 'no-such-bucket': NoSuchBucket"):
        S3(Bucket("no-such-bucket", region="us-east-1")).probe()


def test_a_signed_address_names_the_object_the_file_and_the_time(tmp_path: Path, bucket: str) -> None:
    store = S3(Bucket(bucket, "filestore", "us-east-1", signed_url_seconds=45))
    sha1, file = binary(tmp_path)
    store.put(sha1, file)
    address = store.signed(sha1, "ä b.jar", 0)
    assert f"/filestore/{sha1[:2]}/{sha1}?" in address
    assert "response-content-disposition=attachment" in address
    assert "%25C3%25A4%2520b.jar" in address
    assert "Expires=" in address
    assert store.signed(sha1, "a", 10) != store.signed(sha1, "a", 100)
