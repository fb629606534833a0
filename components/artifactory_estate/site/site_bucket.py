"""The site's own bucket: bundles, packages, boot lock, the nodes' reports, a DR pair's journal."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import s3

from artifactory_estate.filestore.component import lock_down


class SiteBucket(pulumi.ComponentResource):
    """A versioned bucket that goes with its site, whatever it holds: nothing in it outlives the nodes' use.

    Pulumi type `artifactory-estate:index:SiteBucket`. Makes `{name}-bucket` and its settings. Old versions stay for 90
    days, the nodes' reports for 30. Deleted with its objects: a pair's journal in it is taken by the pair's own stack,
    which goes before its sites.
    """

    bucket: pulumi.Output[str]
    """The bucket's name."""

    def __init__(
        self,
        name: str,
        bucket_name: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        kms_key_arn: pulumi.Input[str],
    ) -> None:
        super().__init__("artifactory-estate:index:SiteBucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket = s3.Bucket(f"{name}-bucket", bucket=bucket_name, force_destroy=True, tags=dict(tags), opts=child)
        versioning = s3.BucketVersioning(
            f"{name}-versioning", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=child
        )
        lock_down(name, bucket, child, kms_key_arn)
        s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": 90},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                },
                *(
                    {
                        "id": f"reports{suffix}",
                        "status": "Enabled",
                        "filter": {"prefix": prefix},
                        "expiration": {"days": 30},
                    }
                    for suffix, prefix in (("", "nodes/"), ("-of-fronts", "fronts/"))
                ),
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        self.bucket = bucket.bucket
        self.register_outputs({"bucket": self.bucket})
