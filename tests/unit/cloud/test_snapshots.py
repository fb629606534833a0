"""A snapshot to come back to: one of the last hour will do, one that RDS failed to make will not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from artifactory_estate.cloud import snapshots
from artifactory_estate.cloud.snapshots import SnapshotFailed, Snapshots


class Rds:
    """Makes a snapshot at once; with `refuses` it says no, though it was made unless access is denied."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.refuses = ""
        self.makes = "available"

    def describe_db_snapshots(self, DBSnapshotIdentifier: str) -> dict[str, Any]:
        if DBSnapshotIdentifier not in self.held:
            raise ClientError({"Error": {"Code": "DBSnapshotNotFound", "Message": ""}}, "DescribeDBSnapshots")
        return {"DBSnapshots": [self.held[DBSnapshotIdentifier]]}

    def create_db_snapshot(self, DBSnapshotIdentifier: str, DBInstanceIdentifier: str) -> None:
        del DBInstanceIdentifier
        if self.refuses != "AccessDenied":
            self.holds(DBSnapshotIdentifier, self.makes)
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": ""}}, "CreateDBSnapshot")

    def holds(self, name: str, status: str, age: timedelta = timedelta(0)) -> None:
        self.held[name] = {"Status": status, "SnapshotCreateTime": datetime.now(UTC) - age}


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Rds:
    made = Rds()
    monkeypatch.setattr(snapshots, "client", lambda *_, **__: made)
    return made


def ensured() -> str:
    return Snapshots("db", False, "us-east-1", None, lambda _s: None).ensure("before")


def test_one_of_the_last_hour_is_taken_and_an_older_one_is_not(rds: Rds) -> None:
    assert [ensured(), ensured()] == ["before", "before"]
    rds.holds("before", "available", timedelta(hours=2))
    assert ensured() == "before-2"


def test_one_that_rds_failed_to_make_is_passed_over_by_the_next_run(rds: Rds) -> None:
    rds.makes = "failed"
    with pytest.raises(SnapshotFailed, match="before: RDS says failed"):
        ensured()
    rds.makes = "available"
    assert ensured() == "before-2"


def test_a_snapshot_whose_first_answer_was_lost_is_waited_for(rds: Rds) -> None:
    rds.refuses = "DBSnapshotAlreadyExists"
    assert ensured() == "before"


def test_another_refusal_is_an_error(rds: Rds) -> None:
    rds.refuses = "AccessDenied"
    with pytest.raises(SnapshotFailed, match="RDS makes no snapshot of db"):
        ensured()
