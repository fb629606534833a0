"""A master and a target that run, and buckets for their journals."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from artifactory_estate.base import Owner
from artifactory_estate.cloud import session
from artifactory_estate.cloud.journal import Place
from artifactory_estate.disaster_recovery.declared import DeclaredPair
from artifactory_estate.disaster_recovery.model import Schedule
from tests.clients.running import Running, running

REGIONS = {"us-east": "us-east-1", "us-west": "us-west-2"}
Declare = Callable[..., DeclaredPair]


@pytest.fixture(scope="package")
def moto() -> Iterator[None]:
    """An AWS that is moto's. Its credentials stay from test to test: a look at a dead region may outlive its test, and what it
    finds without credentials would be remembered in the next one."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            environment.setenv(name, value)
        yield
    server.stop()


@pytest.fixture
def buckets(moto: None) -> Iterator[dict[str, Place]]:
    """An empty bucket a site, in its region."""
    _forget_clients()
    places = {site: Place(bucket=f"acme-{site}-site", region=region) for site, region in REGIONS.items()}
    for place in places.values():
        where = (
            {"CreateBucketConfiguration": {"LocationConstraint": place.region}} if place.region != "us-east-1" else {}
        )
        boto3.client("s3", region_name=place.region).create_bucket(Bucket=place.bucket, **where)
    yield places
    for place in places.values():
        bucket = boto3.resource("s3", region_name=place.region).Bucket(place.bucket)
        bucket.objects.all().delete()
        bucket.delete()
    _forget_clients()


def _forget_clients() -> None:
    session._client.cache_clear()
    session._session.cache_clear()


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[dict[str, Running]]:
    with running(tmp_path, sorted(REGIONS)) as found:
        yield found


@pytest.fixture
def master(sites: dict[str, Running]) -> Running:
    return sites["us-east"]


@pytest.fixture
def target(sites: dict[str, Running]) -> Running:
    return sites["us-west"]


@pytest.fixture
def declare(sites: dict[str, Running], buckets: dict[str, Place]) -> Declare:
    """The pair's declaration; keyword arguments replace fields."""

    def make(**fields: Any) -> DeclaredPair:
        declared = DeclaredPair(
            owner=Owner(estate="acme", resource="dr-east/east-pair"),
            pair="east",
            master=sites["us-east"].connection,
            target=sites["us-west"].connection,
            journals=buckets,
            serving="us-east",
            epoch=1,
            schedule=Schedule.from_data({"delay": "1s", "interval": "1s"}),
        )
        return declared.model_copy(update=fields)

    return make
