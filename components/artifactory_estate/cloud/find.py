"""What AWS knows of a resource whose creation was interrupted: its id, by the URN in its tags or by its fixed name."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.cloud.session import client

URN_TAG = "artifactory-estate-urn"
"""Tag on every AWS resource that can carry one; written in the call that makes the resource."""

Inputs = Mapping[str, Any]
Where = tuple[str, str | None]
"""Region and role."""


def find_id(kind: str, urn: str, inputs: Inputs, where: Where) -> str | None:
    """The id of the AWS resource of type `kind` that an interrupted creation left, or None when there is none.

    Types whose creation may simply be repeated (a bucket's settings, a role's policy, a record) are not looked up.
    """
    finder = _FINDERS.get(kind)
    if finder is None:
        return None
    try:
        return finder(urn, inputs, where)
    except (ClientError, BotoCoreError, KeyError, IndexError):
        return None  # not there, or not to be had: the creation is tried again and says what is wrong


def _by_ec2_tag(call: str, many: str, key: str, alive: Callable[[Any], bool] = lambda _item: True) -> Callable[[str, Inputs, Where], str | None]:
    def find(urn: str, _inputs: Inputs, where: Where) -> str | None:
        ec2 = client("ec2", *where)
        found = getattr(ec2, call)(Filters=[{"Name": f"tag:{URN_TAG}", "Values": [urn]}])[many]
        return next((str(item[key]) for item in found if alive(item)), None)

    return find


def _route(_urn: str, inputs: Inputs, where: Where) -> str | None:
    table = inputs["routeTableId"]
    destination = inputs["destinationCidrBlock"]
    found = client("ec2", *where).describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    there = any(route.get("DestinationCidrBlock") == destination for route in found)
    return f"r-{table}{_route_hash(destination)}" if there else None


def _route_hash(destination: str) -> str:
    import zlib

    return str(zlib.crc32(destination.encode()))


def _route_table_association(_urn: str, inputs: Inputs, where: Where) -> str | None:
    found = client("ec2", *where).describe_route_tables(RouteTableIds=[inputs["routeTableId"]])["RouteTables"][0]
    return next(
        (item["RouteTableAssociationId"] for item in found["Associations"] if item.get("SubnetId") == inputs.get("subnetId")), None
    )


def _load_balancer(_urn: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_load_balancers(Names=[inputs["name"]])["LoadBalancers"]
    return str(found[0]["LoadBalancerArn"]) if found else None


def _target_group(_urn: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_target_groups(Names=[inputs["name"]])["TargetGroups"]
    return str(found[0]["TargetGroupArn"]) if found else None


def _listener(_urn: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_listeners(LoadBalancerArn=inputs["loadBalancerArn"])["Listeners"]
    return next((str(item["ListenerArn"]) for item in found if item["Port"] == int(inputs["port"])), None)


def _kms_key(urn: str, _inputs: Inputs, where: Where) -> str | None:
    kms = client("kms", *where)
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            tags = kms.list_resource_tags(KeyId=key["KeyId"]).get("Tags", [])
            if {"TagKey": URN_TAG, "TagValue": urn} in tags:
                return str(key["KeyId"])
    return None


def _health_check(urn: str, _inputs: Inputs, where: Where) -> str | None:
    route53 = client("route53", *where)
    for page in route53.get_paginator("list_health_checks").paginate():
        for check in page["HealthChecks"]:
            answer = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"])
            if {"Key": URN_TAG, "Value": urn} in answer["ResourceTagSet"]["Tags"]:
                return str(check["Id"])
    return None


def _named(service: str, call: str, argument: str, property_: str, wrap: Callable[[str], Any] = lambda name: name) -> Callable[[str, Inputs, Where], str | None]:
    """The id is the name; the call fails, or returns nothing, when there is no such thing."""

    def find(_urn: str, inputs: Inputs, where: Where) -> str | None:
        name = str(inputs[property_])
        answer = getattr(client(service, *where), call)(**{argument: wrap(name)})
        empty = any(isinstance(value, list) and not value for key, value in answer.items() if key != "ResponseMetadata")
        return None if empty else name

    return find


def _living(item: Any) -> bool:
    return str(item.get("State", "available")).lower() not in {"deleted", "deleting"}


_FINDERS: dict[str, Callable[[str, Inputs, Where], str | None]] = {
    "aws:ec2/vpc:Vpc": _by_ec2_tag("describe_vpcs", "Vpcs", "VpcId"),
    "aws:ec2/subnet:Subnet": _by_ec2_tag("describe_subnets", "Subnets", "SubnetId"),
    "aws:ec2/routeTable:RouteTable": _by_ec2_tag("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws:ec2/internetGateway:InternetGateway": _by_ec2_tag("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    "aws:ec2/eip:Eip": _by_ec2_tag("describe_addresses", "Addresses", "AllocationId"),
    "aws:ec2/natGateway:NatGateway": _by_ec2_tag("describe_nat_gateways", "NatGateways", "NatGatewayId", _living),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _by_ec2_tag("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", _living),
    "aws:ec2/securityGroup:SecurityGroup": _by_ec2_tag("describe_security_groups", "SecurityGroups", "GroupId"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _by_ec2_tag(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _by_ec2_tag(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"
    ),
    "aws:ec2/launchTemplate:LaunchTemplate": _by_ec2_tag("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:lb/listener:Listener": _listener,
    "aws:kms/key:Key": _kms_key,
    "aws:kms/alias:Alias": lambda _urn, inputs, where: next(
        (str(inputs["name"]) for page in client("kms", *where).get_paginator("list_aliases").paginate() for alias in page["Aliases"] if alias["AliasName"] == inputs["name"]), None
    ),
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:autoscaling/group:Group": _named(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroupNames", "name", lambda name: [name]
    ),
    "aws:rds/instance:Instance": _named("rds", "describe_db_instances", "DBInstanceIdentifier", "identifier"),
    "aws:rds/subnetGroup:SubnetGroup": _named("rds", "describe_db_subnet_groups", "DBSubnetGroupName", "name"),
    "aws:rds/parameterGroup:ParameterGroup": _named("rds", "describe_db_parameter_groups", "DBParameterGroupName", "name"),
    "aws:s3/bucket:Bucket": _named("s3", "head_bucket", "Bucket", "bucket"),
    "aws:iam/role:Role": _named("iam", "get_role", "RoleName", "name"),
    "aws:iam/instanceProfile:InstanceProfile": _named("iam", "get_instance_profile", "InstanceProfileName", "name"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named("cloudwatch", "describe_alarms", "AlarmNames", "name", lambda name: [name]),
    "aws:cloudwatch/logGroup:LogGroup": _named("logs", "describe_log_groups", "logGroupNamePrefix", "name"),
}
