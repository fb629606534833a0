"""Snapshots of a site's RDS database, made before something that has no other way back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from artifactory_estate.base import EstateError
from artifactory_estate.cloud.session import client

FRESH = timedelta(hours=1)
"""One that is older is not made do with: what was written since would be lost."""
TIMEOUT_S = 4 * 3600
_POLL_S = 5.0
_LOST = {"failed", "deleting"}
_THERE = {"DBSnapshotAlreadyExists", "DBClusterSnapshotAlreadyExistsFault"}
_MISSING = {"DBSnapshotNotFound", "DBSnapshotNotFoundFault", "DBClusterSnapshotNotFoundFault"}


class SnapshotFailed(EstateError):
    """There is no snapshot to come back to."""


@dataclass(frozen=True)
class Snapshots:
    """Of one instance, or of one Aurora cluster. `sleep` is for tests."""

    database: str
    """Identifier."""
    is_cluster: bool
    region: str
    role: str | None
    sleep: Callable[[float], None] = time.sleep

    def ensure(self, name: str) -> str:
        """Make a snapshot called `name`, or `name-2` and so on where an older one has the name; wait until it is there.

        One of the last hour is taken, unless RDS failed to make it. Raises `SnapshotFailed`.
        """
        number = 1
        while True:
            candidate = name if number == 1 else f"{name}-{number}"
            found = self._find(candidate)
            if found is None:
                self._create(candidate)
                break
            if found["Status"] not in _LOST and self._is_fresh(found):
                break
            number += 1
        self._wait(candidate)
        return candidate

    def _wait(self, name: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while (found := self._find(name)) is None or found["Status"] != "available":
            if found and found["Status"] in _LOST:
                raise SnapshotFailed(f"{name}: RDS says {found['Status']}; no node was touched")
            if time.monotonic() > deadline:
                raise SnapshotFailed(f"{name}: not available within {TIMEOUT_S // 3600} hours; no node was touched")
            self.sleep(_POLL_S)

    def _is_fresh(self, found: dict[str, Any]) -> bool:
        made = found.get("SnapshotCreateTime")
        return made is None or datetime.now(UTC) - made < FRESH

    def _find(self, name: str) -> dict[str, Any] | None:
        try:
            if self.is_cluster:
                answer = self._rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"]
            else:
                answer = self._rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        return next(iter(answer), None)

    def _create(self, name: str) -> None:
        try:
            if self.is_cluster:
                self._rds.create_db_cluster_snapshot(
                    DBClusterSnapshotIdentifier=name, DBClusterIdentifier=self.database
                )
            else:
                self._rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=self.database)
        except ClientError as error:
            if error.response["Error"]["Code"] in _THERE:  # begun just now: the answer to a first attempt was lost
                return
            raise SnapshotFailed(f"{name}: RDS makes no snapshot of {self.database}: {error}") from error

    @property
    def _rds(self) -> Any:
        return client("rds", region=self.region, role=self.role)
