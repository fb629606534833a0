"""The one key of a site: everything that it keeps, on disks, in buckets, databases, secrets, logs, is encrypted by it."""

import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import kms

from artifactory_estate.site.names import SiteNames

_RECOVERY_DAYS = 30
_ROTATION_DAYS = 365
_SERVICES = ("s3", "secretsmanager", "ec2", "rds", "elasticfilesystem", "sns")
"""That use the key for who calls them: nodes, lifecycles, whoever makes the site."""
_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
_ADMINISTER = tuple(
    f"kms:{action}"
    for action in (
        "CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey", "EnableKey", "EnableKeyRotation",
        "DisableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus", "ListAliases", "ListGrants", "ListKeyPolicies",
        "ListResourceTags", "PutKeyPolicy", "RevokeGrant", "ScheduleKeyDeletion", "TagResource", "UntagResource",
        "UpdateAlias", "UpdateKeyDescription",
    )
)  # fmt: skip


class SiteKey(pulumi.ComponentResource):
    """A KMS key that is rotated each year, with an alias `alias/<estate>-<site>`; or one that exists.

    Pulumi type `artifactory-estate:index:SiteKey`. Makes `{name}-key` and `{name}-alias`, or nothing. With `keep` the key
    outlives its site: what the site leaves behind, such as the final snapshot of its database, cannot be read without it.
    """

    arn: pulumi.Output[str]
    """Of the key."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        given: str | None,
        tags: Mapping[str, str],
        *,
        keep: bool,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`given`: ARN of a key that exists; `after`: what makes sure of Auto Scaling's role, which the policy names."""
        super().__init__("artifactory-estate:index:SiteKey", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        if given:
            self.arn = pulumi.Output.from_input(given)
        else:
            key = kms.Key(
                f"{name}-key",
                description=f"Artifactory, {names.estate}/{names.site}",
                policy=key_policy(names),
                enable_key_rotation=True,
                rotation_period_in_days=_ROTATION_DAYS,
                deletion_window_in_days=_RECOVERY_DAYS,
                tags=dict(tags),
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(after), retain_on_delete=keep),
            )
            kms.Alias(f"{name}-alias", name=names.key_alias, target_key_id=key.key_id, opts=child)
            self.arn = key.arn
        self.register_outputs({"arn": self.arn})


def key_policy(names: SiteNames) -> str:
    """Who may do what with the key. Nobody uses it directly: callers of the account through the services that encrypt with
    it, as far as their own IAM policies allow; Auto Scaling for the nodes' volumes; CloudWatch for logs and alarms."""
    account = f"arn:{names.partition}:iam::{names.account}"
    auto_scaling = f"{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    domain = "amazonaws.com.cn" if names.partition == "aws-cn" else "amazonaws.com"
    through = [f"{service}.{names.region}.{domain}" for service in _SERVICES]
    logs = names.arn("logs", f"log-group:{names.log_group('*')}")
    statements = [
        _allow("Administration", {"AWS": f"{account}:root"}, _ADMINISTER),
        _allow("ThroughServices", {"AWS": f"{account}:root"}, _USE, {"StringEquals": {"kms:ViaService": through}}),
        _allow(
            "GrantsForServices",
            {"AWS": [f"{account}:root", auto_scaling]},
            ["kms:CreateGrant"],
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        _allow("NodeVolumes", {"AWS": auto_scaling}, _USE),
        _allow(
            "Logs",
            {"Service": f"logs.{names.region}.{domain}"},
            _USE,
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
        ),
        _allow(
            "Alarms",
            {"Service": "cloudwatch.amazonaws.com"},
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            {"StringEquals": {"aws:SourceAccount": names.account}},
        ),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _allow(
    sid: str, principal: Mapping[str, object], actions: Sequence[str], condition: Mapping[str, object] | None = None
) -> dict[str, object]:
    statement: dict[str, object] = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return {**statement, "Resource": "*", **({"Condition": condition} if condition else {})}
