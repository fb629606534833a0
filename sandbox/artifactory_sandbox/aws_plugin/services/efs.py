"""FileSystem, FileSystemPolicy and MountTarget of EFS."""

import secrets
from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, only, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.shape import pascal
from artifactory_sandbox.aws_plugin.wire import Props

_FIXED = fields("creationToken performanceMode encrypted kmsKeyId availabilityZoneName")
_THROUGHPUT = fields("throughputMode provisionedThroughputInMibps")
_LIFECYCLE = {
    "transitionToIa": "TransitionToIA",
    "transitionToPrimaryStorageClass": "TransitionToPrimaryStorageClass",
    "transitionToArchive": "TransitionToArchive",
}


def _create(call: Call, props: Props) -> str:
    request = {"CreationToken": secrets.token_hex(16)} | _FIXED.request(props) | _THROUGHPUT.request(props)
    return str(call.aws("efs").create_file_system(**request, Tags=tag_list(props["tagsAll"]))["FileSystemId"])


def _finish(call: Call, id_: str, props: Props) -> None:
    if policies := props.get("lifecyclePolicies"):
        each = [pascal(policy, _LIFECYCLE) for policy in policies]
        call.aws("efs").put_lifecycle_configuration(FileSystemId=id_, LifecyclePolicies=each)


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("efs")
    if "lifecyclePolicies" in changed:
        each = [pascal(policy, _LIFECYCLE) for policy in news.get("lifecyclePolicies") or []]
        client.put_lifecycle_configuration(FileSystemId=id_, LifecyclePolicies=each)
    if changed & _THROUGHPUT.names:
        client.update_file_system(FileSystemId=id_, **_THROUGHPUT.request(news))


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("efs")
    system = only(lambda: client.describe_file_systems(FileSystemId=id_)["FileSystems"])
    if system is None or system["LifeCycleState"] in {"deleting", "deleted"}:
        return None
    policies = client.describe_lifecycle_configuration(FileSystemId=id_)["LifecyclePolicies"]
    back = {boto: key for key, boto in _LIFECYCLE.items()}
    return _FIXED.answer(system) | _THROUGHPUT.answer(system) | {
        "arn": system["FileSystemArn"],
        "name": system.get("Name") or "",
        "ownerId": system["OwnerId"],
        "availabilityZoneId": system.get("AvailabilityZoneId"),
        "dnsName": f"{id_}.efs.{call.region}.amazonaws.com",
        "numberOfMountTargets": 0,
        "lifecyclePolicies": [{back[key]: value for key, value in policy.items()} for policy in policies] or None,
        "tags": tag_map(system.get("Tags")),
    }  # fmt: skip


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("efs")
    if gone:
        client.untag_resource(ResourceId=id_, TagKeys=gone)
    if tags:
        client.tag_resource(ResourceId=id_, Tags=tag_list(tags))


FILE_SYSTEM = Row(
    "aws:efs/fileSystem:FileSystem",
    inputs=_FIXED.names | _THROUGHPUT.names | words("lifecyclePolicies tags"),
    create=_create, finish=_finish, read=_read, update=_update, tag=_tag,
    delete=lambda call, id_, props: call.aws("efs").delete_file_system(FileSystemId=id_),
    replaces=_FIXED.names,
    limits=(
        limits.one_of("performanceMode", "generalPurpose", "maxIO"),
        limits.one_of("throughputMode", "bursting", "provisioned", "elastic"),
    ),
)  # fmt: skip

# FileSystemPolicy -----------------------------------------------------------------------------------------------------


def _create_policy(call: Call, props: Props) -> str:
    _put_policy(call, props["fileSystemId"], props)
    return str(props["fileSystemId"])


def _put_policy(call: Call, id_: str, props: Props) -> None:
    call.aws("efs").put_file_system_policy(FileSystemId=id_, Policy=props["policy"])


def _read_policy(call: Call, id_: str, props: Props) -> Props | None:
    answer = only(lambda: [call.aws("efs").describe_file_system_policy(FileSystemId=id_)])
    return answer and {"fileSystemId": id_, "policy": answer["Policy"]}


FILE_SYSTEM_POLICY = Row(
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    inputs=words("fileSystemId policy"),
    create=_create_policy, read=_read_policy,
    update=lambda call, id_, olds, news, changed: _put_policy(call, id_, news),
    delete=lambda call, id_, props: call.aws("efs").delete_file_system_policy(FileSystemId=id_),
    replaces=words("fileSystemId"),
)  # fmt: skip

# MountTarget ----------------------------------------------------------------------------------------------------------


def _create_target(call: Call, props: Props) -> str:
    request = fields("fileSystemId subnetId securityGroups ipAddress").request(props)
    return str(call.aws("efs").create_mount_target(**request)["MountTargetId"])


def _update_target(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    groups = news.get("securityGroups") or []
    call.aws("efs").modify_mount_target_security_groups(MountTargetId=id_, SecurityGroups=groups)


def _read_target(call: Call, id_: str, props: Props) -> Props | None:
    client: Any = call.aws("efs")
    target = only(lambda: client.describe_mount_targets(MountTargetId=id_)["MountTargets"])
    if target is None:
        return None
    names = "fileSystemId subnetId ipAddress networkInterfaceId availabilityZoneName availabilityZoneId ownerId"
    found = fields(names).answer(target)
    dns = f"{found['fileSystemId']}.efs.{call.region}.amazonaws.com"
    return found | {
        "securityGroups": client.describe_mount_target_security_groups(MountTargetId=id_)["SecurityGroups"],
        "dnsName": dns,
        "mountTargetDnsName": f"{found['availabilityZoneName']}.{dns}",
        "fileSystemArn": call.arn("elasticfilesystem", f"file-system/{found['fileSystemId']}"),
    }


MOUNT_TARGET = Row(
    "aws:efs/mountTarget:MountTarget",
    inputs=words("fileSystemId subnetId securityGroups ipAddress"),
    create=_create_target, read=_read_target, update=_update_target,
    delete=lambda call, id_, props: call.aws("efs").delete_mount_target(MountTargetId=id_),
    replaces=words("fileSystemId subnetId ipAddress"),
)  # fmt: skip

ROWS = (FILE_SYSTEM, FILE_SYSTEM_POLICY, MOUNT_TARGET)
