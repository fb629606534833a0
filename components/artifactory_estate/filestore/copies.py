"""A copy of every object in a bucket of another region: S3's own replication, with time control and metrics."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, s3

from artifactory_estate.estate.model import Estate
from artifactory_estate.filestore.traits import buckets_of
from artifactory_estate.site.names import SiteNames, names_of, shortened

RULE = "everything"
WITHIN_MINUTES = 15
"""The one figure that S3's replication time control knows."""


@dataclass(frozen=True)
class Copy:
    """Where to, and as whom."""

    bucket_arn: str
    """Of the other region's bucket, versioned; it has to be there."""
    kms_key_arn: str
    """Its key, or the alias of it."""
    from_region: str
    to_region: str
    role_name: str
    """Of the role that S3 takes."""
    permissions_boundary: str | None
    deletes: bool
    """Whether deletions are followed."""

    def watched(self, bucket: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
        """Dimensions of S3's metrics of what lags."""
        return {"SourceBucket": bucket, "DestinationBucket": self.bucket_arn.rpartition(":")[2], "RuleId": RULE}


def copy_of(estate: Estate, site: str) -> Copy | None:
    """The copy that the document wants of a managed site's bucket."""
    declared = estate.managed_sites[site]
    to = declared.filestore.bucket.replicate_to
    target = estate.managed_sites.get(to) if to else None
    if to is None or target is None:
        return None
    here, there = names_of(estate.estate, site, declared.aws), names_of(estate.estate, to, target.aws)
    bucket = buckets_of(target.filestore, there.filestore_bucket)[""]
    return Copy(
        bucket_arn=there.arn("s3", bucket, regional=False),
        kms_key_arn=target.aws.kms_key or _alias(there),
        from_region=here.region,
        to_region=there.region,
        role_name=shortened(f"{here.prefix}-copy-{here.region}", 64),
        permissions_boundary=declared.aws.permissions_boundary,
        deletes=declared.filestore.bucket.replicate_deletes,
    )


def _alias(names: SiteNames) -> str:
    """Of the key that the other site's own stack makes."""
    return names.arn("kms", f"alias/{names.prefix}")


class Copying(pulumi.ComponentResource):
    """Replication of one bucket, everything in it from now on, in 15 minutes at most, with S3's metrics of what lags.

    Pulumi type `artifactory-estate:index:Copying`. Makes `{name}-role`, `-permissions` and `-rules`. Objects that were
    there before are not copied: S3 Batch Operations does that, or `estate filestore move` of a former filestore.
    """

    def __init__(
        self,
        name: str,
        bucket: s3.Bucket,
        copy: Copy,
        *,
        kms_key_arn: pulumi.Input[str] | None,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("artifactory-estate:index:Copying", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-role",
            name=copy.role_name,
            description="S3 copies a filestore to another region",
            assume_role_policy=bucket.arn.apply(trust),
            permissions_boundary=copy.permissions_boundary,
            tags=dict(tags),
            opts=child,
        )
        policy = iam.RolePolicy(
            f"{name}-permissions",
            name="copy",
            role=role.name,
            policy=pulumi.Output.all(bucket.arn, kms_key_arn or "").apply(lambda known: permissions(copy, *known)),
            opts=child,
        )
        minutes = {"status": "Enabled", "time": {"minutes": WITHIN_MINUTES}}
        destination: dict[str, object] = {
            "bucket": copy.bucket_arn,
            "replication_time": minutes,
            "metrics": {"status": "Enabled", "event_threshold": {"minutes": WITHIN_MINUTES}},
        }
        rule: dict[str, object] = {
            "id": RULE,
            "priority": 1,
            "status": "Enabled",
            "filter": {"prefix": ""},
            "delete_marker_replication": {"status": "Enabled" if copy.deletes else "Disabled"},
            "destination": destination,
        }
        if kms_key_arn is not None:
            destination["encryption_configuration"] = {"replica_kms_key_id": copy.kms_key_arn}
            rule["source_selection_criteria"] = {"sse_kms_encrypted_objects": {"status": "Enabled"}}
        s3.BucketReplicationConfig(
            f"{name}-rules",
            bucket=bucket.bucket,
            role=role.arn,
            rules=[rule],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def trust(bucket_arn: str) -> str:
    """S3 may take the role, for this bucket only."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:SourceArn": bucket_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def permissions(copy: Copy, bucket_arn: str, kms_key_arn: str) -> str:
    """Read versions of the one bucket, write copies into the other, and their keys through S3; nothing else."""
    domain = "amazonaws.com.cn" if copy.to_region.startswith("cn-") else "amazonaws.com"
    of_versions = ["GetObjectVersionForReplication", "GetObjectVersionAcl", "GetObjectVersionTagging"]
    copied = ["ReplicateObject", "ReplicateTags", *(["ReplicateDelete"] if copy.deletes else [])]
    statements: list[dict[str, object]] = [
        _allow("Rules", ["s3:GetReplicationConfiguration", "s3:ListBucket"], bucket_arn),
        _allow("Versions", [f"s3:{action}" for action in of_versions], f"{bucket_arn}/*"),
        _allow("Copies", [f"s3:{action}" for action in copied], f"{copy.bucket_arn}/*"),
    ]
    if kms_key_arn:
        here, there = (f"s3.{each}.{domain}" for each in (copy.from_region, copy.to_region))
        via = {"kms:ViaService": here}
        statements.append(_allow("Decrypt", ["kms:Decrypt"], kms_key_arn) | {"Condition": {"StringEquals": via}})
        statements.append(_encrypt(copy, there))
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _encrypt(copy: Copy, via: str) -> dict[str, object]:
    """With the other bucket's key. A policy cannot name a key by its alias; a condition can."""
    through: dict[str, str] = {"kms:ViaService": via}
    if ":alias/" not in copy.kms_key_arn:
        return _allow("Encrypt", ["kms:Encrypt"], copy.kms_key_arn) | {"Condition": {"StringEquals": through}}
    keys, _, alias = copy.kms_key_arn.rpartition(":")
    condition = {
        "StringEquals": through,
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
    }
    return _allow("Encrypt", ["kms:Encrypt"], f"{keys}:key/*") | {"Condition": condition}


def _allow(sid: str, actions: list[str], resource: str) -> dict[str, object]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": [resource]}
