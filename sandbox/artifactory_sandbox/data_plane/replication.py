"""S3 replication: versions that appear after a bucket got its rules are copied to the destinations, with their version ids.

As S3 does: only between versioned buckets; the rule of the highest priority for each destination; delete markers when the
rule asks for them, deleted versions never; a replica is not replicated on. An object's `ReplicationStatus` is `PENDING`, then
`COMPLETED` or `FAILED`, and that of a copy `REPLICA`. Rules with metrics write `ReplicationLatency`, `BytesPendingReplication`,
`OperationsPendingReplication` and `OperationsFailedReplication` into the source's region.
"""

import logging
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.s3.models import FakeDeleteMarker, FakeKey

from artifactory_sandbox.aws import backends

TICK_S = 1.0
"""A new version waits at most this long (S3 promises minutes)."""
METRICS_EVERY = 5
"""Rounds between two points of the metrics."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Waiting:
    """What a rule has not copied yet."""

    since: list[Any] = field(default_factory=list)
    size: int = 0
    failed: int = 0


class Replication:
    """Copies while both regions answer; what could not be copied is copied later."""

    def __init__(self, region_answers: Callable[[str], bool]) -> None:
        self._region_answers = region_answers
        self._ending = threading.Event()
        self._done: dict[str, set[tuple[str, str]]] = {}
        self._rounds = 0
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
            self._rounds += 1
            try:
                for account, _, s3 in backends.each("s3"):
                    for bucket in list(s3.buckets.values()):
                        if getattr(bucket, "replication", None):
                            self._replicate(account, bucket)
            except Exception:  # noqa: BLE001  one bad row must not end the thread
                _log.exception("replicating failed; the next round tries again")

    def _replicate(self, account: str, bucket: Any) -> None:
        done = self._done.setdefault(f"{account}/{bucket.name}", set())
        waiting: dict[str, _Waiting] = defaultdict(_Waiting)
        for version in _versions(bucket):
            if (
                version.last_modified < bucket.replication_since
                or getattr(version, "replication_status", "") == "REPLICA"
            ):
                continue
            rules = _rules(bucket, version.name)
            left = [rule for rule in rules if (_target(rule), version.version_id) not in done]
            for rule in left:
                if self._copy(bucket, version, rule):
                    done.add((_target(rule), version.version_id))
                else:
                    row = waiting[_target(rule)]
                    row.since.append(version.last_modified)
                    row.size += getattr(version, "contentsize", 0)
                    row.failed += _hopeless(bucket, _target(rule))
            if left:
                _set_status(version, bucket, rules, done)
        if self._rounds % METRICS_EVERY == 0 and self._region_answers(bucket.region_name):
            _write_metrics(account, bucket, waiting)

    def _copy(self, bucket: Any, version: Any, rule: dict[str, Any]) -> bool:
        target = backends.bucket(_target(rule))
        if target is None or not target.is_versioned or not bucket.is_versioned:
            return False
        if not (self._region_answers(bucket.region_name) and self._region_answers(target.region_name)):
            return False
        if isinstance(version, FakeDeleteMarker):
            if (rule.get("DeleteMarkerReplication") or {}).get("Status") == "Enabled" and version.name in target.keys:
                marker = FakeDeleteMarker(key=target.keys[version.name])
                marker._version_id, marker.replication_status = version.version_id, "REPLICA"
                target.keys[version.name] = marker
            return True
        if version.version_id not in {there.version_id for there in target.keys.getlist(version.name, [])}:
            copy = _replica(version, target)
            target.keys.setlist(version.name, [*target.keys.getlist(version.name, []), copy])
        return True


def _replica(version: Any, target: Any) -> Any:
    """A whole copy, encrypted as its bucket says, before anybody can see it."""
    default = (target.encryption or {}).get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    copy = FakeKey(
        name=version.name,
        bucket_name=target.name,
        value=b"",
        account_id=target.account_id,
        region_name=target.region_name,
        storage=version._storage_class,
        etag=version.etag.strip('"'),
        is_versioned=True,
        version_id=version.version_id,
        multipart=version.multipart,
        encryption=default.get("SSEAlgorithm") or version.encryption,
        kms_key_id=default.get("KMSMasterKeyID"),
    )
    with version.lock:
        version._value_buffer.seek(0)
        shutil.copyfileobj(version._value_buffer, copy._value_buffer, 1 << 20)
    copy.contentsize = version.contentsize
    copy.set_metadata(dict(version.metadata))
    copy.last_modified, copy.replication_status = version.last_modified, "REPLICA"
    return copy


def _versions(bucket: Any) -> Iterator[Any]:
    """All versions of a bucket, oldest first for each key."""
    for _, versions in list(bucket.keys.iterlists()):
        yield from list(versions)


def _rules(bucket: Any, name: str) -> list[dict[str, Any]]:
    """The rules that hold for a key: one a destination, that of the highest priority."""
    enabled = [
        rule
        for rule in bucket.replication["Rule"]
        if rule.get("Status") == "Enabled" and name.startswith(_prefix(rule))
    ]
    chosen: dict[str, dict[str, Any]] = {}
    for rule in sorted(enabled, key=lambda rule: int(rule.get("Priority") or 0)):
        chosen[_target(rule)] = rule
    return list(chosen.values())


def _target(rule: dict[str, Any]) -> str:
    return str(rule["Destination"]["Bucket"]).rsplit(":", 1)[-1]


def _prefix(rule: dict[str, Any]) -> str:
    found = rule.get("Filter") or {}
    return str((found.get("And") or found).get("Prefix") or rule.get("Prefix") or "")


def _set_status(version: Any, bucket: Any, rules: list[dict[str, Any]], done: set[tuple[str, str]]) -> None:
    left = [_target(rule) for rule in rules if (_target(rule), version.version_id) not in done]
    hopeless = any(_hopeless(bucket, name) for name in left)
    version.replication_status = ("FAILED" if hopeless else "PENDING") if left else "COMPLETED"


def _hopeless(bucket: Any, name: str) -> bool:
    """What no later round mends by itself: a destination that is not there, or a side that keeps no versions."""
    target = backends.bucket(name)
    return target is None or not target.is_versioned or not bucket.is_versioned


def _write_metrics(account: str, bucket: Any, waiting: dict[str, _Waiting]) -> None:
    for rule in bucket.replication["Rule"]:
        if rule.get("Status") != "Enabled" or (rule["Destination"].get("Metrics") or {}).get("Status") != "Enabled":
            continue
        row = waiting.get(_target(rule), _Waiting())
        lag = max(((utcnow() - at).total_seconds() for at in row.since), default=0.0)
        names = {"SourceBucket": bucket.name, "DestinationBucket": _target(rule), "RuleId": rule.get("ID") or ""}
        dimensions = [{"Name": name, "Value": value} for name, value in names.items()]
        points = (
            ("ReplicationLatency", lag, "Seconds"),
            ("BytesPendingReplication", float(row.size), "Bytes"),
            ("OperationsPendingReplication", float(len(row.since) - row.failed), "Count"),
            ("OperationsFailedReplication", float(row.failed), "Count"),
        )
        data = [
            {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": dimensions} for name, value, unit in points
        ]
        backends.backend("cloudwatch", account, bucket.region_name).put_metric_data("AWS/S3", data)
