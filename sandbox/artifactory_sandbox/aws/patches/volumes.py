"""An EBS volume has one instance, of its own zone, and outlives it: stock moto attaches anything to anything for ever."""

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance

from artifactory_sandbox.aws.patches.hooks import Hooks
from artifactory_sandbox.aws.patches.scratch import Scratch, expect
from artifactory_sandbox.aws.settings import IMAGE_ID


def apply(hooks: Hooks) -> None:
    """Refuses what AWS refuses, and detaches what a terminated instance had."""
    del hooks
    attach, terminate = EC2Backend.attach_volume, Instance.terminate

    def attach_volume(self: Any, volume_id: str, instance_id: str, device_path: str, *rest: Any, **named: Any) -> Any:
        volume, instance = self.get_volume(volume_id), self.get_instance(instance_id)
        if volume.attachment is not None:
            raise EC2ClientError("VolumeInUse", f"{volume_id} is already attached to an instance")
        if instance.state in {"terminated", "shutting-down"}:
            raise EC2ClientError("IncorrectState", f"Instance '{instance_id}' is not 'running'.")
        if not rest and not named and volume.availability_zone != str(instance.availability_zone):
            said = f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'"
            raise EC2ClientError("InvalidVolume.ZoneMismatch", said)
        return attach(self, volume_id, instance_id, device_path, *rest, **named)

    def terminated(self: Any) -> Any:
        answer = terminate(self)
        for volume in list(self.ec2_backend.volumes.values()):
            if volume.attachment is not None and volume.attachment.instance is self:
                volume.attachment = None
        return answer

    EC2Backend.attach_volume = attach_volume
    Instance.terminate = terminated


def check(aws: Scratch) -> None:
    """A second attachment is refused, and the volume is free when its instance is gone."""
    ec2 = aws.client("ec2")
    made = ec2.run_instances(ImageId=IMAGE_ID, MinCount=2, MaxCount=2, InstanceType="t3.micro")["Instances"]
    zone = made[0]["Placement"]["AvailabilityZone"]
    volume = ec2.create_volume(Size=1, AvailabilityZone=zone)["VolumeId"]
    first, second = (row["InstanceId"] for row in made)
    ec2.attach_volume(VolumeId=volume, InstanceId=first, Device="/dev/sdf")
    try:
        ec2.attach_volume(VolumeId=volume, InstanceId=second, Device="/dev/sdf")
    except ec2.exceptions.ClientError as error:
        expect(error.response["Error"]["Code"] == "VolumeInUse", "a volume is attached to one instance")
    else:
        raise AssertionError("a volume was attached to two instances")
    ec2.terminate_instances(InstanceIds=[first, second])
    found = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]
    expect(found["State"] == "available", f"the volume of a terminated instance is free, not {found['State']}")
