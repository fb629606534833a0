"""One database of every engine that RDS has, in a network of its own."""

from typing import Any

import pulumi
from pulumi_aws import ec2, kms

from artifactory_estate.database.component import Database
from artifactory_estate.database.model import Database as Declared

TAGS = {"estate": "acme"}
DECLARED: dict[str, dict[str, Any]] = {
    "postgresql": {},
    "aurora-postgresql": {"readers": 2},
    "mysql": {},
    "mariadb": {"version": "10.6.14"},
    "oracle": {"edition": "se2", "licence": "included"},
    "mssql": {"edition": "se", "licence": "included"},
}

network = ec2.Vpc("network", cidr_block="10.0.0.0/16", tags=TAGS)
subnets = [
    ec2.Subnet(f"subnet-{zone}", vpc_id=network.id, cidr_block=f"10.0.{n}.0/24", availability_zone=f"us-east-1{zone}")
    for n, zone in enumerate("ab")
]
nodes = ec2.SecurityGroup("nodes", description="Nodes", vpc_id=network.id)
key = kms.Key("key", description="Databases", tags=TAGS)
for engine, more in DECLARED.items():
    made = Database(
        engine,
        f"acme-{engine}",
        Declared.from_data({"engine": engine, "allow_delete": True, **more}),
        vpc_id=network.id,
        subnet_ids=[subnet.id for subnet in subnets],
        client_security_group_id=nodes.id,
        nodes=4,
        kms_key_arn=key.arn,
        tags=TAGS,
    )
    pulumi.export(engine, {"host": made.host, "secret": made.master_secret, "connections": made.connections})
