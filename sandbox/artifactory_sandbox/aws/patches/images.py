"""Public image parameters name the sandbox's image, and a launch template may say `resolve:ssm:<parameter>`."""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateVersion
from moto.ssm.models import ParameterDict, ssm_backends

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import PARAMETER, Scratch, expect
from artifactory_sandbox.aws.settings import IMAGE_ID

_RESOLVE = "resolve:ssm:"


def apply(hooks: Hooks) -> None:
    """Gives the parameters our value; resolves at launch, as EC2 does."""
    del hooks
    load = ParameterDict._load_latest_amis

    def load_with_our_image(self: Any) -> None:
        load(self)
        for name in [name for name in self.keys() if str(name).startswith("/aws/service/ami-amazon-linux-latest/")]:
            for version in dict.__getitem__(self, name):
                version.value = IMAGE_ID

    def image_id(self: Any) -> str:
        declared = str(self.data.get("ImageId", ""))
        if not declared.startswith(_RESOLVE):
            return declared
        ec2 = self.template.ec2_backend
        parameter = ssm_backends[ec2.account_id][ec2.region_name].get_parameter(declared.removeprefix(_RESOLVE))
        return str(parameter.value) if parameter else declared

    ParameterDict._load_latest_amis = load_with_our_image
    LaunchTemplateVersion.image_id = property(image_id)


def check(aws: Scratch) -> None:
    """The parameter reads our image, and instances of a group whose template resolves it have that image."""
    value = aws.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    expect(value == IMAGE_ID, "the public parameter names the sandbox's image")
    member = aws.group("check-image", 1)[0]["InstanceId"]
    found = aws.client("ec2").describe_instances(InstanceIds=[member])["Reservations"][0]["Instances"][0]
    expect(found["ImageId"] == IMAGE_ID, "resolve:ssm: is resolved at launch")
