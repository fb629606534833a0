"""The versioned bucket behind an S3 filestore."""

import json
from collections.abc import Mapping

import pulumi
from pulumi_aws import s3

from artifactory_estate.filestore.copies import Copy, Copying
from artifactory_estate.filestore.model import Bucket

_DAY_S = 86400


class VersionedFilestore(pulumi.ComponentResource):
    """A bucket that keeps every binary, and what was deleted or replaced for as long as declared.

    Pulumi type `artifactory-estate:index:VersionedFilestore`. Makes `{name}-bucket` and its settings: versioning,
    encryption, no public access, owner of all objects, TLS only, and a lifecycle that never expires a current version
    (files reference 7.3); with `copy`, `{name}-copy`: replication to a bucket in another region. With `allow_delete`
    applied, `destroy` empties the bucket; without it AWS refuses.
    """

    bucket: pulumi.Output[str]
    """The bucket's name."""
    arn: pulumi.Output[str]
    """The bucket's ARN."""

    def __init__(
        self,
        name: str,
        bucket_name: str,
        declared: Bucket | None = None,
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
        *,
        kms_key_arn: pulumi.Input[str] | None = None,
        copy: Copy | None = None,
    ) -> None:
        """`declared.name` wins over `bucket_name`. Without `kms_key_arn` S3's own keys encrypt. `copy`: where
        `declared.replicate_to` leads; without it nothing is copied."""
        declared = declared or Bucket()
        super().__init__("artifactory-estate:index:VersionedFilestore", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = s3.Bucket(
            f"{name}-bucket",
            bucket=declared.name or bucket_name,
            force_destroy=declared.allow_delete,
            tags=dict(tags or {}),
            opts=child,
        )
        versioning = s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=child,
        )
        lock_down(name, bucket, child, kms_key_arn)
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[_keep_old_versions(declared), _ABORT_UPLOADS],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        if copy:
            after = pulumi.ResourceOptions(parent=self, depends_on=[versioning])
            Copying(f"{name}-copy", bucket, copy, kms_key_arn=kms_key_arn, tags=tags or {}, opts=after)
        self.bucket, self.arn = bucket.bucket, bucket.arn
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})


def lock_down(
    name: str, bucket: s3.Bucket, opts: pulumi.ResourceOptions, kms_key_arn: pulumi.Input[str] | None = None
) -> None:
    """Encryption, no public access, one owner, TLS only: what every bucket of ours has. With `kms_key_arn` objects are
    encrypted by it, through a key of the bucket's: one request to KMS for many objects."""
    rule: dict[str, object] = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    if kms_key_arn is not None:
        by_key = {"sse_algorithm": "aws:kms", "kms_master_key_id": kms_key_arn}
        rule = {"apply_server_side_encryption_by_default": by_key, "bucket_key_enabled": True}
    s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[rule],
        opts=opts,
    )
    blocked = s3.BucketPublicAccessBlock(
        f"{name}-public-access",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    s3.BucketOwnershipControls(
        f"{name}-ownership", bucket=bucket.bucket, rule={"object_ownership": "BucketOwnerEnforced"}, opts=opts
    )
    s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.bucket,
        policy=bucket.arn.apply(lambda arn: bucket_policy(arn, by_key=kms_key_arn is not None)),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[blocked])),
    )


def bucket_policy(arn: str, *, by_key: bool) -> str:
    """Bucket policy that denies every request without TLS 1.2 or newer; `by_key`: and every object that asks to be
    encrypted by anything but KMS. One that asks for nothing is encrypted as the bucket is."""
    everything = [arn, f"{arn}/*"]
    statements = [
        _deny("TlsOnly", "s3:*", everything, {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("RecentTlsOnly", "s3:*", everything, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]
    if by_key:
        asked = "s3:x-amz-server-side-encryption"
        other = {"StringNotEquals": {asked: "aws:kms"}, "Null": {asked: "false"}}
        statements.append(_deny("KeyOnly", "s3:PutObject", [f"{arn}/*"], other))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _deny(sid: str, action: str, resources: list[str], condition: Mapping[str, object]) -> dict[str, object]:
    denied: dict[str, object] = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action}
    return {**denied, "Resource": resources, "Condition": condition}


def _keep_old_versions(declared: Bucket) -> dict[str, object]:
    days = -(-declared.keep_old_versions // _DAY_S)
    return {
        "id": "keep-old-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
        "expiration": {"expired_object_delete_marker": True},
    }


_ABORT_UPLOADS = {
    "id": "abort-incomplete-uploads",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
}
