"""Replication rules of a bucket are read back as they were written, and know since when they hold: stock moto answers constants."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """Stamps the time of the rules (only later objects are replicated) and gives the whole rules back."""
    del hooks
    put, get = S3Backend.put_bucket_replication, S3Response.get_bucket_replication

    def put_bucket_replication(self: Any, bucket_name: str, replication: dict[str, Any]) -> None:
        put(self, bucket_name, replication)
        self.get_bucket(bucket_name).replication_since = utcnow()

    def get_bucket_replication(self: Any) -> Any:
        kept = self.backend.get_bucket_replication(self.bucket_name)
        if not kept:
            return get(self)
        self.data["Action"] = "GetBucketReplication"
        rules = [_typed(rule) for rule in kept["Rule"]]
        return self.serialized(ActionResult({"ReplicationConfiguration": {"Role": kept["Role"], "Rules": rules}}))

    S3Backend.put_bucket_replication = put_bucket_replication
    S3Response.get_bucket_replication = get_bucket_replication


def check(aws: Scratch) -> None:
    """A rule with a filter, delete markers and time control comes back equal."""
    s3 = aws.bucket("check-replication")
    aws.bucket("check-replica")
    minutes = {"Status": "Enabled", "Time": {"Minutes": 15}}
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": "filestore/"},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "Destination": {
            "Bucket": "arn:aws:s3:::check-replica",
            "ReplicationTime": minutes,
            "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
        },
    }
    declared = {"Role": "arn:aws:iam::123456789012:role/replication", "Rules": [rule]}
    s3.put_bucket_replication(Bucket="check-replication", ReplicationConfiguration=declared)
    read = s3.get_bucket_replication(Bucket="check-replication")["ReplicationConfiguration"]
    expect(read == declared, f"the rule is read back, not {read}")


def _typed(value: Any, name: str = "") -> Any:
    """Numbers come out of moto's XML as text; empty elements as None."""
    if isinstance(value, dict):
        return {key: _typed(inner, key) for key, inner in value.items() if not key.startswith("@")}
    if name in {"Minutes", "Priority"}:
        return int(value)
    if value is None:
        return {} if name in {"Filter", "SourceSelectionCriteria"} else ""
    return value
