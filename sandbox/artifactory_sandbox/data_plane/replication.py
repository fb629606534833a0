"""S3 replication: versions that appear after a bucket got its rules are copied to the destination, with their version ids."""

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from moto.s3.models import FakeDeleteMarker

from artifactory_sandbox.aws import backends

TICK_S = 1.0
"""A new version waits at most this long (S3 promises minutes)."""

_log = logging.getLogger(__name__)


class Replication:
    """Copies while both regions answer; what could not be copied is copied later."""

    def __init__(self, region_answers: Callable[[str], bool]) -> None:
        self._region_answers = region_answers
        self._ending = threading.Event()
        self._done: dict[str, set[str]] = {}
        self._thread = threading.Thread(target=self._run, name="s3-replication", daemon=True)

    def start(self) -> None:
        """Replicates from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(TICK_S):
            try:
                for account, _, s3 in backends.each("s3"):
                    for bucket in list(s3.buckets.values()):
                        if getattr(bucket, "replication", None):
                            self._replicate(account, s3, bucket)
            except Exception:  # noqa: BLE001  one bad row must not end the thread
                _log.exception("replicating failed; the next round tries again")

    def _replicate(self, account: str, s3: Any, bucket: Any) -> None:
        done = self._done.setdefault(f"{account}/{bucket.name}", set())
        rules = [rule for rule in bucket.replication["Rule"] if rule.get("Status") == "Enabled"]
        for version in list(_versions(bucket)):
            if version.version_id in done:
                continue
            if version.last_modified >= bucket.replication_since:
                rule = next((rule for rule in rules if version.name.startswith(_prefix(rule))), None)
                if rule is not None and not self._copy(s3, bucket, version, rule):
                    continue
            done.add(version.version_id)

    def _copy(self, s3: Any, bucket: Any, version: Any, rule: dict[str, Any]) -> bool:
        target = backends.bucket(rule["Destination"]["Bucket"].rsplit(":", 1)[-1])
        if target is None or not target.is_versioned:
            return False
        if not (self._region_answers(bucket.region_name) and self._region_answers(target.region_name)):
            return False
        if isinstance(version, FakeDeleteMarker):
            if (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled" and version.name in target.keys:
                marker = FakeDeleteMarker(key=target.keys[version.name])
                marker._version_id = version.version_id
                target.keys[version.name] = marker
            return True
        copied = backends.backend("s3", target.account_id, "aws").put_object(target.name, version.name, version.value)
        copied.set_metadata(dict(version.metadata))
        copied._version_id, copied.last_modified = version.version_id, version.last_modified
        return True


def _versions(bucket: Any) -> Iterator[Any]:
    """All versions of a bucket, oldest first for each key."""
    for _, versions in list(bucket.keys.iterlists()):
        yield from list(versions)


def _prefix(rule: dict[str, Any]) -> str:
    found = rule.get("Filter") or {}
    return str((found.get("And") or found).get("Prefix") or rule.get("Prefix") or "")
