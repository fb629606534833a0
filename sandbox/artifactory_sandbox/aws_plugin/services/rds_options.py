"""OptionGroup of RDS: what Oracle and SQL Server have beside their parameters."""

from collections.abc import Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, only, tag_list, words
from artifactory_sandbox.aws_plugin.services import rds
from artifactory_sandbox.aws_plugin.wire import Props


def _create(call: Call, props: Props) -> str:
    name = (props.get("name") or f"{props['namePrefix']}{call.unique()}").lower()
    call.aws("rds").create_option_group(
        OptionGroupName=name,
        EngineName=props["engineName"],
        MajorEngineVersion=props["majorEngineVersion"],
        OptionGroupDescription=props["optionGroupDescription"],
        Tags=tag_list(props.get("tagsAll")),
    )
    return str(name)


def _included(props: Props) -> list[dict[str, Any]]:
    return [
        {
            "OptionName": each["optionName"],
            "OptionSettings": [
                {"Name": setting["name"], "Value": setting["value"]} for setting in each.get("optionSettings") or []
            ],
        }
        for each in props.get("options") or []
    ]


def _finish(call: Call, id_: str, props: Props) -> None:
    if included := _included(props):
        call.aws("rds").modify_option_group(OptionGroupName=id_, OptionsToInclude=included, ApplyImmediately=True)


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    kept = {each["optionName"] for each in news.get("options") or []}
    gone = [each["optionName"] for each in olds.get("options") or [] if each["optionName"] not in kept]
    if gone:
        call.aws("rds").modify_option_group(OptionGroupName=id_, OptionsToRemove=gone, ApplyImmediately=True)
    _finish(call, id_, news)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    group = only(lambda: call.aws("rds").describe_option_groups(OptionGroupName=id_)["OptionGroupsList"])
    if group is None:
        return None
    arn = group.get("OptionGroupArn") or call.arn("rds", f"og:{id_}")
    return {
        "arn": arn,
        "name": group["OptionGroupName"],
        "engineName": group["EngineName"],
        "majorEngineVersion": group["MajorEngineVersion"],
        "optionGroupDescription": group["OptionGroupDescription"],
        "options": [
            {
                "optionName": each["OptionName"],
                "optionSettings": [
                    {"name": setting["Name"], "value": setting["Value"]} for setting in each.get("OptionSettings") or []
                ],
            }
            for each in group.get("Options") or []
        ],
        "tags": rds.tags_of(call, arn),
    }


OPTION_GROUP = Row(
    "aws:rds/optionGroup:OptionGroup",
    inputs=words("name namePrefix engineName majorEngineVersion optionGroupDescription options tags"),
    create=_create, finish=_finish, read=_read, update=_update, tag=rds.tag,
    delete=lambda call, id_, props: call.aws("rds").delete_option_group(OptionGroupName=id_),
    replaces=words("name namePrefix engineName majorEngineVersion optionGroupDescription"),
    name=Name(lower=True), defaults={"optionGroupDescription": "Managed by Pulumi"},
    limits=(limits.name("name", 255, r"[a-z][a-z0-9-]*", "lower-case letters, digits and -, from a letter on"),),
)  # fmt: skip

ROWS = (OPTION_GROUP,)
