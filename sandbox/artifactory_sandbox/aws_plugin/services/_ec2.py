"""What all EC2 types share."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.aws_plugin.rows import Call, only, tag_list, tag_map
from artifactory_sandbox.aws_plugin.wire import Props


def tagged(kind: str, props: Props) -> dict[str, Any]:
    """`TagSpecifications` of a create call; nothing when there are no tags."""
    tags = props.get("tagsAll")
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tag_list(tags)}]} if tags else {}


def tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    """Tags of anything that has an EC2 id."""
    if gone:
        call.aws("ec2").delete_tags(Resources=[id_], Tags=[{"Key": key} for key in gone])
    if tags:
        call.aws("ec2").create_tags(Resources=[id_], Tags=tag_list(tags))


def tags_of(call: Call, id_: str) -> dict[str, str]:
    """Tags of a thing whose description in the sandbox's AWS goes on showing those of its creation."""
    mine = [{"Name": "resource-id", "Values": [id_]}]
    return tag_map(call.aws("ec2").describe_tags(Filters=mine)["Tags"])


def describe(call: Call, what: str, listed: str, **request: Any) -> Any:
    """The one thing that `describe_<what>` finds, or None."""
    return only(lambda: getattr(call.aws("ec2"), f"describe_{what}")(**request)[listed])
