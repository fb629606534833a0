"""A new version of a launch template keeps its user data usable: stock moto stores text that every later launch fails on."""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.utils import parse_user_data

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, encoded, expect


def apply(hooks: Hooks) -> None:
    """Parses user data in every version, as moto does for the first."""
    del hooks
    create = LaunchTemplate.create_version

    def create_version(self: Any, data: dict[str, Any], description: str) -> Any:
        data = dict(data)
        if isinstance(data.get("UserData"), str):
            data["UserData"] = parse_user_data(data["UserData"])
        return create(self, data, description)

    LaunchTemplate.create_version = create_version


def check(aws: Scratch) -> None:
    """A group on version 2 launches instances that read version 2's user data."""
    ec2, name = aws.client("ec2"), "check-user-data"
    old = {row["InstanceId"] for row in aws.group(name, 1)}
    data = {
        "ImageId": ec2.describe_images()["Images"][0]["ImageId"],
        "InstanceType": "m6i.large",
        "UserData": encoded("second"),
    }
    ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=data)
    ec2.terminate_instances(InstanceIds=list(old))
    new = [row["InstanceId"] for row in aws.members(name) if row["InstanceId"] not in old]
    expect(len(new) == 1, "a terminated member is replaced")
    read = ec2.describe_instance_attribute(InstanceId=new[0], Attribute="userData")["UserData"]["Value"]
    expect(read == encoded("second"), "the replacement has the user data of the template's latest version")
