"""What the machines of a site are started with, nodes and the fronts before them: role and launch template."""

import base64
from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2, iam

from artifactory_estate.site.names import SiteNames, shortened
from artifactory_estate.site.permissions import TRUST

IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
"""Amazon Linux 2023, the newest at each start."""


def launch_template(
    name: str,
    called: str,
    *,
    image: str,
    instance_type: str,
    user_data: str,
    profile: iam.InstanceProfile,
    security_group_id: pulumi.Input[str],
    volume: Mapping[str, int],
    kms_key_arn: pulumi.Input[str],
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> ec2.LaunchTemplate:
    """Pulumi name `name`; in AWS, and as the machines' `Name`, `called`. `volume`: `volume_size` in GiB, and `iops` and
    `throughput` (MiB/s) where they are not gp3's least. Session tokens are required of the metadata service."""
    named = {**tags, "Name": called}
    return ec2.LaunchTemplate(
        name,
        name=called,
        image_id=image,
        instance_type=instance_type,
        user_data=base64.b64encode(user_data.encode()).decode(),
        iam_instance_profile={"arn": profile.arn},
        vpc_security_group_ids=[security_group_id],
        # One hop: a container on the machine does not get the machine's credentials.
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        block_device_mappings=[
            {
                "device_name": "/dev/xvda",
                "ebs": {
                    "encrypted": "true",
                    "kms_key_id": kms_key_arn,
                    "volume_type": "gp3",
                    **volume,
                    "delete_on_termination": "true",
                },
            }
        ],
        tag_specifications=[
            {"resource_type": "instance", "tags": named},
            {"resource_type": "volume", "tags": named},
        ],
        update_default_version=True,
        tags=dict(tags),
        opts=opts,
    )


def instance_role(
    name: str,
    names: SiteNames,
    called: str,
    *,
    what: str,
    policy: pulumi.Output[str],
    boundary: str | None,
    tags: Mapping[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[iam.InstanceProfile, iam.RolePolicy]:
    """`{name}-role`, `-permissions` and `-profile`: the role of the machines `called`, with `policy` inline and nothing
    else. `what`: `node` or `front`."""
    role = iam.Role(
        f"{name}-role",
        name=shortened(f"{called}-{names.region}", 64),
        description=f"{what.capitalize()}s of {names.estate}/{names.site}",
        assume_role_policy=TRUST,
        permissions_boundary=boundary,
        tags=dict(tags),
        opts=opts,
    )
    inline = iam.RolePolicy(f"{name}-permissions", name=what, role=role.name, policy=policy, opts=opts)
    profile = iam.InstanceProfile(f"{name}-profile", name=role.name, role=role.name, tags=dict(tags), opts=opts)
    return profile, inline
