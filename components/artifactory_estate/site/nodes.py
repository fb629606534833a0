"""A site's machines: role, launch template, Auto Scaling group."""

import base64
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import autoscaling, ec2, iam, vpc

from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.site.model import Artifactory, ManagedSite
from artifactory_estate.site.names import SiteNames, shortened
from artifactory_estate.site.network import Place
from artifactory_estate.site.permissions import TRUST, node_policy
from artifactory_estate.site.render import user_data
from artifactory_estate.site.sizes import preset_of

_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
_GRACE_S = 1800
_WARM_UP_S = 900


class NodeSecurity(pulumi.ComponentResource):
    """The nodes' security group: they reach each other on every port, and whatever they want outside.

    Pulumi type `artifactory-estate:index:NodeSecurity`. Makes `{name}-group`, `-each-other` and `-outward`.
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
    ) -> None:
        super().__init__("artifactory-estate:index:NodeSecurity", name, {}, opts)
        tags, child = dict(tags), pulumi.ResourceOptions(parent=self)
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
            ip_protocol="-1",
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupEgressRule(
            f"{name}-outward",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="-1",
            tags=tags,
            opts=child,
        )
        self.id = group.id
        self.register_outputs({"id": self.id})


class NodeGroup(pulumi.ComponentResource):
    """The nodes of a site. Nothing reaches them but the load balancer, on its ports, and each other.

    Pulumi type `artifactory-estate:index:NodeGroup`. Makes `{name}-from-balancer-PORT`, `-role`, `-permissions`,
    `-profile`, `-template` and `-group`. A new image or machine type replaces the instances one after another. An image
    of yours has `/dev/xvda` as root device and carries bash, curl, python3 and the AWS command line, version 2.
    """

    group: pulumi.Output[str]
    """The Auto Scaling group's name."""

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
        filestore_bucket: pulumi.Input[str],
        master_secret: pulumi.Input[str],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`filestore_bucket` and `master_secret` are empty where they are not ours; `after`: what a node needs at boot."""
        super().__init__("artifactory-estate:index:NodeGroup", name, {}, opts)
        self._name, self._names, self._tags = name, names, dict(tags)
        self._child = pulumi.ResourceOptions(parent=self)
        open_ports = self._open(security, balancer)
        role = iam.Role(
            f"{name}-role",
            name=shortened(f"{names.group}-{names.region}", 64),
            description=f"Nodes of {names.estate}/{names.site}",
            assume_role_policy=TRUST,
            permissions_boundary=site.aws.permissions_boundary,
            tags=self._tags,
            opts=self._child,
        )
        policy = iam.RolePolicy(
            f"{name}-permissions",
            name="node",
            role=role.name,
            policy=pulumi.Output.all(filestore_bucket, master_secret).apply(
                lambda known: node_policy(names, known[0], known[1])
            ),
            opts=self._child,
        )
        profile = iam.InstanceProfile(
            f"{name}-profile", name=role.name, role=role.name, tags=self._tags, opts=self._child
        )
        template = self._template(site, artifactory, profile, security)
        group = self._group(site, place, balancer, template, [policy, *open_ports, *after])
        self.group = group.name
        self.register_outputs({"group": self.group})

    def _open(self, security: NodeSecurity, balancer: LoadBalancer) -> list[pulumi.Resource]:
        return [
            vpc.SecurityGroupIngressRule(
                f"{self._name}-from-balancer-{port}",
                security_group_id=security.id,
                referenced_security_group_id=balancer.security_group_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
            for port in balancer.ports
        ]

    def _template(
        self, site: ManagedSite, artifactory: Artifactory, profile: iam.InstanceProfile, security: NodeSecurity
    ) -> ec2.LaunchTemplate:
        preset, tags = preset_of(site.nodes), {**self._tags, "Name": self._names.group}
        return ec2.LaunchTemplate(
            f"{self._name}-template",
            name=self._names.group,
            image_id=artifactory.ami or _IMAGE,
            instance_type=site.nodes.instance_type or preset.instance_type,
            user_data=base64.b64encode(user_data(self._names).encode()).decode(),
            iam_instance_profile={"arn": profile.arn},
            vpc_security_group_ids=[security.id],
            # One hop: a container on the node does not get the node's credentials.
            metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
            block_device_mappings=[
                {
                    "device_name": "/dev/xvda",
                    "ebs": {
                        "encrypted": "true",
                        "volume_size": site.nodes.volume_gib or preset.volume_gib,
                        "volume_type": "gp3",
                        "iops": preset.iops,
                        "throughput": preset.throughput_mib,
                        "delete_on_termination": "true",
                    },
                }
            ],
            tag_specifications=[
                {"resource_type": "instance", "tags": tags},
                {"resource_type": "volume", "tags": tags},
            ],
            update_default_version=True,
            tags=self._tags,
            opts=self._child,
        )

    def _group(
        self,
        site: ManagedSite,
        place: Place,
        balancer: LoadBalancer,
        template: ec2.LaunchTemplate,
        before: Sequence[pulumi.Resource],
    ) -> autoscaling.Group:
        return autoscaling.Group(
            f"{self._name}-group",
            name=self._names.group,
            min_size=site.nodes.count,
            desired_capacity=site.nodes.count,
            max_size=site.nodes.ceiling,
            vpc_zone_identifiers=place.private_subnets,
            target_group_arns=balancer.target_group_arns,
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(lambda version: str(int(version))),
            },
            # EC2's own health: a database that is away makes every node unhealthy, and must not end them all (5.4).
            health_check_type="EC2",
            health_check_grace_period=_GRACE_S,
            instance_refresh={
                "strategy": "Rolling",
                "preferences": {"min_healthy_percentage": 50, "instance_warmup": str(_WARM_UP_S)},
            },
            # Readiness waits, with the nodes' own words when one fails.
            wait_for_capacity_timeout="0",
            tags=[
                {"key": key, "value": value, "propagate_at_launch": False} for key, value in sorted(self._tags.items())
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*before, *place.made]),
        )
