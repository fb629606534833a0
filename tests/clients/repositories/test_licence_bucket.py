"""Licences of a bucket, against the simulated Mission Control."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import requests

from artifactory_estate.base import EstateError, Owner
from artifactory_estate.rest import buckets
from artifactory_estate.rest.licences import licence_hash
from artifactory_estate.site import licence_bucket
from artifactory_estate.site.licence_bucket import HeldLicences
from artifactory_estate.site.licence_supply import LicenceSupply, LicenceSupplyDeclaration, LicenceSupplyObservation
from artifactory_estate.site.lifecycle import LicencesDeclaration, LicencesLifecycle
from artifactory_sandbox.platform.mission_control import bucket_file
from tests.clients.running import Running
from tests.support.aws import REGION, running_aws

KEY = "bucket-key"


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture
def bucket(aws: str, recent: Running, request: pytest.FixtureRequest) -> HeldLicences:
    """Four licences at the platform's own Mission Control."""
    name = request.node.name
    sealed = bucket_file.sealed(bucket_file.make(4), KEY)
    token = recent.token_file.read_text()
    answer = requests.post(
        f"{recent.url}/mc/api/v1/buckets",
        headers={"Authorization": f"Bearer {token}"},
        data={"name": name, "key": KEY},
        files={"file": ("bucket", sealed)},
        timeout=30,
    )
    answer.raise_for_status()
    return HeldLicences(
        bucket=name,
        url=recent.url,
        token=f"file:{recent.token_file}",
        label="acme/us-east",
        secret=f"acme/us-east/{name}",
        region=REGION,
        owner=Owner(estate="acme", resource="us-east/licence-supply"),
    )


def used(recent: Running, bucket: HeldLicences) -> list[str]:
    report = recent.platform.get_json(f"/mc/api/v1/buckets/{bucket.bucket}/report")
    return sorted(one["used_by"] for one in report["licenses"] if one["used_by"])


def supply(recent: Running, bucket: HeldLicences, nodes: int, *, surge: bool = False) -> LicenceSupplyDeclaration:
    return LicenceSupplyDeclaration(connection=recent.connection, bucket=bucket, nodes=nodes, surge=surge)


def settled(recent: Running, bucket: HeldLicences, nodes: int) -> LicencesDeclaration:
    return LicencesDeclaration(connection=recent.connection, bucket=bucket, nodes=nodes)


def test_a_node_more_takes_one_and_a_node_less_returns_it(recent: Running, bucket: HeldLicences) -> None:
    two, three = supply(recent, bucket, 2), supply(recent, bucket, 3)
    observed = LicenceSupply().create(two)
    assert observed.count == 2
    assert used(recent, bucket) == ["acme/us-east-1", "acme/us-east-2"]
    before = LicencesLifecycle().create(settled(recent, bucket, 2))
    assert LicenceSupply().update(two, three, observed).count == 3
    third = licence_hash(licence_bucket.held(bucket)[2])
    pool = recent.platform.get_json("/artifactory/api/system/licenses")
    assert third in str(pool), "the licence is in the pool before the node that needs it"
    with_three = LicencesLifecycle().update(settled(recent, bucket, 2), settled(recent, bucket, 3), before)
    assert third in with_three.ours
    assert LicenceSupply().update(three, two, observed).count == 3, "it stays while the node may still use it"
    after = LicencesLifecycle().update(settled(recent, bucket, 3), settled(recent, bucket, 2), with_three)
    assert (after.pending, third in after.ours) == ((), False)
    assert used(recent, bucket) == ["acme/us-east-1", "acme/us-east-2"]
    assert LicenceSupply().read(two, observed) == (two, observed)


def test_nothing_is_acquired_twice(recent: Running, bucket: HeldLicences) -> None:
    declared = supply(recent, bucket, 2)
    for _ in range(2):
        LicenceSupply().create(declared)
    assert len(used(recent, bucket)) == 2


def test_what_a_killed_run_got_and_did_not_store_goes_back(recent: Running, bucket: HeldLicences) -> None:
    buckets.acquire(recent.platform, bucket.bucket, "acme/us-east-1")
    LicenceSupply().create(supply(recent, bucket, 1))
    assert used(recent, bucket) == ["acme/us-east-1"]


def test_a_surge_takes_one_more(recent: Running, bucket: HeldLicences) -> None:
    assert LicenceSupply().create(supply(recent, bucket, 2, surge=True)).count == 3


def test_an_empty_bucket_says_which_licence_was_not_to_be_had(recent: Running, bucket: HeldLicences) -> None:
    with pytest.raises(EstateError, match=r"licence 5 of 5 cannot be had from the bucket .*Not enough available"):
        LicenceSupply().create(supply(recent, bucket, 5))
    assert len(licence_bucket.held(bucket)) == 4, "what was had is kept for the next run"


def test_all_go_back_with_the_site(recent: Running, bucket: HeldLicences) -> None:
    declared = supply(recent, bucket, 3)
    observed = LicenceSupply().create(declared)
    LicenceSupply().delete(declared, observed)
    assert used(recent, bucket) == []
    secrets = boto3.client("secretsmanager", region_name=REGION).list_secrets()["SecretList"]
    assert bucket.secret not in {secret["Name"] for secret in secrets}
    assert LicenceSupply().read(declared, observed)[1].pending == (f"3 more licences to be had from {bucket.bucket}",)


def test_nothing_of_a_licence_is_kept(recent: Running, bucket: HeldLicences) -> None:
    declared = supply(recent, bucket, 1)
    kept = str((declared.to_data(), LicenceSupply().create(declared).to_data()))
    assert licence_bucket.held(bucket)[0].split("\n")[0] not in kept


def test_references_are_checked_before_any_server_is_asked(recent: Running, tmp_path: Path) -> None:
    file = tmp_path / "licences"
    file.write_text("one\n\ntwo")
    declared = LicenceSupplyDeclaration(connection=recent.connection, references=(f"file:{file}",), nodes=2)
    assert LicenceSupply().create(declared) == LicenceSupplyObservation(count=2)
    refused = LicenceSupply().preflight(None, declared.model_copy(update={"surge": True}))
    assert "2 licences for 2 nodes, with nodes.refresh: surge" in str(refused[0])
