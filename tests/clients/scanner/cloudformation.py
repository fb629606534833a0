"""Registered AWS resources as a CloudFormation template: the form in which scanners know thousands of rules.

One row a type. Settings that are resources of their own in Pulumi are merged into what they are settings of. A type that
is not in the table raises `Untranslated`, so nothing escapes the scanner by being new.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.recording import Registered

Properties = dict[str, Any]


class Untranslated(Exception):
    """A type without a row."""


@dataclass(frozen=True)
class Row:
    """How a type is called there. Other properties keep their name with a large first letter."""

    type: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Pulumi's name to CloudFormation's; empty: left out, since there it is another resource's or the tool's own."""
    shape: Callable[[Properties], Properties] = lambda properties: properties
    """What else has to change, on the renamed properties."""
    texts: frozenset[str] = frozenset()
    """Properties that are JSON texts here and structures there; one that a preview does not know yet stays a text."""


def template(resources: Iterable[Registered]) -> dict[str, Any]:
    """The whole template of all `aws:` resources. Raises `Untranslated`."""
    registered = [resource for resource in resources if resource.type.startswith("aws:")]
    if unknown := sorted({one.type for one in registered} - _ROWS.keys() - _SETTINGS.keys()):
        raise Untranslated(", ".join(unknown))
    known = {one.name: _logical(one.name) for one in registered if one.type in _ROWS}
    named = {(one.type, str(one.inputs.get("name"))): _logical(one.name) for one in registered}
    found = {
        _logical(one.name): _resource(_ROWS[one.type], one, known, named) for one in registered if one.type in _ROWS
    }
    for one in registered:
        if one.type in _SETTINGS:
            found[_logical(_owner(one, registered))]["Properties"] |= _SETTINGS[one.type](
                _linked(dict(one.inputs), known)
            )
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": found}


def _logical(name: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))


def _resource(row: Row, one: Registered, known: Mapping[str, str], named: Mapping[Any, str]) -> dict[str, Any]:
    properties: Properties = {}
    for key, value in one.inputs.items():
        name = row.names.get(key, key[:1].upper() + key[1:])
        if not name or key == "region":
            continue
        plain = json.loads(value) if key in row.texts and str(value).startswith("{") else value
        if key == "tags" and isinstance(value, Mapping):
            properties[name] = [{"Key": tag, "Value": text} for tag, text in value.items()]
        elif key == "parameterGroupName" and ("aws:rds/parameterGroup:ParameterGroup", value) in named:
            properties[name] = {"Ref": named["aws:rds/parameterGroup:ParameterGroup", value]}
        else:
            properties[name] = _linked(plain if key in row.texts else _pascal(plain), known)
    return {"Type": row.type, "Properties": row.shape(properties)}


def _pascal(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: _pascal(item) for key, item in value.items()}
    return [_pascal(item) for item in value] if isinstance(value, list) else value


def _linked(value: Any, known: Mapping[str, str]) -> Any:
    """Ids and ARNs of other resources of the template as references to them; the engine's numbers as they were."""
    if isinstance(value, Mapping):
        return {key: _linked(item, known) for key, item in value.items()}
    if isinstance(value, list):
        return [_linked(item, known) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        if value.endswith("-id") and value[:-3] in known:
            return {"Ref": known[value[:-3]]}
        if value.startswith("arn:mock:") and value[9:] in known:
            return {"Fn::GetAtt": [known[value[9:]], "Arn"]}
    return value


def _owner(setting: Registered, registered: list[Registered]) -> str:
    """Name of the bucket or file system that a setting is of."""
    wanted = setting.inputs.get("bucket") or setting.inputs["fileSystemId"]
    return next(
        one.name
        for one in registered
        if one.type in {"aws:s3/bucket:Bucket", "aws:efs/fileSystem:FileSystem"}
        and wanted in {one.inputs.get("bucket"), f"{one.name}-id"}
    )


# Shapes ---------------------------------------------------------------------------------------------------------------


def _template_data(properties: Properties) -> Properties:
    """A launch template's own settings and, below, those of its instances."""
    own = ("LaunchTemplateName", "TagSpecifications")
    data = {key: value for key, value in properties.items() if key not in (*own, "Tags")}
    ebs = [mapping["Ebs"] for mapping in data["BlockDeviceMappings"]]
    for each in ebs:
        each["Encrypted"] = each["Encrypted"] == "true"
    data["TagSpecifications"] = [
        {**one, "Tags": [{"Key": key, "Value": value} for key, value in one["Tags"].items()]}
        for one in properties["TagSpecifications"]
    ]
    return {"LaunchTemplateName": properties["LaunchTemplateName"], "LaunchTemplateData": data}


def _attributes(*names: str) -> Callable[[Properties], Properties]:
    """Settings of a load balancer or target group that stand in a list there: `key=attribute`."""
    pairs = dict(name.split("=") for name in names)

    def shape(properties: Properties) -> Properties:
        listed = "TargetGroupAttributes" if "HealthCheck" in properties else "LoadBalancerAttributes"
        found = [
            {"Key": attribute, "Value": str(properties.pop(key)).lower()}
            for key, attribute in pairs.items()
            if properties.get(key) is not None
        ]
        if logs := properties.pop("AccessLogs", None):
            found += [
                {"Key": f"access_logs.s3.{key.lower()}", "Value": str(value).lower()} for key, value in logs.items()
            ]
        for check, value in (properties.pop("HealthCheck", None) or {}).items():
            properties[_HEALTH.get(check, f"HealthCheck{check}")] = {"HttpCode": value} if check == "Matcher" else value
        return {**properties, listed: found}

    return shape


_HEALTH = {
    "Matcher": "Matcher", "HealthyThreshold": "HealthyThresholdCount", "UnhealthyThreshold": "UnhealthyThresholdCount",
    "Interval": "HealthCheckIntervalSeconds", "Timeout": "HealthCheckTimeoutSeconds",
}  # fmt: skip


def _listener(properties: Properties) -> Properties:
    certificate = properties.pop("CertificateArn", None)
    return properties | ({"Certificates": [{"CertificateArn": certificate}]} if certificate else {})


def _policy(properties: Properties) -> Properties:
    return {**properties, "Roles": [properties.pop("Role")]}


def _parameters(properties: Properties) -> Properties:
    return {**properties, "Parameters": {each["Name"]: each["Value"] for each in properties["Parameters"]}}


def _flow_log(properties: Properties) -> Properties:
    return {**properties, "ResourceType": "VPC", "ResourceId": properties.pop("VpcId")}


def _dimensions(properties: Properties) -> Properties:
    where = [{"Name": name, "Value": value} for name, value in (properties.pop("Dimensions", None) or {}).items()]
    return {**properties, "Dimensions": where}


def _group(properties: Properties) -> Properties:
    tags = properties.get("Tags") or []
    template_ = properties["LaunchTemplate"]
    return {
        **properties,
        "LaunchTemplate": {"LaunchTemplateId": template_["Id"], "Version": template_["Version"]},
        "Tags": [{"Key": tag["Key"], "Value": tag["Value"], "PropagateAtLaunch": False} for tag in tags],
    }


def _alias(properties: Properties) -> Properties:
    aliases = properties.pop("Aliases", None) or []
    target = {"AliasTarget": {"DNSName": aliases[0]["Name"], "HostedZoneId": aliases[0]["ZoneId"]}} if aliases else {}
    return properties | target


def _transformation(properties: Properties) -> Properties:
    counted = properties.pop("MetricTransformation")
    each = {"MetricNamespace": counted["Namespace"], "MetricName": counted["Name"], "MetricValue": counted["Value"]}
    return {**properties, "MetricTransformations": [each]}


def _closed(properties: Properties) -> Properties:
    """There is no such type there: a group of the same rules."""
    return {**properties, "GroupDescription": "default VPC security group"}


_RULE = {"securityGroupId": "GroupId", "cidrIpv4": "CidrIp", "tags": ""}
_ROWS = {
    "aws:acm/certificate:Certificate": Row("AWS::CertificateManager::Certificate", {"options": ""}),
    "aws:acm/certificateValidation:CertificateValidation": Row("AWS::CloudFormation::WaitConditionHandle", {
        "certificateArn": "", "validationRecordFqdns": ""}),
    "aws:autoscaling/group:Group": Row(
        "AWS::AutoScaling::AutoScalingGroup",
        {
            "name": "AutoScalingGroupName", "vpcZoneIdentifiers": "VPCZoneIdentifier", "targetGroupArns": "TargetGroupARNs",
            "instanceRefresh": "", "waitForCapacityTimeout": "", "forceDelete": "", "enabledMetrics": "",
            "suspendedProcesses": "",
        },
        _group,
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row("AWS::CloudWatch::Dashboard"),
    "aws:cloudwatch/logGroup:LogGroup": Row("AWS::Logs::LogGroup", {"name": "LogGroupName"}),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        "AWS::Logs::MetricFilter", {"name": "FilterName", "pattern": "FilterPattern"}, _transformation
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        "AWS::CloudWatch::Alarm",
        {
            "name": "AlarmName", "okActions": "OKActions",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        },
        _dimensions,
    ),
    "aws:ebs/volume:Volume": Row("AWS::EC2::Volume", {"type": "VolumeType"}),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Row("AWS::EC2::SecurityGroup", {
        "ingress": "SecurityGroupIngress", "egress": "SecurityGroupEgress"}, _closed),
    "aws:ec2/eip:Eip": Row("AWS::EC2::EIP"),
    "aws:ec2/flowLog:FlowLog": Row("AWS::EC2::FlowLog", {"iamRoleArn": "DeliverLogsPermissionArn"}, _flow_log),
    "aws:ec2/internetGateway:InternetGateway": Row("AWS::EC2::InternetGateway", {"vpcId": ""}),
    "aws:ec2/launchTemplate:LaunchTemplate": Row(
        "AWS::EC2::LaunchTemplate",
        {"name": "LaunchTemplateName", "vpcSecurityGroupIds": "SecurityGroupIds", "updateDefaultVersion": ""},
        _template_data,
    ),
    "aws:ec2/natGateway:NatGateway": Row("AWS::EC2::NatGateway"),
    "aws:ec2/route:Route": Row("AWS::EC2::Route"),
    "aws:ec2/routeTable:RouteTable": Row("AWS::EC2::RouteTable"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row("AWS::EC2::SubnetRouteTableAssociation"),
    "aws:ec2/securityGroup:SecurityGroup": Row(
        "AWS::EC2::SecurityGroup",
        {"name": "GroupName", "description": "GroupDescription", "ingress": "SecurityGroupIngress", "egress": "SecurityGroupEgress"},
    ),
    "aws:ec2/subnet:Subnet": Row("AWS::EC2::Subnet"),
    "aws:ec2/vpc:Vpc": Row("AWS::EC2::VPC"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row("AWS::EC2::VPCEndpoint", {"policy": "PolicyDocument"}, texts=frozenset({"policy"})),
    "aws:efs/backupPolicy:BackupPolicy": Row("AWS::EFS::FileSystem"),
    "aws:efs/fileSystem:FileSystem": Row("AWS::EFS::FileSystem", {"tags": "FileSystemTags", "creationToken": ""}),
    "aws:efs/mountTarget:MountTarget": Row("AWS::EFS::MountTarget"),
    "aws:iam/instanceProfile:InstanceProfile": Row("AWS::IAM::InstanceProfile", {
        "name": "InstanceProfileName", "role": "Roles", "tags": ""}, lambda found: {**found, "Roles": [found["Roles"]]}),
    "aws:iam/role:Role": Row(
        "AWS::IAM::Role",
        {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        texts=frozenset({"assumeRolePolicy"}),
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        "AWS::IAM::Policy", {"name": "PolicyName", "policy": "PolicyDocument"}, _policy, frozenset({"policy"})
    ),
    "aws:kms/alias:Alias": Row("AWS::KMS::Alias", {"name": "AliasName"}),
    "aws:kms/key:Key": Row(
        "AWS::KMS::Key",
        {"policy": "KeyPolicy", "deletionWindowInDays": "PendingWindowInDays"},
        texts=frozenset({"policy"}),
    ),
    "aws:lb/listener:Listener": Row("AWS::ElasticLoadBalancingV2::Listener", {"tags": ""}, _listener),
    "aws:lb/listenerRule:ListenerRule": Row("AWS::ElasticLoadBalancingV2::ListenerRule", {"tags": ""}),
    "aws:lb/loadBalancer:LoadBalancer": Row(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {"loadBalancerType": "Type"},
        _attributes(
            "EnableDeletionProtection=deletion_protection.enabled",
            "DropInvalidHeaderFields=routing.http.drop_invalid_header_fields.enabled",
            "IdleTimeout=idle_timeout.timeout_seconds",
            "EnableCrossZoneLoadBalancing=load_balancing.cross_zone.enabled",
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        "AWS::ElasticLoadBalancingV2::TargetGroup", {}, _attributes("DeregistrationDelay=deregistration_delay.timeout_seconds")
    ),
    "aws:rds/cluster:Cluster": Row("AWS::RDS::DBCluster", {"clusterIdentifier": "DBClusterIdentifier"}),
    "aws:rds/clusterInstance:ClusterInstance": Row("AWS::RDS::DBInstance", {"identifier": "DBInstanceIdentifier"}),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Row("AWS::RDS::DBClusterParameterGroup", {"name": ""}, _parameters),
    "aws:rds/instance:Instance": Row(
        "AWS::RDS::DBInstance",
        {
            "identifier": "DBInstanceIdentifier", "username": "MasterUsername", "instanceClass": "DBInstanceClass",
            "multiAz": "MultiAZ", "dbSubnetGroupName": "DBSubnetGroupName", "parameterGroupName": "DBParameterGroupName",
            "optionGroupName": "OptionGroupName", "vpcSecurityGroupIds": "VPCSecurityGroups", "dbName": "DBName",
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports", "skipFinalSnapshot": "",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "finalSnapshotIdentifier": "", "masterUserSecretKmsKeyId": "", "applyImmediately": "",
        },
    ),
    "aws:rds/optionGroup:OptionGroup": Row("AWS::RDS::OptionGroup"),
    "aws:rds/parameterGroup:ParameterGroup": Row("AWS::RDS::DBParameterGroup", {"name": "DBParameterGroupName"}, _parameters),
    "aws:rds/subnetGroup:SubnetGroup": Row("AWS::RDS::DBSubnetGroup", {"name": "DBSubnetGroupName"}),
    "aws:route53/record:Record": Row("AWS::Route53::RecordSet", {"zoneId": "HostedZoneId"}, _alias),
    "aws:s3/bucket:Bucket": Row("AWS::S3::Bucket", {"bucket": "BucketName", "forceDestroy": ""}),
    "aws:s3/bucketPolicy:BucketPolicy": Row("AWS::S3::BucketPolicy", {"policy": "PolicyDocument"}, texts=frozenset({"policy"})),
    "aws:secretsmanager/secret:Secret": Row("AWS::SecretsManager::Secret"),
    "aws:sns/topic:Topic": Row("AWS::SNS::Topic", {"name": "TopicName", "policy": ""}),
    "aws:sns/topicSubscription:TopicSubscription": Row("AWS::SNS::Subscription", {"topic": "TopicArn"}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Row(
        "AWS::EC2::SecurityGroupEgress", {**_RULE, "referencedSecurityGroupId": "DestinationSecurityGroupId"}
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Row(
        "AWS::EC2::SecurityGroupIngress", {**_RULE, "referencedSecurityGroupId": "SourceSecurityGroupId"}
    ),
}  # fmt: skip


def _encryption(inputs: Properties) -> Properties:
    rules = []
    for rule in inputs["rules"]:
        default = rule["applyServerSideEncryptionByDefault"]
        by = {"SSEAlgorithm": default["sseAlgorithm"], "KMSMasterKeyID": default.get("kmsMasterKeyId")}
        rules.append({"ServerSideEncryptionByDefault": {key: value for key, value in by.items() if value}})
        if rule.get("bucketKeyEnabled"):
            rules[-1]["BucketKeyEnabled"] = True
    return {"BucketEncryption": {"ServerSideEncryptionConfiguration": rules}}


_SETTINGS: dict[str, Callable[[Properties], Properties]] = {
    "aws:efs/fileSystemPolicy:FileSystemPolicy": lambda inputs: {"FileSystemPolicy": json.loads(inputs["policy"])},
    "aws:s3/bucketVersioning:BucketVersioning": lambda inputs: {
        "VersioningConfiguration": _pascal(inputs["versioningConfiguration"])
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": lambda inputs: {
        "PublicAccessBlockConfiguration": {
            key[:1].upper() + key[1:]: on for key, on in inputs.items() if key != "bucket"
        }
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": lambda inputs: {
        "OwnershipControls": {"Rules": [_pascal(inputs["rule"])]}
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lambda inputs: {
        "LifecycleConfiguration": {"Rules": _pascal(inputs["rules"])}
    },
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": lambda inputs: {
        "ReplicationConfiguration": {"Role": inputs["role"], "Rules": _pascal(inputs["rules"])}
    },
    "aws:s3/bucketLogging:BucketLogging": lambda inputs: {
        "LoggingConfiguration": {
            "DestinationBucketName": inputs["targetBucket"],
            "LogFilePrefix": inputs["targetPrefix"],
        }
    },
}
"""Settings that CloudFormation has in the bucket itself."""
