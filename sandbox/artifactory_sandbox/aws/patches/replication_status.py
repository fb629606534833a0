"""An object says how its replication stands: `PENDING`, `COMPLETED`, `FAILED`, or `REPLICA`; stock moto keeps no status."""

from typing import Any

from moto.s3.models import FakeKey

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect

_HEADER = "x-amz-replication-status"


def apply(hooks: Hooks) -> None:
    """Answers of GET and HEAD carry the attribute `replication_status` of the key; the data plane sets it."""
    del hooks
    stock: Any = FakeKey.response_dict

    def response_dict(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = stock.fget(self)
        status = getattr(self, "replication_status", "")
        return {**answer, _HEADER: status} if status else answer

    FakeKey.response_dict = property(response_dict)


def check(aws: Scratch) -> None:
    """A status that was set is read back, by version too."""
    from artifactory_sandbox.aws import backends  # noqa: PLC0415  moto is imported by then

    s3 = aws.bucket("check-replication-status")
    version = s3.put_object(Bucket="check-replication-status", Key="key", Body=b"1")["VersionId"]
    bucket = backends.bucket("check-replication-status")
    expect(bucket is not None, "the bucket is in this process")
    bucket.keys["key"].replication_status = "REPLICA"  # type: ignore[union-attr]
    for more in ({}, {"VersionId": version}):
        read = s3.head_object(Bucket="check-replication-status", Key="key", **more)
        expect(
            read.get("ReplicationStatus") == "REPLICA", f"the status is read back, not {read.get('ReplicationStatus')}"
        )
