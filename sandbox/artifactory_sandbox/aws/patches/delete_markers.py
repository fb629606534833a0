"""A bucket whose versioning was suspended can be emptied of delete markers: stock moto answers 500."""

from moto.s3.models import FakeDeleteMarker

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect


def apply(hooks: Hooks) -> None:
    """A delete marker can be disposed of as a key can: it has no bytes."""
    del hooks
    FakeDeleteMarker.dispose = lambda self: None


def check(aws: Scratch) -> None:
    """An object and its delete marker go by version, one call, after suspension."""
    bucket = "check-delete-markers"
    s3 = aws.bucket(bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"1")
    s3.delete_object(Bucket=bucket, Key="key")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    listed = s3.list_object_versions(Bucket=bucket)
    found = [*listed["Versions"], *listed["DeleteMarkers"]]
    objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    left = s3.list_object_versions(Bucket=bucket)
    expect("Versions" not in left and "DeleteMarkers" not in left, "nothing is left in an emptied bucket")
