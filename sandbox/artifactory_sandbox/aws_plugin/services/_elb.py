"""What all types of Elastic Load Balancing share."""

from collections.abc import Mapping
from typing import Any

from artifactory_sandbox.aws_plugin.rows import Call, tag_list, tag_map
from artifactory_sandbox.aws_plugin.wire import Props


def tags_of(call: Call, arn: str) -> dict[str, str]:
    """Tags of a thing by its ARN."""
    return tag_map(call.aws("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])


def tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    """Tags of a thing by its ARN."""
    if gone:
        call.aws("elbv2").remove_tags(ResourceArns=[id_], TagKeys=gone)
    if tags:
        call.aws("elbv2").add_tags(ResourceArns=[id_], Tags=tag_list(tags))


def given_tags(props: Props) -> dict[str, Any]:
    """`Tags` of a create call; AWS refuses an empty list."""
    return {"Tags": tag_list(props["tagsAll"])} if props.get("tagsAll") else {}


def attributes(props: Props, names: Mapping[str, str]) -> list[dict[str, str]]:
    """Attributes as AWS takes them: key and text."""
    return [
        {"Key": key, "Value": str(props[name]).lower() if isinstance(props[name], bool) else str(props[name])}
        for name, key in names.items()
        if props.get(name) is not None
    ]


def from_attributes(listed: list[Mapping[str, str]], names: Mapping[str, str]) -> Props:
    """Attributes that AWS lists, as Pulumi has them."""
    values = {entry["Key"]: entry["Value"] for entry in listed}
    return {name: _value(values[key]) for name, key in names.items() if key in values}


def _value(text: str) -> Any:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdigit() else text
