"""An internal application load balancer for nodes of yours, from a Pulumi program of your own.

pulumi config set vpc vpc-0123
pulumi config set certificate arn:aws:acm:eu-central-1:123456789012:certificate/…
pulumi config set --path 'subnets[0]' subnet-0123  # in two zones at least
pulumi config set --path 'subnets[1]' subnet-4567
AWS_REGION=eu-central-1 pulumi up
"""

import pulumi

from artifactory_estate import LoadBalancer
from artifactory_estate.load_balancer.model import LoadBalancer as Declared

config = pulumi.Config()
balancer = LoadBalancer(
    "front",
    Declared.from_data({"kind": "alb", "certificate": config.require("certificate")}),
    url="https://repo.acme.example",
    short_name=lambda suffix: f"acme-repo-{suffix}",
    vpc_id=config.require("vpc"),
    subnet_ids=config.require_object("subnets"),
)
pulumi.export("alias of repo.acme.example", balancer.dns_name)
pulumi.export("target groups", list(balancer.target_group_arns))
pulumi.export("security group that nodes let in", balancer.security_group_id)
