"""RouteTable, Route and RouteTableAssociation; and what routes lead to: InternetGateway, Eip, NatGateway."""

import zlib
from collections.abc import Set
from functools import partial
from typing import Any

from artifactory_sandbox.aws_plugin import limits
from artifactory_sandbox.aws_plugin.rows import Call, Row, fields, ignore_gone, tag_map, words
from artifactory_sandbox.aws_plugin.services._ec2 import describe, tag, tagged
from artifactory_sandbox.aws_plugin.wire import Props

# RouteTable, Route, RouteTableAssociation -------------------------------------------------------------------------------

_TARGETS = fields(
    "gatewayId natGatewayId vpcEndpointId transitGatewayId vpcPeeringConnectionId networkInterfaceId egressOnlyGatewayId",
    egressOnlyGatewayId="EgressOnlyInternetGatewayId",
)
_DESTINATIONS = fields(
    "destinationCidrBlock destinationPrefixListId", destinationIpv6CidrBlock="DestinationIpv6CidrBlock"
)
_INLINE = {"cidrBlock": "destinationCidrBlock", "ipv6CidrBlock": "destinationIpv6CidrBlock"}


def _create_table(call: Call, props: Props) -> str:
    answer = call.aws("ec2").create_route_table(VpcId=props["vpcId"], **tagged("route-table", props))
    return str(answer["RouteTable"]["RouteTableId"])


def _inline_routes(props: Props) -> list[dict[str, Any]]:
    """The `routes` of a table as requests of `create_route`."""
    routes = [{_INLINE.get(key, key): value for key, value in route.items()} for route in props.get("routes") or []]
    return [_TARGETS.request(route) | _DESTINATIONS.request(route) for route in routes]


def _finish_table(call: Call, id_: str, props: Props) -> None:
    for route in _inline_routes(props):
        call.aws("ec2").create_route(RouteTableId=id_, **route)


def _update_table(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "routes" not in changed:
        return
    for route in _inline_routes(olds):
        destination = {key: value for key, value in route.items() if key.startswith("Destination")}
        ignore_gone(partial(call.aws("ec2").delete_route, RouteTableId=id_, **destination))
    _finish_table(call, id_, news)


def _read_table(call: Call, id_: str, props: Props) -> Props | None:
    table = describe(call, "route_tables", "RouteTables", RouteTableIds=[id_])
    if table is None:
        return None
    found = fields("vpcId ownerId").answer(table) | {
        "arn": call.arn("ec2", f"route-table/{id_}"),
        "tags": tag_map(table.get("Tags")),
    }
    if props.get("routes"):  # only when declared here: routes of their own type are not this resource's
        found["routes"] = [_inline_answer(route) for route in table["Routes"] if route.get("GatewayId") != "local"]
    return found


def _inline_answer(route: dict[str, Any]) -> Props:
    answer = _TARGETS.answer(route) | _DESTINATIONS.answer(route)
    back = {long: short for short, long in _INLINE.items()}
    return {back.get(key, key): value for key, value in answer.items()}


ROUTE_TABLE = Row(
    "aws:ec2/routeTable:RouteTable",
    inputs=words("vpcId routes tags"),
    create=_create_table, finish=_finish_table, read=_read_table, update=_update_table, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_route_table(RouteTableId=id_),
    replaces=words("vpcId"),
)  # fmt: skip


def _create_route(call: Call, props: Props) -> str:
    request, table = _DESTINATIONS.request(props), props["routeTableId"]
    call.aws("ec2").create_route(RouteTableId=table, **request, **_TARGETS.request(props))
    return f"r-{table}{zlib.crc32(next(iter(request.values())).encode())}"


def _update_route(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    call.aws("ec2").replace_route(
        RouteTableId=news["routeTableId"], **_DESTINATIONS.request(news), **_TARGETS.request(news)
    )


def _read_route(call: Call, id_: str, props: Props) -> Props | None:
    table_id, _, destination = id_.partition("_")  # an import names table and destination
    if not destination:
        table_id, destination = props["routeTableId"], next(iter(_DESTINATIONS.request(props).values()))
    table = describe(call, "route_tables", "RouteTables", RouteTableIds=[table_id])
    for route in table["Routes"] if table else []:
        answer = _DESTINATIONS.answer(route)
        if destination in answer.values():
            state = fields("state origin").answer(route)
            return answer | _TARGETS.answer(route) | state | {"routeTableId": table_id}
    return None


def _delete_route(call: Call, id_: str, props: Props) -> None:
    call.aws("ec2").delete_route(RouteTableId=props["routeTableId"], **_DESTINATIONS.request(props))


ROUTE = Row(
    "aws:ec2/route:Route",
    inputs=words("routeTableId") | _DESTINATIONS.names | _TARGETS.names,
    create=_create_route, read=_read_route, update=_update_route, delete=_delete_route,
    replaces=words("routeTableId") | _DESTINATIONS.names,
    limits=(limits.needs_one(*sorted(_DESTINATIONS.names)), limits.needs_one(*sorted(_TARGETS.names))),
)  # fmt: skip


def _associate(call: Call, props: Props) -> str:
    request = fields("routeTableId subnetId gatewayId").request(props)
    return str(call.aws("ec2").associate_route_table(**request)["AssociationId"])


def _read_association(call: Call, id_: str, props: Props) -> Props | None:
    by = {"Name": "association.route-table-association-id", "Values": [id_]}
    if "/" in id_:  # an import names subnet and table
        by = {"Name": "association.subnet-id", "Values": [id_.partition("/")[0]]}
    table = describe(call, "route_tables", "RouteTables", Filters=[by])
    for association in table["Associations"] if table else []:
        if id_ == association["RouteTableAssociationId"] or id_.startswith(f"{association.get('SubnetId')}/"):
            answer = fields("routeTableId subnetId gatewayId", id="RouteTableAssociationId").answer(association)
            return answer
    return None


ROUTE_TABLE_ASSOCIATION = Row(
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    inputs=words("routeTableId subnetId gatewayId"),
    create=_associate, read=_read_association,
    delete=lambda call, id_, props: call.aws("ec2").disassociate_route_table(AssociationId=id_),
    replaces=words("routeTableId subnetId gatewayId"),
    limits=(limits.needs_one("subnetId", "gatewayId"), limits.not_both("subnetId", "gatewayId")),
)  # fmt: skip

# InternetGateway, Eip, NatGateway -------------------------------------------------------------------------------------


def _create_gateway(call: Call, props: Props) -> str:
    answer = call.aws("ec2").create_internet_gateway(**tagged("internet-gateway", props))
    return str(answer["InternetGateway"]["InternetGatewayId"])


def _attach_gateway(call: Call, id_: str, props: Props) -> None:
    if vpc := props.get("vpcId"):
        call.aws("ec2").attach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)


def _update_gateway(call: Call, id_: str, olds: Props, news: Props, changed: Set[str]) -> None:
    if "vpcId" in changed:
        _detach_gateway(call, id_)
        _attach_gateway(call, id_, news)


def _detach_gateway(call: Call, id_: str) -> None:
    gateway = describe(call, "internet_gateways", "InternetGateways", InternetGatewayIds=[id_])
    for attachment in gateway["Attachments"] if gateway else []:
        call.aws("ec2").detach_internet_gateway(InternetGatewayId=id_, VpcId=attachment["VpcId"])


def _read_gateway(call: Call, id_: str, props: Props) -> Props | None:
    gateway = describe(call, "internet_gateways", "InternetGateways", InternetGatewayIds=[id_])
    if gateway is None:
        return None
    attachments = gateway.get("Attachments") or [{}]
    return {
        "arn": call.arn("ec2", f"internet-gateway/{id_}"),
        "ownerId": gateway.get("OwnerId") or call.account,
        "vpcId": attachments[0].get("VpcId"),
        "tags": tag_map(gateway.get("Tags")),
    }


def _delete_gateway(call: Call, id_: str, props: Props) -> None:
    _detach_gateway(call, id_)
    call.aws("ec2").delete_internet_gateway(InternetGatewayId=id_)


INTERNET_GATEWAY = Row(
    "aws:ec2/internetGateway:InternetGateway",
    inputs=words("vpcId tags"),
    create=_create_gateway, finish=_attach_gateway, read=_read_gateway, update=_update_gateway, tag=tag,
    delete=_delete_gateway,
)  # fmt: skip


def _create_address(call: Call, props: Props) -> str:
    domain = props.get("domain") or "vpc"
    return str(call.aws("ec2").allocate_address(Domain=domain, **tagged("elastic-ip", props))["AllocationId"])


def _read_address(call: Call, id_: str, props: Props) -> Props | None:
    address = describe(call, "addresses", "Addresses", AllocationIds=[id_])
    if address is None:
        return None
    found = fields("allocationId domain publicIp").answer(address)
    dashed = str(address.get("PublicIp")).replace(".", "-")
    return found | {
        "arn": call.arn("ec2", f"elastic-ip/{id_}"),
        "publicDns": f"ec2-{dashed}.{call.region}.compute.amazonaws.com",
        "networkBorderGroup": call.region,
        "publicIpv4Pool": "amazon",
        "tags": tag_map(address.get("Tags")),
    }


EIP = Row(
    "aws:ec2/eip:Eip",
    inputs=words("domain tags"),
    create=_create_address, read=_read_address, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").release_address(AllocationId=id_),
    replaces=words("domain"),
)  # fmt: skip


def _create_nat(call: Call, props: Props) -> str:
    request = fields("subnetId allocationId connectivityType").request(props)
    return str(
        call.aws("ec2").create_nat_gateway(**request, **tagged("natgateway", props))["NatGateway"]["NatGatewayId"]
    )


def _read_nat(call: Call, id_: str, props: Props) -> Props | None:
    nat = describe(call, "nat_gateways", "NatGateways", NatGatewayIds=[id_])
    if nat is None or nat["State"] in {"deleted", "deleting", "failed"}:
        return None
    address = (nat.get("NatGatewayAddresses") or [{}])[0]
    answer = fields("allocationId associationId networkInterfaceId publicIp privateIp", associationId="AssociationId")
    connectivity = nat.get("ConnectivityType") or props.get("connectivityType") or "public"
    return answer.answer(address) | {
        "subnetId": nat["SubnetId"],
        "connectivityType": connectivity,
        "tags": tag_map(nat.get("Tags")),
    }


NAT_GATEWAY = Row(
    "aws:ec2/natGateway:NatGateway",
    inputs=words("subnetId allocationId connectivityType tags"),
    create=_create_nat, read=_read_nat, tag=tag,
    delete=lambda call, id_, props: call.aws("ec2").delete_nat_gateway(NatGatewayId=id_),
    replaces=words("subnetId allocationId connectivityType"),
)  # fmt: skip

ROWS = (ROUTE_TABLE, ROUTE, ROUTE_TABLE_ASSOCIATION, INTERNET_GATEWAY, EIP, NAT_GATEWAY)
