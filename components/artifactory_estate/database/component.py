"""The metadata database of a site on RDS."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_aws import ec2, rds, vpc

from artifactory_estate.base import Refusal, refuse_if_any
from artifactory_estate.database import model
from artifactory_estate.database.on_rds import OnRds, on_rds
from artifactory_estate.database.sizing import class_of, io_of, max_connections
from artifactory_estate.site.sizes import PRESETS, Preset

_DAY_S = 86400
_AUTOSCALE_GIB = 2000
"""Storage grows by itself up to this (files reference 7.1)."""
_GROWTH_LEAST = 1.1
"""RDS: storage grows by a tenth at least, or not at all."""
_INSIGHTS_DAYS = 7


class Database(pulumi.ComponentResource):
    """A database on RDS: encrypted, in several zones, with connections for every node that the site may have.

    Pulumi type `artifactory-estate:index:Database`. Makes `{name}-subnets`, `-parameters`, `-security`, `-clients` and
    `-instance`; for Oracle `-options`; for Aurora `-cluster-parameters`, `-cluster`, `-writer` and `-standby-N` instead of
    the instance. RDS makes and keeps the master user's password. Without `allow_delete` it is protected from deletion;
    with it, `destroy` leaves a final snapshot `<identifier>-final-<id>`.
    """

    host: pulumi.Output[str]
    """Endpoint of whatever instance writes now; a failover does not change it."""
    identifier: str
    """Of the instance, or of Aurora's cluster."""
    is_cluster: bool
    """Whether `identifier` is a cluster's."""
    dimensions: Mapping[str, str]
    """Of its CloudWatch metrics."""
    storage_gib: int | None
    """Allocated; None for Aurora, which grows by itself without an end."""
    connections: int
    """What the database lets in: enough for every node up to `nodes`."""
    limit_waits: bool
    """Whether another limit waits for the next restart."""
    master_secret: pulumi.Output[str]
    """ARN of the secret of the master user."""
    security_group_id: pulumi.Output[str]
    """Of the instance."""
    port: int
    """That it listens at."""

    def __init__(
        self,
        name: str,
        identifier: str,
        declared: model.Database,
        *,
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        client_security_group_id: pulumi.Input[str],
        nodes: int,
        instance_class: str = "",
        preset: Preset = PRESETS["small"],
        kms_key_arn: pulumi.Input[str] | None = None,
        tags: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`nodes` is the most that will ever connect. `preset` says what the declaration leaves open, of its class
        `instance_class` where given. `kms_key_arn`: of storage, master password and insights; default AWS's own keys."""
        refuse_if_any(_not_made(declared))
        super().__init__("artifactory-estate:index:Database", name, {}, opts)
        self._name, self._declared, self._preset = name, declared, preset
        self._tags, self._child, self._key = dict(tags or {}), pulumi.ResourceOptions(parent=self), kms_key_arn
        self._class = class_of(declared, instance_class or preset.database_class)
        self.identifier, self.is_cluster = identifier, declared.engine == "aurora-postgresql"
        self.connections = max_connections(declared, nodes, preset.pool)
        self.dimensions = {f"DB{'Cluster' if self.is_cluster else 'Instance'}Identifier": identifier}
        self.storage_gib = None if self.is_cluster else declared.storage_gib or preset.database_gib
        self._rds = on_rds(declared, self.connections)
        self.port, self.limit_waits = self._rds.port, self._rds.limit_waits
        subnets = rds.SubnetGroup(
            f"{name}-subnets", name=identifier, subnet_ids=subnet_ids, tags=self._tags, opts=self._child
        )
        self.security_group_id = self._security(vpc_id, client_security_group_id)
        if self.is_cluster:
            self._cluster(subnets, self._parameters())
        else:
            self._instance(subnets, self._parameters())
        self.register_outputs({"host": self.host, "master_secret": self.master_secret})

    def _security(self, vpc_id: pulumi.Input[str], clients: pulumi.Input[str]) -> pulumi.Output[str]:
        security = ec2.SecurityGroup(
            f"{self._name}-security",
            name=f"{self.identifier}-database",
            description="PostgreSQL of Artifactory" if self._declared.is_postgresql else "Database of Artifactory",
            vpc_id=vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        vpc.SecurityGroupIngressRule(
            f"{self._name}-clients",
            security_group_id=security.id,
            referenced_security_group_id=clients,
            description="Nodes to the database",
            ip_protocol="tcp",
            from_port=self._rds.port,
            to_port=self._rds.port,
            tags=self._tags,
            opts=self._child,
        )
        found: pulumi.Output[str] = security.id
        return found

    def _parameters(self) -> rds.ParameterGroup:
        return rds.ParameterGroup(
            f"{self._name}-parameters",
            name=f"{self.identifier}-{self._rds.family.replace('.', '-')}",
            family=self._rds.family,
            description="Artifactory: connections for all nodes, TLS only",
            parameters=[
                {"name": parameter, "value": value, "apply_method": when}
                for parameter, value, when in self._rds.parameters
                if not (self.is_cluster and parameter == "rds.force_ssl")
            ],
            tags=self._tags,
            opts=self._child,
        )

    def _instance(self, subnets: rds.SubnetGroup, parameters: rds.ParameterGroup) -> None:
        declared, on, storage = self._declared, self._rds, self._storage()
        instance = rds.Instance(
            f"{self._name}-instance",
            identifier=self.identifier,
            engine=on.engine,
            engine_version=declared.release,
            license_model=on.license_model,
            instance_class=self._class,
            storage_encrypted=True,
            multi_az=declared.multi_az,
            db_name=on.database_name,
            character_set_name="AL32UTF8" if declared.engine == "oracle" else None,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            option_group_name=self._options(on),
            vpc_security_group_ids=[self.security_group_id],
            publicly_accessible=False,
            username=on.master,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self._key,
            kms_key_id=self._key,
            backup_retention_period=self._backup_days,
            copy_tags_to_snapshot=True,
            auto_minor_version_upgrade=True,
            **self._insights,
            enabled_cloudwatch_logs_exports=list(on.logs) if declared.logs else None,
            deletion_protection=not declared.allow_delete,
            skip_final_snapshot=False,
            final_snapshot_identifier=self._final_snapshot,
            tags=self._tags,
            opts=self._child,
            **storage,
        )
        self.host = instance.address
        self.master_secret = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))

    def _storage(self) -> dict[str, Any]:
        """gp3, with the size's throughput where the volume is large enough to take it."""
        size, preset = self.storage_gib or 0, self._preset
        found: dict[str, Any] = {"allocated_storage": size, "storage_type": "gp3"}
        if size * _GROWTH_LEAST <= _AUTOSCALE_GIB:
            found["max_allocated_storage"] = _AUTOSCALE_GIB
        if io := io_of(self._declared, size, preset.database_iops, preset.database_throughput_mib):
            found["iops"], found["storage_throughput"] = io
        return found

    def _options(self, on: OnRds) -> pulumi.Input[str] | None:
        if not on.options:
            return None
        group = rds.OptionGroup(
            f"{self._name}-options",
            name=f"{self.identifier}-{on.family}",
            engine_name=on.engine,
            major_engine_version=self._declared.release.split(".")[0],
            option_group_description="Artifactory: encrypted connections only",
            options=[
                {
                    "option_name": option,
                    "option_settings": [{"name": key, "value": value} for key, value in settings.items()],
                }
                for option, settings in on.options
            ],
            tags=self._tags,
            opts=self._child,
        )
        name: pulumi.Output[str] = group.name
        return name

    def _cluster(self, subnets: rds.SubnetGroup, parameters: rds.ParameterGroup) -> None:
        declared, on = self._declared, self._rds
        forced = rds.ClusterParameterGroup(
            f"{self._name}-cluster-parameters",
            name=f"{self.identifier}-cluster-{on.family}",
            family=on.family,
            description="Artifactory: TLS only",
            parameters=[{"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"}],
            tags=self._tags,
            opts=self._child,
        )
        cluster = rds.Cluster(
            f"{self._name}-cluster",
            cluster_identifier=self.identifier,
            engine=on.engine,
            engine_version=declared.release,
            db_subnet_group_name=subnets.name,
            db_cluster_parameter_group_name=forced.name,
            vpc_security_group_ids=[self.security_group_id],
            storage_encrypted=True,
            kms_key_id=self._key,
            master_username=on.master,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=self._key,
            backup_retention_period=self._backup_days,
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=list(on.logs) if declared.logs else None,
            deletion_protection=not declared.allow_delete,
            skip_final_snapshot=False,
            final_snapshot_identifier=self._final_snapshot,
            tags=self._tags,
            opts=self._child,
        )
        standbys = declared.readers if declared.readers is not None else int(declared.multi_az)
        writer = self._member("writer", 0, cluster, subnets, parameters, self._child)
        behind = pulumi.ResourceOptions(parent=self, depends_on=[writer])
        for number in range(1, standbys + 1):
            self._member(f"standby-{number}", number, cluster, subnets, parameters, behind)
        self.host = cluster.endpoint
        self.master_secret = cluster.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))

    def _member(
        self,
        role: str,
        priority: int,
        cluster: rds.Cluster,
        subnets: rds.SubnetGroup,
        parameters: rds.ParameterGroup,
        opts: pulumi.ResourceOptions,
    ) -> rds.ClusterInstance:
        """Every member is as large as the writer, since each may become it."""
        return rds.ClusterInstance(
            f"{self._name}-{role}",
            identifier=f"{self.identifier}-{priority + 1}",
            cluster_identifier=cluster.id,
            engine=self._rds.engine,
            engine_version=self._declared.release,
            instance_class=self._class,
            db_subnet_group_name=subnets.name,
            db_parameter_group_name=parameters.name,
            publicly_accessible=False,
            promotion_tier=min(priority, 15),
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
            **self._insights,
            tags=self._tags,
            opts=opts,
        )

    @property
    def _insights(self) -> dict[str, Any]:
        """Nothing on the smallest classes, which have none."""
        if not self._declared.insights or re.fullmatch(r"db\.t\d\w*\.(micro|small)", self._class):
            return {}
        return {
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": self._key,
            "performance_insights_retention_period": _INSIGHTS_DAYS,
        }

    @property
    def _backup_days(self) -> int:
        return -(-self._declared.point_in_time // _DAY_S)

    @property
    def _final_snapshot(self) -> pulumi.Output[str]:
        """Each database has its own security group, so the name is free when the site is made and deleted again."""
        return self.security_group_id.apply(lambda id_: f"{self.identifier}-final-{id_.removeprefix('sg-')}")


def _not_made(declared: model.Database) -> list[Refusal]:
    if declared.external:
        return [Refusal(("database", "external"), declared.external.url, "a database that exists is not made again")]
    if declared.engine == "derby":
        return [Refusal(("database", "engine"), "derby", "seed 004: a cluster needs an external database")]
    return []
