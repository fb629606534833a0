"""The type table: one `Row` a resource type, one file a service."""

from functools import cache
from importlib import import_module

from artifactory_sandbox.aws_plugin import sdk
from artifactory_sandbox.aws_plugin.rows import Row

FILES = (
    "vpc", "routing", "security_group", "flow_log", "launch_template", "autoscaling", "load_balancer", "listener",
    "acm", "rds", "rds_cluster", "rds_options", "bucket", "bucket_settings", "bucket_object", "iam", "kms",
    "secretsmanager", "route53", "cloudwatch", "sns", "ssm", "efs", "ebs",
)  # fmt: skip


@cache
def table() -> dict[str, Row]:
    """Every row by its token."""
    rows = [row for file in FILES for row in import_module(f"{__name__}.{file}").ROWS]
    return {row.token: row for row in rows}


def row_of(token: str) -> Row:
    """The row of a type. Raises `sdk.NoSuchType` with a sentence that says which of the two does not know it."""
    if row := table().get(token):
        return row
    try:
        sdk.inputs(token)
    except sdk.NoSuchType as error:
        raise sdk.NoSuchType(f"pulumi_aws {sdk.sdk_version()} has no resource type {token}") from error
    raise sdk.NoSuchType(f"the sandbox's AWS plugin does not implement the resource type {token}")
