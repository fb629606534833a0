"""Vpc, Subnet and VpcEndpoint."""

from collections.abc import Set
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, tag_map, words
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged
from artifactory_sandbox.aws_plugin.wire import Props

# Vpc ------------------------------------------------------------------------------------------------------------------

_VPC_ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")


def _create_vpc(call: Call, props: Props) -> str:
    request = fields("cidrBlock instanceTenancy").request(props)
    return str(call.aws("ec2").create_vpc(**request, **tagged("vpc", props))["Vpc"]["VpcId"])


def _finish_vpc(call: Call, id_: str, props: Props) -> None:
    _update_vpc(call, id_, {}, props, props.keys())


def _update_vpc(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    for key in _VPC_ATTRIBUTES:  # AWS takes one attribute a call; host names need DNS support first
        if key in changed and news.get(key) is not None:
            call.aws("ec2").modify_vpc_attribute(VpcId=id_, **{key[0].upper() + key[1:]: {"Value": news[key]}})


def _read_vpc(call: Call, id_: str, props: Props) -> Props | None:
    ec2 = call.aws("ec2")
    vpc = describe(call, "vpcs", "Vpcs", VpcIds=[id_])
    if vpc is None:
        return None
    found = fields("cidrBlock instanceTenancy ownerId dhcpOptionsId").answer(vpc)
    for key in _VPC_ATTRIBUTES:
        answer = ec2.describe_vpc_attribute(VpcId=id_, Attribute=key)
        found[key] = answer[key[0].upper() + key[1:]]["Value"]
    mine = {"Name": "vpc-id", "Values": [id_]}
    acl = describe(call, "network_acls", "NetworkAcls", Filters=[mine, {"Name": "default", "Values": ["true"]}])
    main = {"Name": "association.main", "Values": ["true"]}
    table = describe(call, "route_tables", "RouteTables", Filters=[mine, main])
    default = {"Name": "group-name", "Values": ["default"]}
    group = describe(call, "security_groups", "SecurityGroups", Filters=[mine, default])
    return found | {
        "arn": call.arn("ec2", f"vpc/{id_}"),
        "defaultNetworkAclId": acl and acl["NetworkAclId"],
        "mainRouteTableId": table and table["RouteTableId"],
        "defaultRouteTableId": table and table["RouteTableId"],
        "defaultSecurityGroupId": group and group["GroupId"],
        "tags": tag_map(vpc.get("Tags")),
    }


VPC = Row(
    "aws:ec2/vpc:Vpc",
    inputs=words("cidrBlock instanceTenancy tags").union(_VPC_ATTRIBUTES),
    create=_create_vpc, finish=_finish_vpc, read=_read_vpc, update=_update_vpc, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_vpc(VpcId=id_),
    replaces=words("cidrBlock instanceTenancy"),
    undeclared={"enableDnsSupport": True, "instanceTenancy": "default"},
    limits=(limits.needs_one("cidrBlock"), limits.one_of("instanceTenancy", "default", "dedicated")),
)  # fmt: skip

# Subnet ---------------------------------------------------------------------------------------------------------------

_SUBNET = fields("vpcId cidrBlock availabilityZone availabilityZoneId")


def _create_subnet(call: Call, props: Props) -> str:
    answer = call.aws("ec2").create_subnet(**_SUBNET.request(props), **tagged("subnet", props))
    return str(answer["Subnet"]["SubnetId"])


def _update_subnet(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "mapPublicIpOnLaunch" in changed:
        on_launch = {"Value": bool(news.get("mapPublicIpOnLaunch"))}
        call.aws("ec2").modify_subnet_attribute(SubnetId=id_, MapPublicIpOnLaunch=on_launch)


def _finish_subnet(call: Call, id_: str, props: Props) -> None:
    _update_subnet(call, id_, {}, props, props.keys())


def _read_subnet(call: Call, id_: str, props: Props) -> Props | None:
    subnet = describe(call, "subnets", "Subnets", SubnetIds=[id_])
    if subnet is None:
        return None
    found = fields("mapPublicIpOnLaunch ownerId", arn="SubnetArn").answer(subnet)
    return found | _SUBNET.answer(subnet) | {"tags": tag_map(subnet.get("Tags"))}


SUBNET = Row(
    "aws:ec2/subnet:Subnet",
    inputs=_SUBNET.names | words("mapPublicIpOnLaunch tags"),
    create=_create_subnet, finish=_finish_subnet, read=_read_subnet, update=_update_subnet, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_subnet(SubnetId=id_),
    replaces=_SUBNET.names,
    limits=(limits.needs_one("cidrBlock"), limits.not_both("availabilityZone", "availabilityZoneId")),
)  # fmt: skip

# VpcEndpoint ----------------------------------------------------------------------------------------------------------

_LISTS = {"routeTableIds": "RouteTableIds", "subnetIds": "SubnetIds", "securityGroupIds": "SecurityGroupIds"}


def _create_endpoint(call: Call, props: Props) -> str:
    names = fields("vpcId serviceName vpcEndpointType privateDnsEnabled routeTableIds subnetIds securityGroupIds")
    policy = {"PolicyDocument": props["policy"]} if props.get("policy") else {}
    answer = call.aws("ec2").create_vpc_endpoint(**names.request(props), **policy, **tagged("vpc-endpoint", props))
    return str(answer["VpcEndpoint"]["VpcEndpointId"])


def _update_endpoint(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    request: dict[str, Any] = {}
    for key, boto in _LISTS.items():
        before, after = set(olds.get(key) or ()), set(news.get(key) or ())
        request |= {f"Add{boto}": sorted(after - before)} if after - before else {}
        request |= {f"Remove{boto}": sorted(before - after)} if before - after else {}
    if "policy" in changed and news.get("policy"):
        request["PolicyDocument"] = news["policy"]
    if "privateDnsEnabled" in changed:
        request["PrivateDnsEnabled"] = bool(news.get("privateDnsEnabled"))
    if request:
        call.aws("ec2").modify_vpc_endpoint(VpcEndpointId=id_, **request)


def _read_endpoint(call: Call, id_: str, props: Props) -> Props | None:
    endpoint = describe(call, "vpc_endpoints", "VpcEndpoints", VpcEndpointIds=[id_])
    if endpoint is None or str(endpoint.get("State")).lower() in {"deleted", "deleting"}:
        return None
    names = (
        "vpcId serviceName vpcEndpointType routeTableIds subnetIds ownerId state networkInterfaceIds requesterManaged"
    )
    found = fields(names, policy="PolicyDocument").answer(endpoint)
    groups = [group["GroupId"] for group in endpoint.get("Groups") or []]
    prefixes = describe(
        call, "prefix_lists", "PrefixLists", Filters=[{"Name": "prefix-list-name", "Values": [endpoint["ServiceName"]]}]
    )
    gateway = endpoint["VpcEndpointType"] == "Gateway"
    return found | {
        "arn": call.arn("ec2", f"vpc-endpoint/{id_}"),
        "securityGroupIds": groups or props.get("securityGroupIds"),
        "privateDnsEnabled": False if gateway else endpoint.get("PrivateDnsEnabled"),
        "prefixListId": prefixes["PrefixListId"] if prefixes and gateway else None,
        "cidrBlocks": prefixes.get("Cidrs") if prefixes and gateway else None,
        "dnsEntries": [],
        "tags": tag_map(endpoint.get("Tags")),
    }


VPC_ENDPOINT = Row(
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    inputs=words("vpcId serviceName vpcEndpointType privateDnsEnabled policy tags") | _LISTS.keys(),
    create=_create_endpoint, read=_read_endpoint, update=_update_endpoint, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[id_]),
    replaces=words("vpcId serviceName vpcEndpointType"),
    limits=(limits.one_of("vpcEndpointType", "Gateway", "Interface", "GatewayLoadBalancer"),),
)  # fmt: skip

ROWS = (VPC, SUBNET, VPC_ENDPOINT)
