"""The bootstrap's `mount_storage`, on machines: volumes of slots and shares, made once, there for the next instance."""

from collections.abc import Sequence

import pytest

from artifactory_estate.base.templates import render
from artifactory_estate.filestore.efs import file_system_policy
from artifactory_estate.filestore.storage import EFS, NFS
from tests.clients.sandbox_cloud.running import until
from tests.clients.sandbox_cloud.test_disks import Machines, machines

__all__ = ["machines"]

AROUND = """
set -Eeuo pipefail
root=$ESTATE_ROOT; root=${{root%/}}
var=$root/opt/jfrog/artifactory/var
work=$root/run/mounts; mkdir -p "$work"
bundle=$work/bundle; mkdir -p "$bundle"
ESTATE=acme SITE=us-east SYSTEM_PACKAGES=region slot={slot} DATA_VOLUMES={volumes} POLL_S=1 zone={zone} instance={instance}
export AWS_DEFAULT_REGION=us-east-1
log() {{ echo "$*"; }}
fail() {{ echo "FAILED: $*"; exit 1; }}
said() {{ tr -s '\\n' ' ' <"$work/error"; }}
printf '%s' '{mounts}' >"$bundle/mounts"
[[ -s $bundle/mounts ]] || rm "$bundle/mounts"
{script}
mount_storage
{then}
"""
DATA = '"$ESTATE_ROOT/opt/jfrog/artifactory/var/data/file"'


def mounted(
    found: Machines, machine: str, *, slot: int = 1, volumes: str = "yes", mounts: str = "", then: str = ""
) -> str:
    """Runs `mount_storage`, then a command; what they say."""
    script = AROUND.format(
        slot=slot, volumes=volumes, zone=found.zone, instance=machine, mounts=mounts, then=then,
        script=render("system-packages.sh.j2") + render("mounts.sh.j2"),
    )  # fmt: skip
    code, said = found.run(machine, f"exec bash <<'SCRIPT'\n{script}\nSCRIPT")
    return f"{code} {said}"


def volume(found: Machines, slot: int, size: int = 20) -> str:
    tags = {"artifactory-estate": "acme", "artifactory-estate-site": "us-east", "estate-slot": str(slot)}
    made = found.ec2.create_volume(
        Size=size,
        AvailabilityZone=found.zone,
        TagSpecifications=[
            {"ResourceType": "volume", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )
    return str(made["VolumeId"])


def removed(found: Machines, volumes: Sequence[str]) -> None:
    for each in volumes:
        until(
            lambda each=each: found.ec2.describe_volumes(VolumeIds=[each])["Volumes"][0]["State"] == "available",
            "the volume is free",
        )
        found.ec2.delete_volume(VolumeId=each)


def test_the_volume_of_a_slot_goes_from_instance_to_instance(machines: Machines) -> None:
    volumes = [volume(machines, slot) for slot in (1, 2)]
    first = machines.launch()
    said = mounted(machines, first, then=f"echo kept >{DATA}")
    assert said.startswith("0 ") and "making a file system" in said
    again = mounted(machines, first, then=f"cat {DATA}; cat $root/etc/systemd/system/artifactory.service.d/mounts.conf")
    assert again.splitlines() == ["0 kept", "[Unit]", "RequiresMountsFor=/var/opt/jfrog/artifactory/data"]
    machines.end(first)
    heir, other = machines.launch(), machines.launch()
    assert mounted(machines, heir, then=f"cat {DATA}").splitlines()[-1] == "kept"
    assert "making a file system" in mounted(machines, other, slot=2, then=f"test ! -e {DATA}")
    machines.end(heir)
    machines.end(other)
    removed(machines, volumes)


def test_a_boot_mounts_it_again(machines: Machines) -> None:
    made = volume(machines, 1)
    machine = machines.launch()
    assert mounted(machines, machine, then=f"echo kept >{DATA}").startswith("0 ")
    machines.ec2.stop_instances(InstanceIds=[machine])
    until(lambda: (machines.sandbox.node(machine) or {}).get("state") == "stopped", "the instance stops")
    machines.ec2.start_instances(InstanceIds=[machine])
    until(lambda: (machines.sandbox.node(machine) or {}).get("state") == "running", "the instance runs again")
    assert machines.run(machine, f"cat {DATA}") == (0, "kept")
    assert mounted(machines, machine, then=f"cat {DATA}; grep -c xfs $root/etc/fstab").splitlines() == ["0 kept", "1"]
    machines.end(machine)
    removed(machines, [made])


def test_a_slot_without_a_volume_is_said(machines: Machines) -> None:
    machine = machines.launch()
    assert mounted(machines, machine, slot=7) == f"1 FAILED: there is no data volume for slot 7 in {machines.zone}"


@pytest.mark.parametrize("how", [NFS, EFS], ids=["plain", "TLS"])
def test_a_share_is_mounted_once_and_never_over_another(machines: Machines, how: str) -> None:
    kind, efs, ec2 = how.partition(" ")[0], machines.sandbox.aws("efs"), machines.ec2
    vpc = ec2.describe_subnets(SubnetIds=[machines.subnet])["Subnets"][0]["VpcId"]
    group = ec2.create_security_group(GroupName=f"files-{kind}", Description="mount targets", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=2049, ToPort=2049, CidrIp="10.0.0.0/16"
    )
    systems = [efs.create_file_system(CreationToken=f"{name}-{kind}")["FileSystemId"] for name in ("one", "two")]
    for system in systems if how == EFS else ():
        efs.put_file_system_policy(FileSystemId=system, Policy=file_system_policy("arn"))
    targets = [
        efs.create_mount_target(FileSystemId=system, SubnetId=machines.subnet, SecurityGroups=[group])["MountTargetId"]
        for system in systems
    ]
    lines = [f"{system}.efs.us-east-1.amazonaws.com:/ /mnt/filestore {how}\n" for system in systems]
    one, other = machines.launch(), machines.launch()
    for machine in (one, other, one):
        said = mounted(machines, machine, volumes="", mounts=lines[0], then="echo here >$root/mnt/filestore/file")
        assert said.startswith("0"), said
    assert machines.run(other, 'cat "$ESTATE_ROOT/mnt/filestore/file"; grep -c filestore "$ESTATE_ROOT/etc/fstab"') == (
        0,
        "here\n1",
    )
    assert "is a mount of" in mounted(machines, other, volumes="", mounts=lines[1])
    by_others = "files.acme.example:/home /home nfs4 defaults,nofail 0 0"
    left = mounted(
        machines, one, volumes="", then=f"""
        mountpoint -q "$root/mnt/filestore" && echo "mounted until Artifactory runs without it"
        leave_former_shares && ! findmnt -n
        test ! -e "$root/etc/systemd/system/artifactory.service.d/mounts.conf" && echo not required
        echo "{by_others}" >>"$root/etc/fstab" && mount_storage && leave_former_shares
        cat "$root/etc/fstab" "$root/etc/systemd/system/artifactory.service.d/mounts.conf"
    """)  # fmt: skip
    assert left.splitlines() == [
        "0 mounted until Artifactory runs without it",
        "unmounting /mnt/filestore, where no binaries are any more",
        "not required",
        by_others,
        "[Unit]",
        "RequiresMountsFor=/home",
    ]
    assert machines.run(other, 'cat "$ESTATE_ROOT/mnt/filestore/file"') == (0, "here")
    for target in targets:
        efs.delete_mount_target(MountTargetId=target)
    for system in systems:
        efs.delete_file_system(FileSystemId=system)
