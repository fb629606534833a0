"""Storage behind two sites: a bucket that is copied into another region's, data volumes, and a file system. GROWN: larger volumes."""

import os

import pulumi
import pulumi_aws as aws
from pulumi_aws import ec2, kms

from artifactory_estate.filestore.copies import Copy
from artifactory_estate.filestore.storage import Storage, storage_of
from artifactory_estate.site.model import ManagedSite
from artifactory_estate.site.names import names_of

SIZE = 40 if os.environ.get("GROWN") else 20
NODES = {"count": 2, "max": 3, "data_volume": {"size_gib": SIZE}}


def site_of(name: str, region: str, **changes: object) -> ManagedSite:
    return ManagedSite.from_data(
        {
            "platform": "managed",
            "url": f"http://{name}.acme.example",
            "aws": {"account": "123456789012", "region": region},
            "network": {"create": {"cidr": "10.10.0.0/16"}},
            "nodes": NODES,
            "licences": "file:licences.txt",
            **changes,
        }
    )


def made(name: str, site: ManagedSite, copy: Copy | None, after: list[pulumi.Resource]) -> Storage:
    provider = aws.Provider(f"{name}-aws", region=site.aws.region)
    opts = pulumi.ResourceOptions(provider=provider)
    zones = aws.get_availability_zones_output(
        state="available", opts=pulumi.InvokeOutputOptions(provider=provider)
    ).names
    vpc = ec2.Vpc(f"{name}-vpc", cidr_block="10.10.0.0/16", opts=opts)
    subnets = [
        ec2.Subnet(
            f"{name}-{number}",
            vpc_id=vpc.id,
            cidr_block=f"10.10.{number}.0/24",
            availability_zone=zones[number],
            opts=opts,
        )
        for number in range(2)
    ]
    nodes = ec2.SecurityGroup(f"{name}-nodes", vpc_id=vpc.id, opts=opts)
    key = kms.Key(f"{name}-key", opts=opts)
    return storage_of(
        name,
        names_of("acme", name, site.aws),
        site,
        vpc_id=vpc.id,
        subnet_ids=[subnet.id for subnet in subnets],
        node_security_group_id=nodes.id,
        kms_key_arn=key.arn,
        copy=copy,
        tags={"owner": "platform"},
        opts=pulumi.ResourceOptions(providers=[provider], depends_on=after),
    )


west = made("west", site_of("west", "us-west-2"), None, [])
pulumi.export("volumes", west.volumes.ids if west.volumes else [])
copy = Copy(
    "arn:aws:s3:::acme-west-filestore-123456789012",
    "arn:aws:kms:us-west-2:123456789012:alias/acme-west",
    "us-east-1",
    "us-west-2",
    "acme-east-copy",
    None,
    False,
)
made("east", site_of("east", "us-east-1"), copy, list(west.made))
shared = {"kind": "nfs", "directory": "/mnt/filestore", "efs": {"allow_delete": True}}
files = made("files", site_of("files", "us-east-1", filestore=shared, nodes={"count": 2}), None, [])
pulumi.export("mounts", files.mount_lines)
