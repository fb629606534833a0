"""Everything on AWS behind a site's filestore."""

import json
from typing import Any

import pulumi

from artifactory_estate.filestore.storage import EFS, NFS, storage_of
from tests.support.recording import Recording, recorded
from tests.unit.site.site_values import names, site_of

OUTPUTS = {"aws:efs/fileSystem:FileSystem": {"dnsName": "fs-1.efs.us-east-1.amazonaws.com"}}
KEY = "arn:aws:kms:us-east-1:123456789012:key/one"


def made(**changes: Any) -> tuple[Recording, list[str]]:
    lines: list[str] = []

    def program() -> None:
        storage = storage_of(
            "us-east",
            names(),
            site_of(**changes),
            vpc_id="vpc-1",
            subnet_ids=["subnet-1", "subnet-2"],
            node_security_group_id="sg-nodes",
            kms_key_arn=KEY,
            copy=None,
            tags={"owner": "platform"},
            opts=pulumi.ResourceOptions(),
        )
        storage.mount_lines.apply(lines.append)

    with recorded(program, OUTPUTS) as found:
        return found, lines


def nfs(**more: Any) -> dict[str, Any]:
    return {"kind": "nfs", "directory": "/mnt/filestore", "efs": {}, **more}


def test_a_file_system_that_only_nodes_reach_in_every_zone() -> None:
    found, lines = made(filestore=nfs())
    name = "us-east-files-mnt-filestore"
    files = found.resources[f"{name}-files"].inputs
    assert (files["encrypted"], files["kmsKeyId"], files["throughputMode"]) == (True, KEY, "elastic")
    policy = json.loads(found.resources[f"{name}-policy"].inputs["policy"])
    denied = [each for each in policy["Statement"] if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
    rule = found.resources[f"{name}-from-nodes"].inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-nodes", 2049, 2049)
    targets = [found.resources[f"{name}-target-{number}"].inputs["subnetId"] for number in (0, 1)]
    assert targets == ["subnet-1", "subnet-2"]
    assert lines == [f"fs-1.efs.us-east-1.amazonaws.com:/ /mnt/filestore {EFS}\n"]
    assert not found.of_type("aws:s3/bucket:Bucket")


def test_exports_of_others_are_mounted_and_not_made() -> None:
    found, lines = made(filestore={**nfs(export="nfs.acme.example:/art"), "efs": None})
    assert not found.of_type("aws:efs/fileSystem:FileSystem")
    assert lines == [f"nfs.acme.example:/art /mnt/filestore {NFS}\n"]


def test_a_file_system_keeps_its_name_before_and_during_a_move() -> None:
    before, _ = made(filestore=nfs())
    during, lines = made(filestore={"move_from": nfs()})
    assert {each.name for each in before.of_type("aws:efs/fileSystem:FileSystem")} == {
        each.name for each in during.of_type("aws:efs/fileSystem:FileSystem")
    }
    assert during.of_type("aws:s3/bucket:Bucket") and "/mnt/filestore" in lines[0]


def test_a_bucket_a_shard() -> None:
    found, _ = made(filestore={"kind": "s3-sharding", "shards": {"s3-shard1": {}, "s3-shard2": {"bucket": "acme-2"}}})
    buckets = {each.name: each.inputs["bucket"] for each in found.of_type("aws:s3/bucket:Bucket")}
    assert buckets == {
        "us-east-filestore-s3-shard1-bucket": "acme-us-east-filestore-123456789012-s3-shard1",
        "us-east-filestore-s3-shard2-bucket": "acme-2",
    }


def test_no_bucket_at_a_store_that_is_not_aws() -> None:
    s3 = {"endpoint": "s3.acme.example", "identity": "env:ID", "credential": "env:KEY"}
    found, _ = made(filestore={"bucket": {"name": "binaries"}, "s3": s3})
    assert not found.of_type("aws:s3/bucket:Bucket")


def test_a_volume_a_slot_spread_over_the_zones() -> None:
    nodes = {"count": 2, "max": 3, "data_volume": {"size_gib": 500, "iops": 4000, "throughput_mib": 250}}
    found, _ = made(filestore={"kind": "cluster-file-system"}, nodes=nodes)
    volumes = [found.resources[f"us-east-data-{slot}"] for slot in (1, 2, 3)]
    assert [each.inputs["tags"]["estate-slot"] for each in volumes] == ["1", "2", "3"]
    assert {(each.inputs["encrypted"], each.inputs["kmsKeyId"], each.inputs["finalSnapshot"]) for each in volumes} == {
        (True, KEY, True)
    }
    assert {(each.inputs["size"], each.inputs["iops"], each.inputs["throughput"]) for each in volumes} == {
        (500, 4000, 250)
    }
    zones = [each.inputs["availabilityZone"] for each in volumes]
    assert zones == ["zone of subnet-1", "zone of subnet-2", "zone of subnet-1"]
