"""What AWS knows of a resource whose creation was interrupted: its id, by its mark in the tags or by its fixed name."""

import zlib
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from artifactory_estate.cloud.session import client

TAG = "artifactory-estate-resource"
"""Tag on every AWS resource that can carry one; written in the call that makes the resource."""

Inputs = Mapping[str, Any]
Where = tuple[str, str | None]
"""Region and role."""
Finder = Callable[[str, Inputs, Where], str | None]
_ALIVE = {"creating", "available", "updating"}


def mark_of(estate: str, stack: str, kind: str, name: str) -> str:
    """The tag's value: `acme/us-east/aws:ec2/vpc:Vpc/us-east-network`, within what AWS allows in a tag."""
    return f"{estate}/{stack}/{kind}/{name}"[-256:]


def find_id(kind: str, mark: str, inputs: Inputs, where: Where) -> str | None:
    """The id of the AWS resource of type `kind` that an interrupted creation left, or None when there is none.

    Types in `REPEATABLE` are not looked up.
    """
    finder = _FINDERS.get(kind)
    if finder is None:
        return None
    try:
        return finder(mark, inputs, where)
    except (ClientError, BotoCoreError, KeyError, IndexError):
        return None  # not there, or not to be had: the creation is tried again and says what is wrong


def _by_ec2_tag(call: str, many: str, key: str, alive: Callable[[Any], bool] = lambda _item: True) -> Finder:
    def find(mark: str, _inputs: Inputs, where: Where) -> str | None:
        ec2 = client("ec2", *where)
        found = getattr(ec2, call)(Filters=[{"Name": f"tag:{TAG}", "Values": [mark]}])[many]
        ours = (item for item in found if {"Key": TAG, "Value": mark} in item.get("Tags", ()))
        return next((str(item[key]) for item in ours if alive(item)), None)

    return find


def _route(_mark: str, inputs: Inputs, where: Where) -> str | None:
    table = inputs["routeTableId"]
    destination = inputs["destinationCidrBlock"]
    found = client("ec2", *where).describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    there = any(route.get("DestinationCidrBlock") == destination for route in found)
    return f"r-{table}{_route_hash(destination)}" if there else None


def _route_hash(destination: str) -> str:
    """As the AWS provider makes a route's id."""
    return str(zlib.crc32(destination.encode()))


def _route_table_association(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("ec2", *where).describe_route_tables(RouteTableIds=[inputs["routeTableId"]])["RouteTables"][0]
    return next(
        (
            item["RouteTableAssociationId"]
            for item in found["Associations"]
            if item.get("SubnetId") == inputs.get("subnetId")
        ),
        None,
    )


def _load_balancer(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_load_balancers(Names=[inputs["name"]])["LoadBalancers"]
    return str(found[0]["LoadBalancerArn"]) if found else None


def _target_group(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_target_groups(Names=[inputs["name"]])["TargetGroups"]
    return str(found[0]["TargetGroupArn"]) if found else None


def _listener(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_listeners(LoadBalancerArn=inputs["loadBalancerArn"])["Listeners"]
    return next((str(item["ListenerArn"]) for item in found if item["Port"] == int(inputs["port"])), None)


def _listener_rule(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("elbv2", *where).describe_rules(ListenerArn=inputs["listenerArn"])["Rules"]
    return next((str(rule["RuleArn"]) for rule in found if rule["Priority"] == str(int(inputs["priority"]))), None)


def _record(_mark: str, inputs: Inputs, where: Where) -> str | None:
    """A record carries no tags: one that leads where ours shall is ours."""
    name, zone, kind = str(inputs["name"]), str(inputs["zoneId"]), str(inputs["type"])
    set_identifier = inputs.get("setIdentifier")
    pages = client("route53", *where).get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    for record in (record for page in pages for record in page["ResourceRecordSets"]):
        same = (record["Name"].rstrip("."), record["Type"], record.get("SetIdentifier")) == (name, kind, set_identifier)
        leads_to = record.get("AliasTarget", {}).get("DNSName", "").rstrip(".").lower()
        aliases = inputs.get("aliases") or [{"name": ""}]
        if same and leads_to == str(aliases[0]["name"]).rstrip(".").lower():
            return "_".join([zone, name, kind, *([set_identifier] if set_identifier else [])])
    return None


def _certificate(mark: str, _inputs: Inputs, where: Where) -> str | None:
    acm = client("acm", *where)
    for page in acm.get_paginator("list_certificates").paginate():
        for listed in page["CertificateSummaryList"]:
            arn = str(listed["CertificateArn"])
            tags = acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]
            if {"Key": TAG, "Value": mark} in tags:
                return arn
    return None


def _health_check(mark: str, _inputs: Inputs, where: Where) -> str | None:
    route53 = client("route53", *where)
    for page in route53.get_paginator("list_health_checks").paginate():
        for check in page["HealthChecks"]:
            answer = route53.list_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"])
            if {"Key": TAG, "Value": mark} in answer["ResourceTagSet"]["Tags"]:
                return str(check["Id"])
    return None


def _key(mark: str, _inputs: Inputs, where: Where) -> str | None:
    """KMS finds no key by its tags: all of the region are looked at."""
    kms = client("kms", *where)
    for key in (key for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]):
        described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if described["KeyManager"] != "CUSTOMER" or described["KeyState"] == "PendingDeletion":
            continue
        if {"TagKey": TAG, "TagValue": mark} in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]:
            return str(key["KeyId"])
    return None


def _key_alias(_mark: str, inputs: Inputs, where: Where) -> str | None:
    pages = client("kms", *where).get_paginator("list_aliases").paginate()
    names = (alias["AliasName"] for page in pages for alias in page["Aliases"])
    return next((str(name) for name in names if name == inputs["name"]), None)


def _log_group(_mark: str, inputs: Inputs, where: Where) -> str | None:
    listed = client("logs", *where).describe_log_groups(logGroupNamePrefix=inputs["name"])["logGroups"]
    return next((str(group["logGroupName"]) for group in listed if group["logGroupName"] == inputs["name"]), None)


def _flow_log(mark: str, _inputs: Inputs, where: Where) -> str | None:
    found = client("ec2", *where).describe_flow_logs(Filter=[{"Name": f"tag:{TAG}", "Values": [mark]}])["FlowLogs"]
    return next((str(log["FlowLogId"]) for log in found), None)


def _topic(_mark: str, inputs: Inputs, where: Where) -> str | None:
    pages = client("sns", *where).get_paginator("list_topics").paginate()
    arns = (str(topic["TopicArn"]) for page in pages for topic in page["Topics"])
    return next((arn for arn in arns if arn.endswith(f":{inputs['name']}")), None)


def _file_system(mark: str, _inputs: Inputs, where: Where) -> str | None:
    pages = client("efs", *where).get_paginator("describe_file_systems").paginate()
    found = (
        system for page in pages for system in page["FileSystems"] if {"Key": TAG, "Value": mark} in system["Tags"]
    )
    return next((str(system["FileSystemId"]) for system in found if system["LifeCycleState"] in _ALIVE), None)


def _mount_target(_mark: str, inputs: Inputs, where: Where) -> str | None:
    """A subnet has one of a file system at most."""
    pages = client("efs", *where).get_paginator("describe_mount_targets").paginate(FileSystemId=inputs["fileSystemId"])
    found = (target for page in pages for target in page["MountTargets"] if target["SubnetId"] == inputs["subnetId"])
    return next((str(target["MountTargetId"]) for target in found if target["LifeCycleState"] in _ALIVE), None)


def _database(_mark: str, inputs: Inputs, where: Where) -> str | None:
    found = client("rds", *where).describe_db_instances(DBInstanceIdentifier=inputs["identifier"])["DBInstances"]
    return next((str(instance["DbiResourceId"]) for instance in found), None)


def _named(
    service: str,
    call: str,
    argument: str,
    property_: str,
    *,
    listed: str = "",
    wrap: Callable[[str], Any] = lambda name: name,
) -> Finder:
    """The id is the name; the call fails, or its list `listed` is empty, when there is no such thing."""

    def find(_mark: str, inputs: Inputs, where: Where) -> str | None:
        name = str(inputs[property_])
        answer = getattr(client(service, *where), call)(**{argument: wrap(name)})
        return name if not listed or answer[listed] else None

    return find


def _living(item: Any) -> bool:
    return str(item.get("State", "available")).lower() not in {"deleted", "deleting"}


_FINDERS: dict[str, Finder] = {
    "aws:ec2/vpc:Vpc": _by_ec2_tag("describe_vpcs", "Vpcs", "VpcId"),
    "aws:ec2/subnet:Subnet": _by_ec2_tag("describe_subnets", "Subnets", "SubnetId"),
    "aws:ec2/routeTable:RouteTable": _by_ec2_tag("describe_route_tables", "RouteTables", "RouteTableId"),
    "aws:ec2/internetGateway:InternetGateway": _by_ec2_tag(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
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
    "aws:ec2/launchTemplate:LaunchTemplate": _by_ec2_tag(
        "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"
    ),
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:lb/listener:Listener": _listener,
    "aws:lb/listenerRule:ListenerRule": _listener_rule,
    "aws:acm/certificate:Certificate": _certificate,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/record:Record": _record,
    "aws:autoscaling/group:Group": _named(
        "autoscaling",
        "describe_auto_scaling_groups",
        "AutoScalingGroupNames",
        "name",
        listed="AutoScalingGroups",
        wrap=lambda name: [name],
    ),
    "aws:efs/fileSystem:FileSystem": _file_system,
    "aws:efs/mountTarget:MountTarget": _mount_target,
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _key_alias,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:ec2/flowLog:FlowLog": _flow_log,
    "aws:sns/topic:Topic": _topic,
    "aws:rds/instance:Instance": _database,
    "aws:rds/subnetGroup:SubnetGroup": _named("rds", "describe_db_subnet_groups", "DBSubnetGroupName", "name"),
    "aws:rds/parameterGroup:ParameterGroup": _named(
        "rds", "describe_db_parameter_groups", "DBParameterGroupName", "name"
    ),
    "aws:rds/optionGroup:OptionGroup": _named("rds", "describe_option_groups", "OptionGroupName", "name"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _named(
        "rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroupName", "name"
    ),
    "aws:rds/cluster:Cluster": _named("rds", "describe_db_clusters", "DBClusterIdentifier", "clusterIdentifier"),
    "aws:rds/clusterInstance:ClusterInstance": _named(
        "rds", "describe_db_instances", "DBInstanceIdentifier", "identifier"
    ),
    "aws:s3/bucket:Bucket": _named("s3", "head_bucket", "Bucket", "bucket"),
    "aws:iam/role:Role": _named("iam", "get_role", "RoleName", "name"),
    "aws:iam/instanceProfile:InstanceProfile": _named("iam", "get_instance_profile", "InstanceProfileName", "name"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _named(
        "cloudwatch", "describe_alarms", "AlarmNames", "name", listed="MetricAlarms", wrap=lambda name: [name]
    ),
}

FOUND = frozenset(_FINDERS)
"""Types that an interrupted creation is looked up for."""
REPEATABLE = frozenset(
    {
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:efs/fileSystemPolicy:FileSystemPolicy",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:sns/topicSubscription:TopicSubscription",
    }
)
"""Types whose creation puts a setting in its place, and may simply be repeated."""
