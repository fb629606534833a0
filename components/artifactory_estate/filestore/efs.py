"""A file system that all nodes of a site mount."""

import json
from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ec2, efs, vpc

from artifactory_estate.filestore.settings import Efs

NFS_PORT = 2049


class SharedFilestore(pulumi.ComponentResource):
    """An EFS file system, encrypted and reached by TLS alone, with a mount target in each private subnet that only nodes
    reach.

    Pulumi type `artifactory-estate:index:SharedFilestore`. Makes `{name}-files`, `-policy`, `-group`, `-from-nodes` and
    `-target-N`.
    Without `allow_delete` a destroy that is not stopped by the site's guard leaves the file system.
    """

    id: pulumi.Output[str]
    """`fs-…`."""
    arn: pulumi.Output[str]
    """Of the file system."""
    security_group_id: pulumi.Output[str]
    """Of its mount targets."""
    source: pulumi.Output[str]
    """What a node mounts: `fs-….efs.us-east-1.amazonaws.com:/`. Known once the policy and every mount target are there."""

    def __init__(
        self,
        name: str,
        declared: Efs,
        *,
        file_system_name: str,
        vpc_id: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        node_security_group_id: pulumi.Input[str],
        kms_key_arn: pulumi.Input[str] | None,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`subnet_ids`: one a zone. Without `kms_key_arn` EFS's own key encrypts."""
        super().__init__("artifactory-estate:index:SharedFilestore", name, {}, opts)
        tags, child = {**tags, "Name": file_system_name}, pulumi.ResourceOptions(parent=self)
        files = efs.FileSystem(
            f"{name}-files",
            encrypted=True,
            kms_key_id=kms_key_arn,
            throughput_mode=declared.throughput,
            provisioned_throughput_in_mibps=declared.provisioned_mib,
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=not declared.allow_delete),
        )
        policy = efs.FileSystemPolicy(
            f"{name}-policy",
            file_system_id=files.id,
            policy=files.arn.apply(file_system_policy),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),  # goes with the file system, never before
        )
        group = ec2.SecurityGroup(
            f"{name}-group",
            name=file_system_name,
            description="File system of binaries",
            vpc_id=vpc_id,
            tags=tags,
            opts=child,
        )
        vpc.SecurityGroupIngressRule(
            f"{name}-from-nodes",
            security_group_id=group.id,
            referenced_security_group_id=node_security_group_id,
            description="Nodes mount it",
            ip_protocol="tcp",
            from_port=NFS_PORT,
            to_port=NFS_PORT,
            tags=tags,
            opts=child,
        )
        targets = [
            efs.MountTarget(
                f"{name}-target-{number}",
                file_system_id=files.id,
                subnet_id=subnet_id,
                security_groups=[group.id],
                opts=child,
            )
            for number, subnet_id in enumerate(subnet_ids)
        ]
        self.id, self.arn, self.security_group_id = files.id, files.arn, group.id
        ready = pulumi.Output.all(files.dns_name, policy.id, *(target.id for target in targets))
        self.source = ready.apply(lambda known: f"{known[0]}:/")
        self.register_outputs({"id": self.id})


def file_system_policy(arn: str) -> str:
    """Policy of a file system: whoever reaches a mount target may read and write as root, and by TLS alone."""
    client = [f"elasticfilesystem:Client{action}" for action in ("Mount", "Write", "RootAccess")]
    everybody = {"Principal": {"AWS": "*"}, "Resource": arn}
    from_inside = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    statements = [
        {"Sid": "MountTargets", "Effect": "Allow", "Action": client, "Condition": from_inside, **everybody},
        {"Sid": "TlsOnly", "Effect": "Deny", "Action": "*", "Condition": plain, **everybody},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
