"""A site's machines: role, launch template, Auto Scaling group."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import autoscaling, ec2, iam, vpc

from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.site.cluster import refresh_of, refresh_preferences
from artifactory_estate.site.installation import Artifactory
from artifactory_estate.site.launch import IMAGE, instance_role, launch_template
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.network import Place
from artifactory_estate.site.permissions import node_policy
from artifactory_estate.site.render import user_data
from artifactory_estate.site.sizes import preset_of

_GRACE_S = 1800
_WARM_UP_S = 900


class NodeSecurity(pulumi.ComponentResource):
    """The nodes' security group: they reach each other on every port, what the site has, and the declared ports outside.

    Pulumi type `artifactory-estate:index:NodeSecurity`. Makes `{name}-group`, `-each-other`, `-to-each-other`,
    `-outward-PORT` and, by `reach`, `-to-WHAT`.
    """

    id: pulumi.Output[str]
    """Of the security group."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        vpc_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        outward_ports: Sequence[int],
    ) -> None:
        super().__init__("artifactory-estate:index:NodeSecurity", name, {}, opts)
        tags, child = dict(tags), pulumi.ResourceOptions(parent=self)
        self._name, self._tags, self._child = name, tags, child
        group = ec2.SecurityGroup(
            f"{name}-group",
            name=names.group,
            description="Nodes of Artifactory",
            vpc_id=vpc_id,
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-each-other",
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            description="Nodes of the cluster to each other",
            ip_protocol="-1",
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupEgressRule(
            f"{name}-to-each-other",
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            description="Nodes of the cluster to each other",
            ip_protocol="-1",
            tags=tags,
            opts=child,
        )
        for port in outward_ports:
            vpc.SecurityGroupEgressRule(
                f"{name}-outward-{port}",
                security_group_id=group.id,
                cidr_ipv4="0.0.0.0/0",
                description="AWS, other sites, remote repositories",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=tags,
                opts=child,
            )
        self.id = group.id
        self.register_outputs({"id": self.id})

    def reach(self, what: str, group_id: pulumi.Input[str], port: int) -> pulumi.Resource:
        """Let the nodes reach `port` of a security group of the site."""
        made: pulumi.Resource = vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{what}",
            security_group_id=self.id,
            referenced_security_group_id=group_id,
            description=f"Nodes to the {what}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._tags,
            opts=self._child,
        )
        return made


class NodeGroup(pulumi.ComponentResource):
    """The nodes of a site. Nothing reaches them but the load balancer, on its ports, and each other.

    Pulumi type `artifactory-estate:index:NodeGroup`. Makes `{name}-from-balancer-PORT`, `-role`, `-permissions`,
    `-profile`, `-template` and `-group`. A new image or machine type replaces the instances one after another. An image
    of yours has `/dev/xvda` as root device and carries bash, curl, python3 and the AWS command line, version 2.
    """

    group: pulumi.Output[str]
    """The Auto Scaling group's name."""
    template_version: pulumi.Output[str]
    """Of the launch template; another one replaces the instances."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        site: ManagedSite,
        artifactory: Artifactory,
        *,
        place: Place,
        security: NodeSecurity,
        balancer: LoadBalancer,
        filestore_buckets: Sequence[pulumi.Input[str]],
        file_systems: Sequence[pulumi.Input[str]],
        master_secret: pulumi.Input[str],
        kms_key_arn: pulumi.Input[str],
        licences: pulumi.Input[int],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`filestore_buckets`, `file_systems` (ARNs) and `master_secret` are empty where they are not ours;
        `licences`: how many there are; `after`: what a node needs at boot."""
        super().__init__("artifactory-estate:index:NodeGroup", name, {}, opts)
        self._name, self._names, self._tags = name, names, dict(tags)
        self._child = pulumi.ResourceOptions(parent=self)
        open_ports = self._open(security, balancer)
        profile, policy = instance_role(
            name,
            names,
            names.group,
            what="node",
            policy=pulumi.Output.all(filestore_buckets, master_secret, kms_key_arn, file_systems).apply(
                lambda known: node_policy(names, site, *known)
            ),
            boundary=site.aws.permissions_boundary,
            tags=self._tags,
            opts=self._child,
        )
        template = self._template(site, artifactory, profile, security, kms_key_arn)
        group = self._group(site, place, balancer, template, licences, [policy, *open_ports, *after])
        self.group = group.name
        self.template_version = template.latest_version.apply(lambda version: str(int(version)))
        self.register_outputs({"group": self.group})

    def _open(self, security: NodeSecurity, balancer: LoadBalancer) -> list[pulumi.Resource]:
        return [
            vpc.SecurityGroupIngressRule(
                f"{self._name}-from-balancer-{port}",
                security_group_id=security.id,
                referenced_security_group_id=balancer.security_group_id,
                description="Load balancer to nodes",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
            for port in balancer.ports
        ]

    def _template(
        self,
        site: ManagedSite,
        artifactory: Artifactory,
        profile: iam.InstanceProfile,
        security: NodeSecurity,
        kms_key_arn: pulumi.Input[str],
    ) -> ec2.LaunchTemplate:
        preset, nodes = preset_of(site.nodes), site.nodes
        return launch_template(
            f"{self._name}-template",
            self._names.group,
            image=artifactory.ami or IMAGE,
            instance_type=nodes.instance_type or preset.instance_type,
            user_data=user_data(self._names),
            profile=profile,
            security_group_id=security.id,
            volume={
                "volume_size": nodes.volume_gib or preset.volume_gib,
                "iops": nodes.iops or preset.iops,
                "throughput": nodes.throughput_mib or preset.throughput_mib,
            },
            kms_key_arn=kms_key_arn,
            tags=self._tags,
            opts=self._child,
        )

    def _group(
        self,
        site: ManagedSite,
        place: Place,
        balancer: LoadBalancer,
        template: ec2.LaunchTemplate,
        licences: pulumi.Input[int],
        before: Sequence[pulumi.Resource],
    ) -> autoscaling.Group:
        return autoscaling.Group(
            f"{self._name}-group",
            name=self._names.group,
            # Wanted is what is desired; the rest bounds it.
            min_size=1,
            desired_capacity=site.nodes.count,
            max_size=site.nodes.ceiling,
            vpc_zone_identifiers=_where(site, place),
            target_group_arns=balancer.target_group_arns,
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(lambda version: str(int(version))),
            },
            enabled_metrics=["GroupInServiceInstances", "GroupDesiredCapacity"],
            # It would start a node more, without a licence, and end a healthy one, whenever a zone comes back.
            suspended_processes=["AZRebalance"],
            # EC2's own health: a database that is away makes every node unhealthy, and must not end them all (5.4).
            health_check_type="EC2",
            health_check_grace_period=_GRACE_S,
            instance_refresh={
                "strategy": "Rolling",
                "preferences": pulumi.Output.from_input(licences).apply(
                    lambda count: {
                        **refresh_preferences(refresh_of(site.nodes, int(count))),
                        "instance_warmup": str(_WARM_UP_S),
                    }
                ),
            },
            # Readiness waits, with the nodes' own words when one fails.
            wait_for_capacity_timeout="0",
            tags=[
                {"key": key, "value": value, "propagate_at_launch": False} for key, value in sorted(self._tags.items())
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*before, *place.made]),
        )


def _where(site: ManagedSite, place: Place) -> Sequence[pulumi.Input[str]]:
    """The subnets that nodes start in: with data volumes no more than there are, since a volume is of one zone."""
    return place.private_subnets[: site.nodes.ceiling] if site.nodes.data_volume else place.private_subnets
