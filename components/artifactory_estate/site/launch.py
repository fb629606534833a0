"""The launch template of a site's machines: nodes, and the fronts before them."""

import base64
from collections.abc import Mapping

import pulumi
from pulumi_aws import ec2, iam

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
