"""The nodes' data volumes: one for each slot, which outlives the instance that holds it."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_aws import ebs, ec2

from artifactory_estate.site.model import DataVolume

SLOT_TAG = "estate-slot"
"""By it a node finds the volume of its slot."""


class DataVolumes(pulumi.ComponentResource):
    """EBS volumes, gp3, encrypted, for slots 1 to `slots`, spread over the zones of the private subnets.

    Pulumi type `artifactory-estate:index:DataVolumes`. Makes `{name}-N`. A volume's zone never changes; its size, speed and
    throughput do, in place. When one goes, AWS keeps a snapshot of what was on it.
    """

    ids: Sequence[pulumi.Output[str]]
    """By slot, the first for slot 1."""

    def __init__(
        self,
        name: str,
        declared: DataVolume,
        slots: int,
        *,
        subnet_ids: Sequence[pulumi.Input[str]],
        kms_key_arn: pulumi.Input[str] | None,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("artifactory-estate:index:DataVolumes", name, {}, opts)
        zones = [
            ec2.get_subnet_output(id=subnet_id, opts=pulumi.InvokeOutputOptions(parent=self)).availability_zone
            for subnet_id in subnet_ids
        ]
        volumes = [
            ebs.Volume(
                f"{name}-{slot}",
                availability_zone=zones[(slot - 1) % len(zones)],
                type="gp3",
                size=declared.size_gib,
                iops=declared.iops,
                throughput=declared.throughput_mib,
                encrypted=True,
                kms_key_id=kms_key_arn,
                final_snapshot=True,
                tags={**tags, SLOT_TAG: str(slot), "Name": f"{name}-{slot}"},
                # A subnet that moves in the document must not cost a node its binaries.
                opts=pulumi.ResourceOptions(parent=self, ignore_changes=["availabilityZone"]),
            )
            for slot in range(1, slots + 1)
        ]
        self.ids = [volume.id for volume in volumes]
        self.register_outputs({})
