"""The machines in front of the nodes, where nginx or Apache has instances of its own (decision 0015)."""

import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import autoscaling, ec2, iam, vpc

from artifactory_estate.load_balancer.component import LoadBalancer
from artifactory_estate.load_balancer.targets import DIRECT_PORT, ROUTER_PORT
from artifactory_estate.site.launch import IMAGE, instance_role, launch_template
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.network import Place
from artifactory_estate.site.permissions import through
from artifactory_estate.site.render import front_data
from artifactory_estate.site.sizes import fronts_of, preset_of

_VOLUME_GIB, _GRACE_S, _WARM_UP_S = 20, 600, 60
_AWS_PORT = 443


def front_policy(names: SiteNames, kms_key: str) -> str:
    """What a front may do: read bundles, packages and its certificate, tell which nodes are healthy, and say how it started."""
    bucket = names.arn("s3", names.site_bucket, regional=False)
    certificate = names.arn("secretsmanager", f"secret:{names.secret_prefix}/tls-*")
    statements = [
        {
            "Sid": "Bundles",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [f"{bucket}/bundles/*", f"{bucket}/packages/*"],
        },
        {
            "Sid": "Certificate",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [certificate],
        },
        {"Sid": "Reports", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"{bucket}/fronts/*"]},
        {
            "Sid": "Key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": [kms_key],
            "Condition": {"StringEquals": through(names, "s3", "secretsmanager")},
        },
        # These calls have no resource of their own.
        {
            "Sid": "Nodes",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeInstances",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": ["*"],
        },
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class Fronts(pulumi.ComponentResource):
    """nginx or Apache on instances of their own: nothing reaches them but the load balancer, and they reach the nodes.

    Pulumi type `artifactory-estate:index:Fronts`. Makes `{name}-security`, `-from-balancer-PORT`, `-to-nodes-PORT`,
    `-nodes-PORT`, `-outward`, `-role`, `-permissions`, `-profile`, `-template` and `-group`.
    """

    group: pulumi.Output[str]
    """The Auto Scaling group's name."""

    def __init__(
        self,
        name: str,
        names: SiteNames,
        site: ManagedSite,
        *,
        place: Place,
        nodes: pulumi.Input[str],
        balancer: LoadBalancer,
        kms_key_arn: pulumi.Input[str],
        tags: Mapping[str, str],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`nodes`: their security group; `after`: what a front needs at boot."""
        super().__init__("artifactory-estate:index:Fronts", name, {}, opts)
        self._name, self._names, self._tags = name, names, dict(tags)
        self._child = pulumi.ResourceOptions(parent=self)
        self._called = names.fronts
        security = self._security(place, nodes, balancer)
        profile, policy = instance_role(
            name,
            names,
            self._called,
            what="front",
            policy=pulumi.Output.from_input(kms_key_arn).apply(lambda key: front_policy(names, key)),
            boundary=site.aws.permissions_boundary,
            tags=self._tags,
            opts=self._child,
        )
        template = self._template(site, profile, security, kms_key_arn)
        self.group = self._group(site, place, balancer, template, [policy, *after, *place.made]).name
        self.register_outputs({"group": self.group})

    def _security(self, place: Place, nodes: pulumi.Input[str], balancer: LoadBalancer) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            f"{self._name}-security",
            name=self._called,
            description="Web servers in front of Artifactory",
            vpc_id=place.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        for port in balancer.front_ports:
            self._rule(f"from-balancer-{port}", group.id, balancer.security_group_id, port, "Load balancer to fronts")
        for port in (DIRECT_PORT, ROUTER_PORT):
            self._rule(f"nodes-{port}", nodes, group.id, port, "Fronts to nodes")
            vpc.SecurityGroupEgressRule(
                f"{self._name}-to-nodes-{port}",
                security_group_id=group.id,
                referenced_security_group_id=nodes,
                description="Fronts to nodes",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
        vpc.SecurityGroupEgressRule(
            f"{self._name}-outward",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            description="AWS, and the packages of the image",
            ip_protocol="tcp",
            from_port=_AWS_PORT,
            to_port=_AWS_PORT,
            tags=self._tags,
            opts=self._child,
        )
        return group

    def _rule(self, key: str, to: pulumi.Input[str], source: pulumi.Input[str], port: int, why: str) -> None:
        vpc.SecurityGroupIngressRule(
            f"{self._name}-{key}",
            security_group_id=to,
            referenced_security_group_id=source,
            description=why,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._tags,
            opts=self._child,
        )

    def _template(
        self,
        site: ManagedSite,
        profile: iam.InstanceProfile,
        security: ec2.SecurityGroup,
        kms_key_arn: pulumi.Input[str],
    ) -> ec2.LaunchTemplate:
        return launch_template(
            f"{self._name}-template",
            self._called,
            image=IMAGE,
            instance_type=site.load_balancer.fronts.instance_type or preset_of(site.nodes).front_type,
            user_data=front_data(self._names),
            profile=profile,
            security_group_id=security.id,
            volume={"volume_size": _VOLUME_GIB},
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
        before: Sequence[pulumi.Resource],
    ) -> autoscaling.Group:
        count = fronts_of(site)
        return autoscaling.Group(
            f"{self._name}-group",
            name=self._called,
            min_size=count,
            desired_capacity=count,
            max_size=count + 1,
            vpc_zone_identifiers=place.private_subnets,
            target_group_arns=balancer.front_target_group_arns,
            launch_template={
                "id": template.id,
                "version": template.latest_version.apply(lambda version: str(int(version))),
            },
            enabled_metrics=["GroupInServiceInstances", "GroupDesiredCapacity"],
            # EC2's own health: while no node serves, no front answers, and none of them is at fault.
            health_check_type="EC2",
            health_check_grace_period=_GRACE_S,
            instance_refresh={
                "strategy": "Rolling",
                "preferences": {
                    "min_healthy_percentage": 100,
                    "max_healthy_percentage": 150,
                    "instance_warmup": str(_WARM_UP_S),
                },
            },
            wait_for_capacity_timeout="0",
            tags=[
                {"key": key, "value": value, "propagate_at_launch": False} for key, value in sorted(self._tags.items())
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(before)),
        )
