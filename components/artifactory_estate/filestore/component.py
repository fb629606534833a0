"""The versioned bucket behind an S3 filestore."""

import json
from collections.abc import Mapping

import pulumi
from pulumi_aws import s3

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.filestore.model import Bucket

_DAY_S = 86400


class VersionedFilestore(pulumi.ComponentResource):
    """A bucket that keeps every binary, and what was deleted or replaced for as long as declared.

    Pulumi type `artifactory-estate:index:VersionedFilestore`. Makes `{name}-bucket` and its settings: versioning,
    encryption, no public access, owner of all objects, TLS only, and a lifecycle that never expires a current version
    (files reference 7.3). With `allow_delete` applied, `destroy` empties the bucket; without it AWS refuses.
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
    ) -> None:
        """`declared.name` wins over `bucket_name`. Raises `Refused` for what is not offered yet."""
        declared = declared or Bucket()
        refuse_if_any(_not_offered(declared))
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
        lock_down(name, bucket, child)
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[_keep_old_versions(declared), _ABORT_UPLOADS],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        self.bucket, self.arn = bucket.bucket, bucket.arn
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})


def lock_down(name: str, bucket: s3.Bucket, opts: pulumi.ResourceOptions) -> None:
    """Encryption, no public access, one owner, TLS only: what every bucket of ours has."""
    s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption",
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
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
        policy=bucket.arn.apply(tls_only_policy),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[blocked])),
    )


def tls_only_policy(arn: str) -> str:
    """Bucket policy that denies every request without TLS."""
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _not_offered(declared: Bucket) -> list[Refusal]:
    if not declared.replicate_to:
        return []
    return [
        Refusal(
            ("filestore", "bucket", "replicate_to"),
            f"{declared.replicate_to}",
            "copying the bucket to another region is not offered yet",
            "Leave it out; a disaster recovery pair copies the artifacts through Artifactory.",
        )
    ]


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
