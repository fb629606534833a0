"""The type table against the installed SDK: every type and property that a row names exists, and the row is whole."""

import pytest

from artifactory_sandbox.aws_plugin import functions, sdk
from artifactory_sandbox.aws_plugin.rows import Row, words
from artifactory_sandbox.aws_plugin.services import row_of, table

ROWS = list(table().values())
NEEDED = words("""
ec2/vpc:Vpc ec2/subnet:Subnet ec2/routeTable:RouteTable ec2/route:Route ec2/routeTableAssociation:RouteTableAssociation
ec2/internetGateway:InternetGateway ec2/eip:Eip ec2/natGateway:NatGateway ec2/vpcEndpoint:VpcEndpoint
ec2/securityGroup:SecurityGroup ec2/launchTemplate:LaunchTemplate
vpc/securityGroupIngressRule:SecurityGroupIngressRule vpc/securityGroupEgressRule:SecurityGroupEgressRule
autoscaling/group:Group lb/loadBalancer:LoadBalancer lb/targetGroup:TargetGroup lb/listener:Listener
lb/listenerRule:ListenerRule acm/certificate:Certificate rds/subnetGroup:SubnetGroup
rds/parameterGroup:ParameterGroup rds/instance:Instance s3/bucket:Bucket s3/bucketVersioning:BucketVersioning
s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration
s3/bucketPublicAccessBlock:BucketPublicAccessBlock s3/bucketOwnershipControls:BucketOwnershipControls
s3/bucketPolicy:BucketPolicy s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration
s3/bucketReplicationConfig:BucketReplicationConfig s3/bucketObjectv2:BucketObjectv2 iam/role:Role iam/policy:Policy
iam/rolePolicy:RolePolicy iam/rolePolicyAttachment:RolePolicyAttachment iam/instanceProfile:InstanceProfile
kms/key:Key kms/alias:Alias secretsmanager/secret:Secret route53/zone:Zone route53/record:Record
route53/healthCheck:HealthCheck cloudwatch/metricAlarm:MetricAlarm cloudwatch/logGroup:LogGroup sns/topic:Topic
cloudwatch/dashboard:Dashboard cloudwatch/logMetricFilter:LogMetricFilter sns/topicSubscription:TopicSubscription
ec2/flowLog:FlowLog ec2/defaultSecurityGroup:DefaultSecurityGroup
ssm/parameter:Parameter efs/fileSystem:FileSystem efs/fileSystemPolicy:FileSystemPolicy efs/mountTarget:MountTarget
""")


@pytest.mark.parametrize("token", sorted(NEEDED))
def test_every_type_of_a_site_is_there(token: str) -> None:
    assert row_of(f"aws:{token}").token == f"aws:{token}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.token)
def test_every_name_of_a_row_is_one_of_the_sdk(row: Row) -> None:
    inputs, outputs = sdk.inputs(row.token).keys(), sdk.outputs(row.token).keys()
    assert row.inputs <= inputs
    assert row.replaces | row.local | row.defaults.keys() | row.undeclared.keys() <= row.inputs
    assert row.moves.keys() | row.secrets <= outputs
    assert all(causes <= row.inputs for causes in row.moves.values())
    if row.name:
        names = {row.name.property} | ({row.name.prefix} if row.name.prefix else set())
        assert names <= row.inputs
        assert names <= row.replaces or row.name.property == "identifier"  # RDS alone can rename


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.token)
def test_a_required_input_is_never_one_that_is_refused(row: Row) -> None:
    required = {name for name, field in sdk.inputs(row.token).items() if not field.optional}
    assert required <= row.inputs


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.token)
def test_tags_are_honoured_exactly_where_the_sdk_has_them(row: Row) -> None:
    taggable = "tagsAll" in sdk.outputs(row.token)
    assert (row.tag is not None) == taggable
    assert not taggable or "tags" in row.inputs


@pytest.mark.parametrize("row", [row for row in ROWS if row.update is None], ids=lambda row: row.token)
def test_without_an_update_every_input_replaces_or_is_the_providers_own(row: Row) -> None:
    assert row.inputs - {"tags"} == row.replaces | row.local


@pytest.mark.parametrize("token", functions.FUNCTIONS)
def test_every_function_is_one_of_the_sdk(token: str) -> None:
    assert sdk.has_function(token)


def test_an_unknown_type_is_told_from_one_that_is_not_implemented() -> None:
    with pytest.raises(sdk.NoSuchType, match=r"pulumi_aws .* has no resource type aws:ec2/vcp:Vcp"):
        row_of("aws:ec2/vcp:Vcp")
    with pytest.raises(sdk.NoSuchType, match="does not implement the resource type aws:sqs/queue:Queue"):
        row_of("aws:sqs/queue:Queue")
