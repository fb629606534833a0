"""What went through a site's VPC, in a log group of its own."""

import json
from collections.abc import Mapping

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from artifactory_estate.site.names import SiteNames, shortened
from artifactory_estate.site.observability_rules import days

_INTERVAL_S = 60


class FlowLogs(pulumi.ComponentResource):
    """Accepted and rejected traffic of the whole VPC, by the minute.

    Pulumi type `artifactory-estate:index:FlowLogs`. Makes `{name}-group`, `-role`, `-permissions` and `-log`.
    """

    def __init__(
        self,
        name: str,
        names: SiteNames,
        vpc_id: pulumi.Input[str],
        *,
        keep: int,
        kms_key_arn: pulumi.Input[str],
        permissions_boundary: str | None,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`keep`: seconds."""
        super().__init__("artifactory-estate:index:FlowLogs", name, {}, opts)
        tags, child = dict(tags), pulumi.ResourceOptions(parent=self)
        group = cloudwatch.LogGroup(
            f"{name}-group",
            name=names.log_group("network"),
            retention_in_days=days(keep),
            kms_key_id=kms_key_arn,
            tags=tags,
            opts=child,
        )
        role = iam.Role(
            f"{name}-role",
            name=shortened(f"{names.prefix}-flow-logs-{names.region}", 64),
            description=f"Flow logs of {names.estate}/{names.site}",
            assume_role_policy=_trust(names.account),
            permissions_boundary=permissions_boundary,
            tags=tags,
            opts=child,
        )
        policy = iam.RolePolicy(
            f"{name}-permissions",
            name="flow-logs",
            role=role.name,
            policy=group.arn.apply(lambda arn: _policy(names, arn)),
            opts=child,
        )
        ec2.FlowLog(
            f"{name}-log",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=_INTERVAL_S,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.register_outputs({})


def _trust(account: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _policy(names: SiteNames, group: str) -> str:
    """AWS's list for flow logs, but for the making of the group, which is there."""
    actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    write = {"Sid": "Write", "Effect": "Allow", "Action": actions, "Resource": [f"{group}:*"]}
    # This call can be narrowed to no group.
    every = [names.arn("logs", "log-group:*")]
    look = {"Sid": "Look", "Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": every}
    return json.dumps({"Version": "2012-10-17", "Statement": [write, look]})
