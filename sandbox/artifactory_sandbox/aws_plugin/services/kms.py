"""Key and Alias of KMS."""

from collections.abc import Mapping, Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, only, tag_map, words
from artifactory_sandbox.aws_plugin.wire import Props

_CREATE = fields(
    "description multiRegion keyUsage", customerMasterKeySpec="KeySpec", bypassPolicyLockoutSafetyCheck="BypassPolicyLockoutSafetyCheck"
)  # fmt: skip


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _tag(call: Call, id_: str, props: Props, tags: Mapping[str, str], gone: list[str]) -> None:
    client = call.aws("kms")
    if gone:
        client.untag_resource(KeyId=id_, TagKeys=gone)
    if tags:
        client.tag_resource(KeyId=id_, Tags=_tags(tags))


def _create(call: Call, props: Props) -> str:
    request = _CREATE.request(props)
    if props.get("policy"):
        request["Policy"] = props["policy"]
    return str(call.aws("kms").create_key(**request, Tags=_tags(props["tagsAll"]))["KeyMetadata"]["KeyId"])


def _finish(call: Call, id_: str, props: Props) -> None:
    client = call.aws("kms")
    if props.get("enableKeyRotation"):
        client.enable_key_rotation(KeyId=id_, **fields("rotationPeriodInDays").request(props))
    if props.get("isEnabled") is False:
        client.disable_key(KeyId=id_)


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    client = call.aws("kms")
    if "description" in changed:
        client.update_key_description(KeyId=id_, Description=news.get("description") or "")
    if "policy" in changed and news.get("policy"):
        client.put_key_policy(KeyId=id_, PolicyName="default", Policy=news["policy"])
    if changed & {"enableKeyRotation", "rotationPeriodInDays"}:
        if news.get("enableKeyRotation"):
            client.enable_key_rotation(KeyId=id_, **fields("rotationPeriodInDays").request(news))
        else:
            client.disable_key_rotation(KeyId=id_)
    if "isEnabled" in changed:
        (client.disable_key if news.get("isEnabled") is False else client.enable_key)(KeyId=id_)


def _read(call: Call, id_: str, props: Props) -> Props | None:
    client = call.aws("kms")
    key = client.describe_key(KeyId=id_)["KeyMetadata"]
    if key["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}:
        return None
    found = fields("arn keyId description multiRegion").answer(key) | {
        "policy": client.get_key_policy(KeyId=id_, PolicyName="default")["Policy"],
        "keyUsage": key.get("KeyUsage") or props.get("keyUsage") or "ENCRYPT_DECRYPT",
        "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
        "enableKeyRotation": client.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"],
        "isEnabled": key["Enabled"],
        "tags": tag_map(client.list_resource_tags(KeyId=id_).get("Tags"), "TagKey", "TagValue"),
    }
    return found | {"rotationPeriodInDays": props.get("rotationPeriodInDays") or 365}  # moto does not keep it


def _delete(call: Call, id_: str, props: Props) -> None:
    client, days = call.aws("kms"), props.get("deletionWindowInDays") or 30
    if client.describe_key(KeyId=id_)["KeyMetadata"]["KeyState"] != "PendingDeletion":
        client.schedule_key_deletion(KeyId=id_, PendingWindowInDays=days)


KEY = Row(
    "aws:kms/key:Key",
    inputs=_CREATE.names
    | words("policy enableKeyRotation rotationPeriodInDays isEnabled deletionWindowInDays tags"),
    create=_create, finish=_finish, read=_read, update=_update, delete=_delete, tag=_tag,
    undeclared={
        "isEnabled": True, "keyUsage": "ENCRYPT_DECRYPT", "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "deletionWindowInDays": 30,
    },
    replaces=words("multiRegion keyUsage customerMasterKeySpec"),
    local=words("deletionWindowInDays bypassPolicyLockoutSafetyCheck"),
    limits=(limits.between("deletionWindowInDays", 7, 30), limits.between("rotationPeriodInDays", 90, 2560)),
)  # fmt: skip


def _create_alias(call: Call, props: Props) -> str:
    name = props.get("name") or f"{props['namePrefix']}{call.unique()}"
    call.aws("kms").create_alias(AliasName=name, TargetKeyId=props["targetKeyId"])
    return str(name)


def _update_alias(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    call.aws("kms").update_alias(AliasName=id_, TargetKeyId=news["targetKeyId"])


def _read_alias(call: Call, id_: str, props: Props) -> Props | None:
    pages: Any = call.aws("kms").get_paginator("list_aliases").paginate()
    alias = only(lambda: [each for page in pages for each in page["Aliases"] if each["AliasName"] == id_])
    if alias is None:
        return None
    key = alias["TargetKeyId"]
    arn = key if key.startswith("arn:") else call.arn("kms", f"key/{key}")
    declared = str(props.get("targetKeyId") or "")
    return {
        "arn": alias["AliasArn"],
        "name": id_,
        "targetKeyId": declared if declared in {key, arn} else key,
        "targetKeyArn": arn,
    }


ALIAS = Row(
    "aws:kms/alias:Alias",
    inputs=words("name namePrefix targetKeyId"),
    create=_create_alias, read=_read_alias, update=_update_alias,
    delete=lambda call, id_, props: call.aws("kms").delete_alias(AliasName=id_),
    replaces=words("name namePrefix"),
    name=Name(start="alias/", longest=256),
    limits=(limits.name("name", 256, r"alias/(?!aws/)[A-Za-z0-9/_-]+", "alias/ and letters, digits and / _ -"),),
)  # fmt: skip

ROWS = (KEY, ALIAS)
