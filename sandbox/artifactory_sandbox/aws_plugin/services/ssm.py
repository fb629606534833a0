"""Parameter of Systems Manager."""

from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, only, tag_list, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_PARAMETER = fields("type value description tier allowedPattern dataType", keyId="KeyId")


def _put(call: Call, name: str, props: Props, **extra: Any) -> None:
    call.aws("ssm").put_parameter(Name=name, **_PARAMETER.request(props), **extra)


def _create(call: Call, props: Props) -> str:
    if props.get("overwrite"):
        _put(call, props["name"], props, Overwrite=True)
    else:
        _put(call, props["name"], props, Tags=tag_list(props["tagsAll"]))
    return str(props["name"])


def _finish(call: Call, id_: str, props: Props) -> None:
    if props.get("overwrite"):  # AWS does not take both in one call
        _tag(call, id_, props, props["tagsAll"], [])


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    _put(call, id_, news, Overwrite=True)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("ssm")
    parameter = client.get_parameter(Name=id_, WithDecryption=True)["Parameter"]
    by_name = [{"Key": "Name", "Values": [id_]}]
    details = only(lambda: client.describe_parameters(ParameterFilters=by_name)["Parameters"]) or {}
    secure = parameter["Type"] == "SecureString"
    return fields("name type value version dataType", arn="ARN").answer(parameter) | {
        "description": details.get("Description") or None,
        "allowedPattern": details.get("AllowedPattern") or None,
        "tier": details.get("Tier") or "Standard",
        "keyId": details.get("KeyId") or "alias/aws/ssm" if secure else None,
        "tags": tag_map(client.list_tags_for_resource(ResourceType="Parameter", ResourceId=id_)["TagList"]),
    }


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("ssm")
    if gone:
        client.remove_tags_from_resource(ResourceType="Parameter", ResourceId=id_, TagKeys=gone)
    if tags:
        client.add_tags_to_resource(ResourceType="Parameter", ResourceId=id_, Tags=tag_list(tags))


ROWS = (
    Row(
        "aws:ssm/parameter:Parameter",
        inputs=_PARAMETER.names | words("name overwrite tags"),
        create=_create, finish=_finish, read=_read, update=_update, tag=_tag,
        delete=lambda call, id_, props: call.aws("ssm").delete_parameter(Name=id_),
        replaces=words("name dataType"), local=words("overwrite"),
        moves={"version": words("value")},
        secrets=words("value"),
        name=Name(prefix=None, longest=1011),
        limits=(
            limits.name("name", 1011, r"[A-Za-z0-9_./-]+", "letters, digits and _ . - /"),
            limits.name("value", 8192, r"(?s:.*)", "at most 8 KB", 0),
            limits.one_of("type", "String", "StringList", "SecureString"),
            limits.needs_one("value"),
        ),
    ),
)  # fmt: skip
