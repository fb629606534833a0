"""The metadata database of a site on RDS."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ec2, rds, vpc

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.database import model
from artifactory_estate.database.sizing import max_connections

_DAY_S = 86400
_AUTOSCALE_GIB = 2000
"""Storage grows by itself up to this (files reference 7.1)."""


class Database(pulumi.ComponentResource):
    """PostgreSQL on RDS: encrypted, in several zones, with connections for every node that the site may have.

    Pulumi type `artifactory-estate:index:Database`. Makes `{name}-subnets`, `-parameters`, `-security`, `-clients` and
    `-instance`. RDS makes and keeps the master user's password. Without `allow_delete` it is protected from deletion;
    with it, `destroy` leaves a final snapshot `<identifier>-final-<id>`.
    """

    host: pulumi.Output[str]
    """Address of the instance."""
    master_secret: pulumi.Output[str]
    """ARN of the secret of the master user."""
    security_group_id: pulumi.Output[str]
    """Of the instance."""

    def __init__(
        self,
        name: str,
        identifier: str,
        declared: model.Database,
        *,
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        client_security_group_id: pulumi.Input[str],
        instance_class: str,
        nodes: int,
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`instance_class` holds unless the declaration has one; `nodes` is the most that will ever connect."""
        refuse_if_any(_exists_already(declared))
        super().__init__("artifactory-estate:index:Database", name, {}, opts)
        tags, child = dict(tags or {}), pulumi.ResourceOptions(parent=self)
        subnets = rds.SubnetGroup(f"{name}-subnets", name=identifier, subnet_ids=subnet_ids, tags=tags, opts=child)
        parameters = _parameters(name, identifier, declared, nodes, tags, child)
        security = ec2.SecurityGroup(
            f"{name}-security",
            name=f"{identifier}-database",
            description="PostgreSQL of Artifactory",
            vpc_id=vpc_id,
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-clients",
            security_group_id=security.id,
            referenced_security_group_id=client_security_group_id,
            ip_protocol="tcp",
            from_port=5432,
            to_port=5432,
            tags=tags,
            opts=child,
        )
        instance = rds.Instance(
            f"{name}-instance",
            identifier=identifier,
            engine="postgres",
            engine_version=declared.version,
            instance_class=declared.instance_class or instance_class,
            allocated_storage=declared.storage_gib,
            max_allocated_storage=_AUTOSCALE_GIB if declared.storage_gib < _AUTOSCALE_GIB else None,
            storage_type="gp3",
            storage_encrypted=True,
            multi_az=declared.multi_az,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[security.id],
            publicly_accessible=False,
            username="postgres",
            manage_master_user_password=True,
            backup_retention_period=-(-declared.point_in_time // _DAY_S),
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            deletion_protection=not declared.allow_delete,
            skip_final_snapshot=False,
            # Each database has its own security group, so the name is free when the site is made and deleted again.
            final_snapshot_identifier=security.id.apply(lambda id_: f"{identifier}-final-{id_.removeprefix('sg-')}"),
            tags=tags,
            opts=child,
        )
        self.host = instance.address
        self.master_secret = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
        self.security_group_id = security.id
        self.register_outputs({"host": self.host, "master_secret": self.master_secret})


def _parameters(
    name: str, identifier: str, declared: model.Database, nodes: int, tags: dict[str, str], opts: pulumi.ResourceOptions
) -> rds.ParameterGroup:
    major = declared.version.split(".", maxsplit=1)[0]
    return rds.ParameterGroup(
        f"{name}-parameters",
        name=f"{identifier}-postgres{major}",
        family=f"postgres{major}",
        description="Artifactory: connections for all nodes, TLS only",
        parameters=[
            # Takes effect at the next restart of the instance only; nodes below `max` need none.
            {
                "name": "max_connections",
                "value": str(max_connections(declared.pools, nodes)),
                "apply_method": "pending-reboot",
            },
            {"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"},
        ],
        tags=tags,
        opts=opts,
    )


def _exists_already(declared: model.Database) -> list[Refusal]:
    if not declared.external:
        return []
    return [Refusal(("database", "external"), declared.external.url, "a database that exists is not made again")]
