"""EBS volumes."""

from collections.abc import Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, tag_map, words
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged
from artifactory_sandbox.aws_plugin.wire import Props

_FIXED = fields("availabilityZone encrypted kmsKeyId snapshotId outpostArn multiAttachEnabled")
_MODIFIED = fields("size iops throughput", type="VolumeType")


def _create(call: Call, props: Props) -> str:
    request = _FIXED.request(props) | _MODIFIED.request(props) | tagged("volume", props)
    return str(call.aws("ec2").create_volume(**request)["VolumeId"])


def _read(call: Call, id_: str, props: Props) -> Props | None:
    volume: Any = describe(call, "volumes", "Volumes", VolumeIds=[id_])
    if volume is None or volume["State"] in {"deleting", "deleted"}:
        return None
    kept = {key: props[key] for key in ("kmsKeyId", "throughput", "iops") if key in props}
    return _FIXED.answer(volume) | _MODIFIED.answer(volume) | kept | {
        "arn": call.arn("ec2", f"volume/{id_}"),
        "createTime": str(volume["CreateTime"]),
        "tags": tag_map(volume.get("Tags")),
    }  # fmt: skip


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    """AWS grows a volume and never shrinks it."""
    if changed & _MODIFIED.names:
        call.aws("ec2").modify_volume(VolumeId=id_, **_MODIFIED.request(news))


def _delete(call: Call, id_: str, props: Props) -> None:
    """With `finalSnapshot`, what is on it stays as a snapshot."""
    if props.get("finalSnapshot"):
        call.aws("ec2").create_snapshot(VolumeId=id_, Description=f"final snapshot of {id_}")
    call.aws("ec2").delete_volume(VolumeId=id_)


VOLUME = Row(
    "aws:ebs/volume:Volume",
    inputs=_FIXED.names | _MODIFIED.names | words("finalSnapshot tags"),
    create=_create, read=_read, update=_update, tag=tag, delete=_delete,
    replaces=_FIXED.names, local=words("finalSnapshot"),
    limits=(
        limits.needs_one("size", "snapshotId"),
        limits.one_of("type", "gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"),
    ),
)  # fmt: skip

ROWS = (VOLUME,)
