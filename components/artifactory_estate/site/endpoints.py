"""AWS's services inside a VPC that has no way out."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2, vpc

from artifactory_estate.site.names import SiteNames
from artifactory_estate.site.network import Place
from artifactory_estate.site.network_rules import SERVICES

_HTTPS = 443


class Endpoints(pulumi.ComponentResource):
    """An interface endpoint in each private subnet for each service that nodes call, open to them alone.

    Pulumi type `artifactory-estate:index:Endpoints`. Makes `{name}-security`, `-from-nodes` and one `{name}-SERVICE` each.
    """

    def __init__(
        self,
        name: str,
        names: SiteNames,
        place: Place,
        *,
        node_security_group_id: pulumi.Input[str],
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("artifactory-estate:index:Endpoints", name, {}, opts)
        tags, child = dict(tags), pulumi.ResourceOptions(parent=self)
        security = ec2.SecurityGroup(
            f"{name}-security",
            name=f"{names.prefix}-endpoints",
            description="AWS services for nodes of Artifactory",
            vpc_id=place.vpc_id,
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-from-nodes",
            security_group_id=security.id,
            referenced_security_group_id=node_security_group_id,
            description="Nodes to AWS",
            ip_protocol="tcp",
            from_port=_HTTPS,
            to_port=_HTTPS,
            tags=tags,
            opts=child,
        )
        for service in SERVICES:
            ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=place.vpc_id,
                service_name=f"com.amazonaws.{names.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=place.private_subnets,
                security_group_ids=[security.id],
                tags={**tags, "Name": f"{name}-{service}"},
                opts=child,
            )
        self.register_outputs({})
