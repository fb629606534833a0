"""Before a node is upgraded: the path is judged by what has really run on the database, and the way back is made."""

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from artifactory_estate.base import Refused
from artifactory_estate.cloud import snapshots
from artifactory_estate.cloud.converted import KEY, converted_by
from artifactory_estate.site.upgrade import UpgradeDeclaration, UpgradeLifecycle, UpgradeObservation
from tests.support.aws import REGION, running_aws

_numbers = itertools.count(1)
LIFECYCLE = UpgradeLifecycle()


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture
def declared(aws: str) -> UpgradeDeclaration:
    """A site with a database of ours and a bucket, both new: AWS is one for all tests of a process."""
    name = f"acme-upgraded-{next(_numbers)}"
    boto3.client("s3", region_name=REGION).create_bucket(Bucket=name)
    boto3.client("rds", region_name=REGION).create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="postgres",
        MasterUserPassword="not-a-secret",
    )
    return UpgradeDeclaration(
        site="us-east",
        version="7.111.4",
        version_path=("artifactory", "version"),
        bucket=name,
        region=REGION,
        nodes=3,
        database=name,
        snapshot=f"{name}-before-7-111-4",
    )


def ran(declared: UpgradeDeclaration, version: str) -> None:
    """As the nodes' bootstrap writes it."""
    boto3.client("s3", region_name=REGION).put_object(Bucket=declared.bucket, Key=KEY, Body=version.encode())


def to(declared: UpgradeDeclaration, version: str, **more: Any) -> UpgradeDeclaration:
    snapshot = f"{declared.database}-before-{version.replace('.', '-')}"
    return declared.model_copy(update={"version": version, "snapshot": snapshot, **more})


def made(declared: UpgradeDeclaration) -> list[str]:
    """Snapshots of the database that RDS did not make itself."""
    found = boto3.client("rds", region_name=REGION).describe_db_snapshots(DBInstanceIdentifier=str(declared.database))
    names = (snapshot["DBSnapshotIdentifier"] for snapshot in found["DBSnapshots"])
    return sorted(name for name in names if not name.startswith("rds:"))


def test_a_first_start_needs_no_snapshot_and_says_nothing(declared: UpgradeDeclaration) -> None:
    assert LIFECYCLE.notices(None, declared) == ()
    assert LIFECYCLE.create(declared) == UpgradeObservation(version="7.111.4")
    assert made(declared) == []


def test_an_upgrade_makes_the_snapshot_that_the_plan_names(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.111.4")
    new = to(declared, "7.117.5")
    said = " ".join(LIFECYCLE.notices(declared, new))
    assert f"snapshot {new.snapshot} is made of {new.database} before the first node" in said
    assert f"going back to 7.111.4 means restoring {new.snapshot}" in said and "is lost" in said
    assert made(declared) == []
    observed = LIFECYCLE.update(declared, new, UpgradeObservation(version="7.111.4"))
    assert (observed.version, observed.snapshot) == ("7.117.5", new.snapshot)
    assert made(declared) == [new.snapshot]


def test_a_killed_run_takes_its_own_snapshot_up_again_and_no_old_one(
    declared: UpgradeDeclaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(declared, "7.111.4")
    new = to(declared, "7.117.5")
    LIFECYCLE.create(new)
    assert LIFECYCLE.create(new).snapshot == new.snapshot
    monkeypatch.setattr(
        snapshots.Snapshots, "_is_fresh", lambda _self, found: found["DBSnapshotIdentifier"].endswith("-2")
    )
    assert LIFECYCLE.create(new).snapshot == f"{new.snapshot}-2"


def test_one_and_two_nodes_are_told_what_that_means(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.111.4")
    assert "the site is down" in LIFECYCLE.notices(declared, to(declared, "7.117.5", nodes=1))[-1]
    assert "three nodes are recommended" in LIFECYCLE.notices(declared, to(declared, "7.117.5", nodes=2))[-1]


def test_going_back_is_refused_by_what_ran_whatever_the_state_says(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.117.5")
    with pytest.raises(Refused) as refused:
        LIFECYCLE.create(declared)
    said = str(refused.value)
    assert "artifactory.version: 7.111.4 is older than 7.117.5" in said
    assert f"restoring {declared.database}-before-7-117-5" in said and "sites.us-east.upgrade.restored" in said


def test_a_version_that_no_node_ever_ran_can_be_taken_back(declared: UpgradeDeclaration) -> None:
    """The bad version stopped at its first node, before it had converted anything."""
    ran(declared, "7.111.4")
    assert LIFECYCLE.preflight(to(declared, "7.120.1"), declared) == ()


def test_after_a_restore_the_older_version_is_right_again(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.117.5")
    old, new = to(declared, "7.117.5"), declared.model_copy(update={"restored": "before-it"})
    observed = LIFECYCLE.update(old, new, UpgradeObservation(version="7.117.5"))
    assert (observed.version, observed.restored) == ("7.111.4", "before-it")
    assert converted_by(declared.bucket, REGION, None) == "7.111.4"
    ran(declared, "7.117.5")
    assert LIFECYCLE.preflight(new, new), "the word is good for once"


def external(
    declared: UpgradeDeclaration, version: str, snapshot: str | None = None, **more: Any
) -> UpgradeDeclaration:
    return declared.model_copy(update={"database": None, "version": version, "snapshot": snapshot, **more})


def test_an_external_database_needs_a_word_for_each_upgrade(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.104.15")
    (refusal,) = LIFECYCLE.preflight(None, external(declared, "7.111.4"))
    assert "sites.us-east.upgrade.snapshot: missing" in str(refusal)
    first = external(declared, "7.111.4", "one")
    assert LIFECYCLE.create(first).snapshot == "one"
    ran(declared, "7.111.4")
    assert LIFECYCLE.preflight(first, external(declared, "7.117.5", "two")) == ()


def test_the_same_word_does_not_do_for_the_next_upgrade(declared: UpgradeDeclaration) -> None:
    ran(declared, "7.111.4")
    first = external(declared, "7.111.4", "one")
    (refusal,) = LIFECYCLE.preflight(first, external(declared, "7.117.5", "one"))
    assert "one was made for 7.111.4" in str(refusal)


def test_an_earlier_installation_counts_until_a_node_has_run(declared: UpgradeDeclaration) -> None:
    assert LIFECYCLE.preflight(None, external(declared, "7.111.4", "one", from_version="6.23.38")) == ()
    (refusal,) = LIFECYCLE.preflight(None, external(declared, "7.111.4", "one", from_version="6.9.6"))
    assert "6.10" in str(refusal)
    ran(declared, "7.111.4")
    assert LIFECYCLE.preflight(None, external(declared, "7.111.4", from_version="6.9.6")) == ()


def test_reading_asks_nothing_and_deleting_keeps_the_snapshots(declared: UpgradeDeclaration) -> None:
    observed = UpgradeObservation(version="7.111.4")
    assert LIFECYCLE.read(declared, observed) == (declared, observed)
    LIFECYCLE.delete(declared, observed)
