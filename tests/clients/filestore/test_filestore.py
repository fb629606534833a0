"""Bringing back what was deleted, on a versioned bucket; balancing, against a server."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from artifactory_estate.base import EstateError
from artifactory_estate.estate.load import loads
from artifactory_estate.estate.model import Estate
from artifactory_estate.operations import filestore
from tests.support.aws import REGION, running_aws
from tests.unit.estate.documents import SAMPLE

BUCKET = "acme-us-east-filestore-123456789012"


class Store:
    """The site's bucket, as Artifactory uses it."""

    def __init__(self) -> None:
        self.s3: Any = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    def put(self, content: bytes, instead: bytes | None = None) -> str:
        """Its key; `instead` is what is really written there."""
        sha1 = hashlib.sha1(content).hexdigest()
        key = f"filestore/{sha1[:2]}/{sha1}"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content if instead is None else instead)
        return key

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=BUCKET, Key=key)

    def get(self, key: str) -> bytes | None:
        try:
            return bytes(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        except self.s3.exceptions.NoSuchKey:
            return None


@pytest.fixture
def store() -> Iterator[Store]:
    with running_aws():
        yield Store()


@pytest.fixture(scope="module")
def estate() -> Estate:
    return loads(SAMPLE)


def moment() -> datetime:
    """Between what was written before and after; moto's times have seconds."""
    time.sleep(1.1)
    now = datetime.now(UTC)
    time.sleep(1.1)
    return now


def test_what_was_deleted_after_the_moment_comes_back(store: Store, estate: Estate) -> None:
    contents = [f"binary {number}".encode() for number in range(70)]
    keys = [store.put(content) for content in contents]
    gone_before = store.put(b"collected long ago")
    store.delete(gone_before)
    after = moment()
    for key in keys[:66]:
        store.delete(key)
    later = store.put(b"uploaded later")
    told: list[filestore.Restored] = []
    found = filestore.restore(estate, "us-east", after, dry_run=True)
    assert (found.found, found.restored, store.get(keys[0])) == (66, 0, None)
    found = filestore.restore(estate, "us-east", after, tell=told.append)
    assert (found.found, found.restored, found.damaged) == (66, 66, ())
    assert found.found_bytes == sum(map(len, contents[:66]))
    assert [each.restored for each in told] == [64, 66]
    assert [store.get(key) for key in keys] == contents
    assert (store.get(gone_before), store.get(later)) == (None, b"uploaded later")


def test_a_second_run_finds_nothing(store: Store, estate: Estate) -> None:
    key = store.put(b"one")
    after = moment()
    store.delete(key)
    store.delete(key)
    assert filestore.restore(estate, "us-east", after).restored == 1
    assert filestore.restore(estate, "us-east", after).found == 0


def test_what_was_replaced_by_something_else_comes_back(store: Store, estate: Estate) -> None:
    wrong, same = store.put(b"right"), store.put(b"same")
    after = moment()
    store.put(b"right", instead=b"overwritten")
    store.put(b"same")
    found = filestore.restore(estate, "us-east", after)
    assert (found.restored, found.intact) == (1, 1)
    assert (store.get(wrong), store.get(same)) == (b"right", b"same")


def test_what_has_not_its_checksum_is_named_and_left(store: Store, estate: Estate) -> None:
    key = store.put(b"never written", instead=b"wrong")
    after = moment()
    store.delete(key)
    found = filestore.restore(estate, "us-east", after)
    assert (found.damaged, found.restored, store.get(key)) == ((key,), 0, None)


def test_other_files_of_the_bucket_are_left_alone(store: Store, estate: Estate) -> None:
    store.s3.put_object(Bucket=BUCKET, Key="filestore/_pre/upload", Body=b"x")
    after = moment()
    store.delete("filestore/_pre/upload")
    assert filestore.restore(estate, "us-east", after).found == 0


def test_a_moment_has_a_time_zone(estate: Estate) -> None:
    with pytest.raises(EstateError, match="without a time zone"):
        filestore.restore(estate, "us-east", datetime(2026, 3, 1))


@pytest.mark.parametrize("name", ["lab", "nowhere"])
def test_only_what_we_build_has_a_bucket(estate: Estate, name: str) -> None:
    with pytest.raises(EstateError, match=f"there is no managed site {name}; there are us-east"):
        filestore.restore(estate, name, datetime.now(UTC))


def test_one_bucket_is_not_balanced(estate: Estate) -> None:
    with pytest.raises(EstateError, match="its filestore is s3-storage-v3: there is nothing to balance"):
        filestore.balance(estate, "us-east")
