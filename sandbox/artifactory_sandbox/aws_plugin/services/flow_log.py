"""FlowLog of a VPC, subnet or network interface, and the VPC's default security group, which is taken over, never made."""

from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, tag_map, words
from artifactory_sandbox.aws_plugin.services import security_group
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged
from artifactory_sandbox.aws_plugin.wire import Props

# FlowLog --------------------------------------------------------------------------------------------------------------

_WATCHED = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
_LOG = fields("trafficType logDestination logDestinationType logFormat maxAggregationInterval")


def _create_log(call: Call, props: Props) -> str:
    key = next(key for key in _WATCHED if props.get(key))
    role = {"DeliverLogsPermissionArn": props["iamRoleArn"]} if props.get("iamRoleArn") else {}
    answer = call.aws("ec2").create_flow_logs(
        ResourceIds=[props[key]],
        ResourceType=_WATCHED[key],
        **_LOG.request(props),
        **role,
        **tagged("vpc-flow-log", props),
    )
    if answer.get("Unsuccessful"):
        raise RuntimeError(str(answer["Unsuccessful"][0]["Error"]["Message"]))
    return str(answer["FlowLogIds"][0])


def _read_log(call: Call, id_: str, props: Props) -> Props | None:
    log = describe(call, "flow_logs", "FlowLogs", FlowLogIds=[id_])
    if log is None:
        return None
    watched = next((key for key in _WATCHED if props.get(key)), "vpcId")
    return _LOG.answer(log) | {
        "arn": call.arn("ec2", f"vpc-flow-log/{id_}"),
        watched: log["ResourceId"],
        "iamRoleArn": log.get("DeliverLogsPermissionArn"),
        "tags": tag_map(log.get("Tags")),
    }


FLOW_LOG = Row(
    "aws:ec2/flowLog:FlowLog",
    inputs=_LOG.names | words("iamRoleArn tags") | _WATCHED.keys(),
    create=_create_log, read=_read_log, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_flow_logs(FlowLogIds=[id_]),
    replaces=_LOG.names | words("iamRoleArn") | _WATCHED.keys(),
    undeclared={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
    limits=(
        limits.needs_one(*_WATCHED),
        limits.one_of("trafficType", "ALL", "ACCEPT", "REJECT"),
        limits.one_of("logDestinationType", "cloud-watch-logs", "s3", "kinesis-data-firehose"),
    ),
)  # fmt: skip

# DefaultSecurityGroup -------------------------------------------------------------------------------------------------


def _take_over(call: Call, props: Props) -> str:
    """The group that AWS made with the VPC; its tags become ours."""
    mine = [{"Name": "vpc-id", "Values": [props["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    group: Any = describe(call, "security_groups", "SecurityGroups", Filters=mine)
    id_ = str(group["GroupId"])
    tag(call, id_, props, props["tagsAll"], [])
    return id_


def _close(call: Call, id_: str, props: Props) -> None:
    """Takes every rule away that AWS put there, as the real plugin does, and adds those that are declared."""
    group = describe(call, "security_groups", "SecurityGroups", GroupIds=[id_])
    security_group.replace_rules(call, id_, group, props)


DEFAULT_GROUP = Row(
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    inputs=words("vpcId ingress egress revokeRulesOnDelete tags"),
    create=_take_over, finish=_close, read=security_group.GROUP.read, update=security_group.GROUP.update, tag=tag,
    delete=lambda call, id_, props: None,  # goes with its VPC
    replaces=words("vpcId"), local=words("revokeRulesOnDelete"),
    limits=(limits.needs_one("vpcId"),),
)  # fmt: skip

ROWS = (FLOW_LOG, DEFAULT_GROUP)
