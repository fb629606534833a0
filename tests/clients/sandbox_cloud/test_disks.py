"""EBS volumes and EFS file systems: attached, formatted, mounted by the machine's own commands, there after its end."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artifactory_estate.filestore.efs import file_system_policy
from tests.clients.sandbox_cloud.running import Fleet, Running, until

IMAGE = "ami-0a5ab0c5a0d000001"


class Machines:
    """Lone instances in one zone, and commands on them."""

    def __init__(self, sandbox: Running, fleet: Fleet) -> None:
        self.sandbox, self.ec2, self.ssm = sandbox, fleet.ec2, sandbox.aws("ssm")
        member = fleet.members[0]["InstanceId"]
        found = fleet.ec2.describe_instances(InstanceIds=[member])["Reservations"][0]["Instances"][0]
        self.subnet, self.zone = found["SubnetId"], found["Placement"]["AvailabilityZone"]
        self.made: list[str] = []

    def launch(self) -> str:
        template = {"LaunchTemplateName": "east"}
        made = self.ec2.run_instances(
            LaunchTemplate=template, MinCount=1, MaxCount=1, ImageId=IMAGE, SubnetId=self.subnet
        )
        machine = str(made["Instances"][0]["InstanceId"])
        self.made.append(machine)
        until(lambda: (self.sandbox.node(machine) or {}).get("state") == "running", "the instance boots")
        return machine

    def run(self, machine: str, script: str) -> tuple[int, str]:
        """Exit code, and both outputs."""
        sent = self.ssm.send_command(
            InstanceIds=[machine], DocumentName="AWS-RunShellScript", Parameters={"commands": [script]}
        )
        command = sent["Command"]["CommandId"]
        read: dict[str, Any] = until(
            lambda: (
                (found := self.ssm.get_command_invocation(CommandId=command, InstanceId=machine))["Status"]
                in {"Success", "Failed"}
                and found
            ),
            "the command ends",
        )
        said = read["StandardOutputContent"] + read["StandardErrorContent"]
        return int(read["ResponseCode"]), said.strip()

    def end(self, machine: str) -> None:
        self.made.remove(machine)
        self.ec2.terminate_instances(InstanceIds=[machine])
        until(lambda: self.sandbox.node(machine) is None, "the instance is gone")


@pytest.fixture
def machines(sandbox: Running, east: Fleet) -> Iterator[Machines]:
    made = Machines(sandbox, east)
    yield made
    for machine in list(made.made):
        made.end(machine)


MOUNT = """
set -eu
device=$ESTATE_ROOT/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{serial}
for second in $(seq 20); do [ -e "$device" ] && break; sleep 0.5; done
blkid -s TYPE -o value "$device" >/dev/null || mkfs.xfs -L data "$device"
mkdir -p "$ESTATE_ROOT/var/opt/jfrog/artifactory/data" "$ESTATE_ROOT/etc"
mount "$device" "$ESTATE_ROOT/var/opt/jfrog/artifactory/data"
echo "LABEL=data /var/opt/jfrog/artifactory/data xfs nofail 0 2" >"$ESTATE_ROOT/etc/fstab"
findmnt -n -o SOURCE,FSTYPE --mountpoint "$ESTATE_ROOT/opt/jfrog/artifactory/var/data"
"""
FILE = '"$ESTATE_ROOT/opt/jfrog/artifactory/var/data/file"'


def test_a_volume_outlives_its_instance(machines: Machines) -> None:
    ec2 = machines.ec2
    volume = ec2.create_volume(Size=20, AvailabilityZone=machines.zone)["VolumeId"]
    script = MOUNT.format(serial=volume.replace("-", ""))
    first = machines.launch()
    ec2.attach_volume(VolumeId=volume, InstanceId=first, Device="/dev/sdf")
    assert machines.run(first, script) == (0, "/dev/nvme1n1 xfs")
    assert machines.run(first, f"echo kept >{FILE}; lsblk -n -o SIZE,SERIAL,MOUNTPOINT") == (
        0,
        f"20G {volume.replace('-', '')} /var/opt/jfrog/artifactory/data",
    )
    assert "existing filesystem" in machines.run(first, "mkfs.xfs /dev/nvme1n1")[1]
    assert machines.run(first, f"umount /var/opt/jfrog/artifactory/data; cat {FILE}")[0] == 1
    ec2.stop_instances(InstanceIds=[first])
    until(lambda: (machines.sandbox.node(first) or {}).get("state") == "stopped", "the instance stops")
    ec2.start_instances(InstanceIds=[first])
    until(lambda: (machines.sandbox.node(first) or {}).get("state") == "running", "the instance runs again")
    assert machines.run(first, f"cat {FILE}") == (0, "kept")
    with pytest.raises(ec2.exceptions.ClientError, match="VolumeInUse"):
        ec2.attach_volume(VolumeId=volume, InstanceId=machines.launch(), Device="/dev/sdf")
    machines.end(first)
    heir = machines.made[-1]
    ec2.attach_volume(VolumeId=volume, InstanceId=heir, Device="/dev/sdf")
    assert machines.run(heir, script) == (0, "/dev/nvme1n1 xfs")
    assert machines.run(heir, f"cat {FILE}") == (0, "kept")
    ec2.detach_volume(VolumeId=volume, InstanceId=heir)
    ec2.delete_volume(VolumeId=volume)


def test_a_file_system_is_shared_by_those_who_reach_it(sandbox: Running, machines: Machines) -> None:
    efs, ec2 = sandbox.aws("efs"), machines.ec2
    system = efs.create_file_system(CreationToken="shared", Encrypted=True)["FileSystemId"]
    source = f"{system}.efs.us-east-1.amazonaws.com:/"
    mount = (
        f'mkdir -p "$ESTATE_ROOT/mnt/binaries"; mount -t nfs4 -o nfsvers=4.1,hard {source} "$ESTATE_ROOT/mnt/binaries"'
    )
    one, other = machines.launch(), machines.launch()
    code, said = machines.run(one, mount)
    assert (code, "Name or service not known" in said) == (32, True)
    vpc = ec2.describe_subnets(SubnetIds=[machines.subnet])["Subnets"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="efs", Description="mount targets", VpcId=vpc)["GroupId"]
    target = efs.create_mount_target(FileSystemId=system, SubnetId=machines.subnet, SecurityGroups=[group])
    code, said = machines.run(one, mount)
    assert (code, "timed out" in said) == (32, True)
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=2049, ToPort=2049, CidrIp="10.0.0.0/16"
    )
    for machine in (one, other):
        assert machines.run(machine, mount) == (0, "")
    assert (
        machines.run(one, 'echo here >"$ESTATE_ROOT/mnt/binaries/file"; mountpoint -q "$ESTATE_ROOT/mnt/binaries"')[0]
        == 0
    )
    efs.put_file_system_policy(FileSystemId=system, Policy=file_system_policy("arn"))
    assert machines.run(one, 'umount "$ESTATE_ROOT/mnt/binaries"') == (0, "")
    code, said = machines.run(one, mount)
    assert (code, "access denied by server" in said) == (32, True)
    by_tls = mount.replace("nfs4 -o", "efs -o tls,")
    assert machines.run(one, by_tls) == (32, "mount: /mnt/binaries: unknown filesystem type 'efs'.")
    assert machines.run(one, f"dnf install -y amazon-efs-utils; {by_tls}")[0] == 0
    assert machines.run(one, 'findmnt -n -o SOURCE --mountpoint "$ESTATE_ROOT/mnt/binaries"') == (0, "127.0.0.1:/")
    machines.end(one)
    assert machines.run(other, 'cat "$ESTATE_ROOT/mnt/binaries/file"') == (0, "here")
    assert machines.run(other, 'mountpoint -q "$ESTATE_ROOT/mnt"')[0] == 1
    efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    efs.delete_file_system(FileSystemId=system)


BOOTSTRAP = """
set -Eeuo pipefail
root=$ESTATE_ROOT var=$ESTATE_ROOT/opt/jfrog/artifactory/var bundle=$ESTATE_ROOT/root/bundle work=$(mktemp -d)
instance={machine} slot=1 zone={zone} ESTATE=acme SITE=east SYSTEM_PACKAGES=region DATA_VOLUMES=yes POLL_S=1 SECRET_PREFIX=none
log() {{ echo "$*" >&2; }}
fail() {{ echo "FAILED: $*"; exit 1; }}
said() {{ cat "$work/error"; }}
mkdir -p "$bundle" "$work/secrets"
echo "{system}.efs.us-east-1.amazonaws.com:/ /mnt/filestore nfs4 nfsvers=4.1,hard" >"$bundle/mounts"
{functions}
mount_storage
mount_storage
findmnt -n -o TARGET,FSTYPE
"""


def test_the_bootstraps_own_functions_mount_both(sandbox: Running, machines: Machines) -> None:
    efs, ec2 = sandbox.aws("efs"), machines.ec2
    system = efs.create_file_system(CreationToken="bootstrap", Encrypted=True)["FileSystemId"]
    target = efs.create_mount_target(FileSystemId=system, SubnetId=machines.subnet)
    tags = {"artifactory-estate": "acme", "artifactory-estate-site": "east", "estate-slot": "1"}
    spec = {"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    volume = ec2.create_volume(Size=20, AvailabilityZone=machines.zone, TagSpecifications=[spec])["VolumeId"]
    functions = "".join(
        (Path(__file__).parents[3] / "templates" / name).read_text()
        for name in ("system-packages.sh.j2", "mounts.sh.j2")
    )
    for number in range(2):
        machine = machines.launch()
        told = {"machine": machine, "zone": machines.zone, "system": system, "functions": functions}
        code, said = machines.run(machine, f"bash -c {shlex.quote(BOOTSTRAP.format(**told))}")
        assert code == 0, said
        mounted = {"/mnt/filestore": "nfs4", "/var/opt/jfrog/artifactory/data": "xfs"}
        assert dict(line.split() for line in said.splitlines() if line.startswith("/")) == mounted
        root = sandbox.state / "instances" / machine
        for path in mounted:
            file = root / path.lstrip("/") / "file"
            if number:
                assert file.read_text() == "kept"
            file.write_text("kept")
        machines.end(machine)
    efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    efs.delete_file_system(FileSystemId=system)
    ec2.delete_volume(VolumeId=volume)
