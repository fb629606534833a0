"""One AWS for the tests of this room; each test has names of its own."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace

import boto3
import pytest

from artifactory_estate.base import Owner
from tests.support.aws import REGION, running_aws

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture
def prefix(aws: str) -> str:
    """`<estate>/<site>`, its own for each test."""
    return f"acme/site-{next(_numbers)}"


@pytest.fixture
def owner(prefix: str) -> Owner:
    return Owner(estate="acme", resource=f"{prefix.split('/')[1]}/secrets")


@pytest.fixture
def bucket(prefix: str) -> str:
    """A versioned bucket."""
    name = prefix.replace("/", "-")
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries follow one another at once; how many there are is what counts."""
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda seconds: None))
