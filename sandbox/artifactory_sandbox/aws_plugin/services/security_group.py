"""SecurityGroup, and its rules of their own type."""

from collections.abc import Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Name, Row, fields, tag_map, words
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged
from artifactory_sandbox.aws_plugin.wire import Props

_INLINE = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}


def _create(call: Call, props: Props) -> str:
    request = {"GroupName": props["name"], "Description": props["description"], **tagged("security-group", props)}
    if vpc := props.get("vpcId"):
        request["VpcId"] = vpc
    return str(call.aws("ec2").create_security_group(**request)["GroupId"])


def _finish(call: Call, id_: str, props: Props) -> None:
    """Takes away the rule that lets everything out, as the real plugin does, and adds the inline rules."""
    group = describe(call, "security_groups", "SecurityGroups", GroupIds=[id_])
    _revoke(call, id_, "egress", group["IpPermissionsEgress"])
    for direction in _INLINE:
        _authorize(call, id_, direction, _permissions(props.get(direction), id_))


def replace_rules(call: Call, id_: str, group: Props, props: Props) -> None:
    """The inline rules, and no others."""
    for direction, listed in _INLINE.items():
        _revoke(call, id_, direction, group[listed])
        _authorize(call, id_, direction, _permissions(props.get(direction), id_))


def _update(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    group = describe(call, "security_groups", "SecurityGroups", GroupIds=[id_])
    for direction, listed in _INLINE.items():
        if direction in changed and direction in news:
            _revoke(call, id_, direction, group[listed])
            _authorize(call, id_, direction, _permissions(news[direction], id_))


def _authorize(call: Call, id_: str, direction: str, permissions: list[dict[str, Any]]) -> None:
    if permissions:
        action = getattr(call.aws("ec2"), f"authorize_security_group_{direction}")
        action(GroupId=id_, IpPermissions=permissions)


def _revoke(call: Call, id_: str, direction: str, permissions: list[dict[str, Any]]) -> None:
    if permissions:
        action = getattr(call.aws("ec2"), f"revoke_security_group_{direction}")
        action(GroupId=id_, IpPermissions=permissions)


def _permissions(rules: list[Props] | None, own_id: str) -> list[dict[str, Any]]:
    return [_permission(rule, own_id) for rule in rules or []]


def _permission(rule: Props, own_id: str) -> dict[str, Any]:
    text = {"Description": rule["description"]} if rule.get("description") else {}
    groups = list(rule.get("securityGroups") or []) + ([own_id] if rule.get("self") else [])
    permission: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    permission["IpRanges"] = [{"CidrIp": cidr, **text} for cidr in rule.get("cidrBlocks") or []]
    permission["Ipv6Ranges"] = [{"CidrIpv6": cidr, **text} for cidr in rule.get("ipv6CidrBlocks") or []]
    permission["PrefixListIds"] = [{"PrefixListId": prefix, **text} for prefix in rule.get("prefixListIds") or []]
    permission["UserIdGroupPairs"] = [{"GroupId": group, **text} for group in groups]
    return permission


def _rule(permission: dict[str, Any], own_id: str) -> Props:
    groups = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs", [])]
    rule = {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort", 0),
        "toPort": permission.get("ToPort", 0),
        "cidrBlocks": [entry["CidrIp"] for entry in permission.get("IpRanges", [])],
        "ipv6CidrBlocks": [entry["CidrIpv6"] for entry in permission.get("Ipv6Ranges", [])],
        "prefixListIds": [entry["PrefixListId"] for entry in permission.get("PrefixListIds", [])],
        "securityGroups": [group for group in groups if group != own_id],
        "self": own_id in groups,
    }
    return rule


def _read(call: Call, id_: str, props: Props) -> Props | None:
    group = describe(call, "security_groups", "SecurityGroups", GroupIds=[id_])
    if group is None:
        return None
    found = fields("vpcId ownerId description", name="GroupName").answer(group) | {
        "arn": call.arn("ec2", f"security-group/{id_}"),
        "tags": tag_map(group.get("Tags")),
    }
    for direction, listed in _INLINE.items():
        if props.get(direction):  # only when declared here: rules of their own type are not this resource's
            found[direction] = [_rule(permission, id_) for permission in group[listed]]
    return found


GROUP = Row(
    "aws:ec2/securityGroup:SecurityGroup",
    inputs=words("name namePrefix description vpcId ingress egress revokeRulesOnDelete tags"),
    create=_create, finish=_finish, read=_read, update=_update, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_security_group(GroupId=id_),
    replaces=words("name namePrefix description vpcId"),
    local=words("revokeRulesOnDelete"),
    name=Name(), defaults={"description": "Managed by Pulumi"},
    limits=(
        limits.name("name", 255, r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+", "must not begin with sg-"),
        limits.name("description", 255, r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*", "letters, digits, spaces and simple punctuation", 0),
    ),
)  # fmt: skip

# Rules ----------------------------------------------------------------------------------------------------------------

_SOURCES = {
    "cidrIpv4": ("CidrIpv4", "IpRanges", "CidrIp"),
    "cidrIpv6": ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListId", "PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("ReferencedGroupId", "UserIdGroupPairs", "GroupId"),
}
"""Pulumi's name of a source, its name in a rule, and list and key in an `IpPermission`."""
_RULE_INPUTS = words("securityGroupId ipProtocol fromPort toPort description tags") | _SOURCES.keys()


def _rule_row(direction: str, class_name: str) -> Row:
    """Both directions differ in the call only."""

    def create(call: Call, props: Props) -> str:
        permission: dict[str, Any] = {"IpProtocol": props["ipProtocol"]}
        permission |= fields("fromPort toPort").request(props)
        source = next(key for key in _SOURCES if props.get(key))
        _, listed, key = _SOURCES[source]
        text = {"Description": props["description"]} if props.get("description") else {}
        permission[listed] = [{key: props[source], **text}]
        action = getattr(call.aws("ec2"), f"authorize_security_group_{direction}")
        answer = action(
            GroupId=props["securityGroupId"], IpPermissions=[permission], **tagged("security-group-rule", props)
        )
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def delete(call: Call, id_: str, props: Props) -> None:
        action = getattr(call.aws("ec2"), f"revoke_security_group_{direction}")
        action(GroupId=props["securityGroupId"], SecurityGroupRuleIds=[id_])

    return Row(
        f"aws:vpc/securityGroup{class_name}Rule:SecurityGroup{class_name}Rule",
        inputs=_RULE_INPUTS,
        create=create, read=_read_rule, update=_update_rule, delete=delete, tag=tag,
        replaces=words("securityGroupId"),
        limits=(limits.needs_one(*_SOURCES),),
    )  # fmt: skip


def _update_rule(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    rule = fields("ipProtocol fromPort toPort description").request(news)
    rule |= {boto: news[key] for key, (boto, _, _) in _SOURCES.items() if news.get(key)}
    rules = [{"SecurityGroupRuleId": id_, "SecurityGroupRule": rule}]
    call.aws("ec2").modify_security_group_rules(GroupId=news["securityGroupId"], SecurityGroupRules=rules)


def _read_rule(call: Call, id_: str, props: Props) -> Props | None:
    rule = describe(call, "security_group_rules", "SecurityGroupRules", SecurityGroupRuleIds=[id_])
    if rule is None:
        return None
    found = fields("ipProtocol fromPort toPort", securityGroupId="GroupId", securityGroupRuleId="SecurityGroupRuleId")
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    return found.answer(rule) | {
        "arn": call.arn("ec2", f"security-group-rule/{id_}"),
        "cidrIpv4": rule.get("CidrIpv4"),
        "cidrIpv6": rule.get("CidrIpv6"),
        "prefixListId": rule.get("PrefixListId"),
        "referencedSecurityGroupId": group,
        "description": rule.get("Description") or props.get("description"),  # moto loses it beside a group
        "tags": tag_map(rule.get("Tags")),
    }


ROWS = (GROUP, _rule_row("ingress", "Ingress"), _rule_row("egress", "Egress"))
