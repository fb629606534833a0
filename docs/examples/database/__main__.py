"""The metadata database of a cluster of at most four nodes, from a Pulumi program of your own.

pulumi config set vpc vpc-0123
pulumi config set clients sg-0123                  # the nodes' security group
pulumi config set --path 'subnets[0]' subnet-0123  # in two zones at least
pulumi config set --path 'subnets[1]' subnet-4567
AWS_REGION=eu-central-1 pulumi up

`allow_delete` lets `pulumi destroy` take it (a final snapshot stays): leave it out where the metadata matters.
"""

import pulumi

from artifactory_estate import Database
from artifactory_estate.database.model import Database as Declared

config = pulumi.Config()
database = Database(
    "metadata",
    "acme-metadata",
    Declared.from_data({"version": "15", "point_in_time": "14d", "allow_delete": True}),
    vpc_id=config.require("vpc"),
    subnet_ids=config.require_object("subnets"),
    client_security_group_id=config.require("clients"),
    instance_class="db.m7g.large",
    nodes=4,
)
pulumi.export("host", database.host)
pulumi.export("secret of the master user", database.master_secret)
